// SPDX-License-Identifier: Apache-2.0
// tcp(7), ip(7) on 127.0.0.1: bind(2), listen(2), and connect(2) as a question whether somebody
// listens. Nobody accepts, so no port waits out a connection (TIME_WAIT): it is free at the last
// close.
#include <sys/socket.h>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

// Ports from 32768 on may be taken by whoever connects (ip_local_port_range), others by the host.
constexpr std::int64_t kFirstPort = 1024;
constexpr std::int64_t kEndOfPorts = 32768;
constexpr int kMostBacklog = 100;

// The open file of a socket, or why not.
struct Target {
  Answer answer;
  OpenFile* file = nullptr;
};

Target socket_behind(const Context& context, std::int32_t fd) {
  OpenFile* const file = open_file(context, fd);
  if (file == nullptr || file->path) return {fail(EBADF)};
  if (!is_socket(file->kind)) return {fail(ENOTSOCK)};
  return {done(0), file};
}

bool is_modelled_port(std::int64_t port) { return port >= kFirstPort && port < kEndOfPorts; }

// socket(7), SO_REUSEADDR: two of them share a port if both say so and the other does not listen.
bool is_taken(const Context& context, const OpenFile& self, std::uint16_t port) {
  for (const OpenFile& other : context.kernel.open_files) {
    if (&other == &self || !has_port(other) || other.offset != port) continue;
    const bool shared = other.kind == Kind::kSocket && self.object != 0 && other.object != 0;
    if (!shared) return true;
  }
  return false;
}

OpenFile* listener_at(const Context& context, std::uint16_t port) {
  for (OpenFile& file : context.kernel.open_files) {
    if (file.kind == Kind::kListener && file.offset == port) return &file;
  }
  return nullptr;
}

}  // namespace

Answer socket(const Context& context, const Call& call) {
  if ((call.flags & ~SOCK_CLOEXEC) != 0) return refuse(Refusal::kSocket);
  static_assert(SOCK_CLOEXEC == O_CLOEXEC);
  return install_new(context, Kind::kSocket, 0, O_RDWR | call.flags);
}

// Said after bind, it depends on how the others were bound: not modelled.
Answer reuse_address(const Context& context, const Call& call) {
  const Target target = socket_behind(context, call.fd);
  if (target.file == nullptr) return target.answer;
  const bool fresh = target.file->kind == Kind::kSocket && target.file->offset == 0;
  if (!fresh) return refuse(Refusal::kSocket);
  target.file->object = call.flags != 0;
  return done(0);
}

Answer bind(const Context& context, const Call& call) {
  const Target target = socket_behind(context, call.fd);
  if (target.file == nullptr) return target.answer;
  OpenFile& file = *target.file;
  if (file.kind == Kind::kConnected) return refuse(Refusal::kSocket);
  if (!is_modelled_port(call.size)) return refuse(Refusal::kPort);
  if (file.kind == Kind::kListener || file.offset != 0) return fail(EINVAL);
  const auto port = static_cast<std::uint16_t>(call.size);
  if (is_taken(context, file, port)) return fail(EADDRINUSE);
  file.offset = port;
  return done(0);
}

// One that fails leaves the socket bound. Without bind Linux chooses a port that is not modelled,
// and so in nobody's way: 0 here.
Answer listen(const Context& context, const Call& call) {
  const Target target = socket_behind(context, call.fd);
  if (target.file == nullptr) return target.answer;
  OpenFile& file = *target.file;
  if (file.kind != Kind::kSocket) return refuse(Refusal::kSocket);
  if (call.flags < 0 || call.flags > kMostBacklog) return refuse(Refusal::kBacklog);
  if (file.offset != 0 && is_taken(context, file, file.offset)) return fail(EADDRINUSE);
  file.kind = Kind::kListener;
  file.object = static_cast<std::uint8_t>(call.flags + 1);  // tcp_v4_conn_request: one more
  return done(0);
}

// Whoever is refused can go on as if it had not asked. A connection stays in the backlog when its
// maker has closed it, and ends with the listener.
Answer connect(const Context& context, const Call& call) {
  const Target target = socket_behind(context, call.fd);
  if (target.file == nullptr) return target.answer;
  OpenFile& file = *target.file;
  if (file.kind != Kind::kSocket || file.offset != 0) return refuse(Refusal::kSocket);
  if (!is_modelled_port(call.size)) return refuse(Refusal::kPort);
  OpenFile* const listener = listener_at(context, static_cast<std::uint16_t>(call.size));
  if (listener == nullptr) return fail(ECONNREFUSED);
  if (listener->object == 0) return refuse(Refusal::kBacklog);
  --listener->object;
  file.kind = Kind::kConnected;
  file.object = 0;
  return done(0);
}

}  // namespace lockproof::sim
