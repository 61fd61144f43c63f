// SPDX-License-Identifier: Apache-2.0
// What calls on sockets touch: the port, and the open file, which parent and child may share.
#include <sys/socket.h>

#include "explore/dependence.h"

namespace lockproof {

// Who is refused has only looked.
void Dependence::follow_socket(const Step& step, Footprint& out) {
  const Call& call = step.call;
  const bool done = step.answer.outcome == Outcome::kDone && step.answer.result >= 0;
  if (call.op == Op::kSocket) {
    if (!done) return;
    Opened made{0, new_id(step.process), "", 0, false, {}};
    made.socket = true;
    opened_.push_back(std::move(made));
    return add_descriptor(step.process, static_cast<int>(step.answer.result), opened_.size() - 1,
                          (call.flags & SOCK_CLOEXEC) != 0);
  }
  Opened* const file = opened(step.process, call.fd);
  if (file == nullptr || !file->socket) return;
  if (done) {
    out.writes(Cell::kOffset, file->id);
  } else {
    out.reads(Cell::kOffset, file->id);
  }
  if (call.op == Op::kReuseAddress) return;
  if (call.op == Op::kBind && done) file->port = static_cast<std::uint64_t>(call.size);
  const bool names_port = call.op == Op::kBind || call.op == Op::kConnect;
  const std::uint64_t port = names_port ? static_cast<std::uint64_t>(call.size) : file->port;
  if (done) {
    out.writes(Cell::kPort, port);
  } else {
    out.reads(Cell::kPort, port);
  }
}

}  // namespace lockproof
