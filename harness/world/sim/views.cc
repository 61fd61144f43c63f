// SPDX-License-Identifier: Apache-2.0
#include "sim/views.h"

#include <algorithm>
#include <cstdlib>

namespace lockproof::sim {
namespace {

// Is it a pid of the model, or a process group's?
bool is_pid(std::int64_t number) {
  const std::int64_t pid = std::abs(number) - kPidBase;
  return pid > 0 && pid < 256;
}

bool pid_outward(std::int64_t& number, const View& view) {
  if (!is_pid(number)) return true;
  const std::int64_t place = std::abs(number) - kPidBase - 1;
  if (place >= view.count || view.pids[static_cast<std::size_t>(place)] == 0) return false;
  const int pid = kPidBase + view.pids[static_cast<std::size_t>(place)];
  number = number < 0 ? -pid : pid;
  return true;
}

bool pid_inward(std::int64_t& number, View& view) {
  if (!is_pid(number)) return true;
  const auto pid = static_cast<std::uint8_t>(std::abs(number) - kPidBase);
  const auto end = view.pids.begin() + view.count;
  auto at = std::find(view.pids.begin(), end, pid);
  if (at == end) at = std::find(view.pids.begin(), end, 0);
  const auto place = static_cast<std::size_t>(at - view.pids.begin());
  if (place == view.pids.size()) return false;
  if (at == end) ++view.count;
  view.pids[place] = pid;
  const int name = kPidBase + 1 + static_cast<int>(place);
  number = number < 0 ? -name : name;
  return true;
}

bool text_outward(Text& text, const View& view, Naming& naming) {
  if (naming.mentions(text).empty()) return true;
  PidMap map{};
  for (std::uint8_t i = 0; i < view.count; ++i) map[i + 1u] = view.pids[i];
  const auto renamed = naming.rename(text, map);
  if (!renamed || *renamed == kNoText) return false;
  text = *renamed;
  return true;
}

bool text_inward(Text& text, View& view, Naming& naming) {
  PidMap map{};
  for (const Mention& mention : naming.mentions(text)) {
    std::int64_t name = kPidBase + mention.pid;
    if (!pid_inward(name, view)) return false;
    map[mention.pid] = static_cast<std::uint8_t>(name - kPidBase);
  }
  const auto renamed = naming.rename(text, map);
  if (!renamed || *renamed == kNoText) return false;
  text = *renamed;
  return true;
}

}  // namespace

bool outward(Call& call, const View& view, Naming& naming) {
  const bool takes_pid =
      call.op == Op::kWaitpid || call.op == Op::kKill || call.op == Op::kPidfdOpen;
  if (takes_pid && !pid_outward(call.size, view)) return false;
  return text_outward(call.text, view, naming) && text_outward(call.text2, view, naming);
}

bool inward(Op op, Answer& answer, View& view, Naming& naming) {
  switch (op) {
    case Op::kGetpid:
    case Op::kGetppid:
    case Op::kFork:
    case Op::kWaitpid:
    case Op::kSetsid:
      return pid_inward(answer.result, view);
    case Op::kFcntlLock:
      return pid_inward(answer.value, view);
    default:
      return text_inward(answer.text, view, naming);
  }
}

void forget_reaped(Op op, const Answer& answer, View& view) {
  if (op != Op::kWaitpid || answer.result <= 0) return;
  const std::int64_t place = answer.result - kPidBase - 1;
  if (place < 0 || place >= view.count) return;
  view.pids[static_cast<std::size_t>(place)] = 0;
  while (view.count > 0 && view.pids[view.count - 1u] == 0) --view.count;
}

}  // namespace lockproof::sim
