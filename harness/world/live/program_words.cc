// SPDX-License-Identifier: Apache-2.0
// What programs of somebody else say: the words that a worker prints, and what the end of a process
// means that never owned.
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "live/live_world.h"
#include "live/program_sight.h"

namespace lockproof::live {
namespace {

constexpr std::size_t kMostLineBytes = 4096;
constexpr std::size_t kMostParts = 16;

// What a write or a writev has to write.
std::string bytes_of(const StoppedTracee& tracee, const KernelCall& call) {
  std::array<iovec, kMostParts> parts{};
  std::size_t count = 1;
  if (call.number == SYS_writev) {
    count = std::min<std::size_t>(call.arguments[2], kMostParts);
    tracee.read(call.arguments[1], parts.data(), count * sizeof(iovec));
  } else {
    parts[0] = {reinterpret_cast<void*>(call.arguments[1]), call.arguments[2]};
  }
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    std::string part(std::min(parts[i].iov_len, kMostLineBytes), '\0');
    tracee.read(reinterpret_cast<std::uint64_t>(parts[i].iov_base), part.data(), part.size());
    bytes += part;
  }
  return bytes;
}

}  // namespace

// A write that reaches no file of the run.
LiveWorld::Sight LiveWorld::listen(Process& process) {
  const bool speaks =
      process.command->hears == Command::Hears::kWords && process.raw.arguments[0] == 1;
  if (!speaks) return Sight::passes();
  for (const char c : bytes_of(*process.tracee, process.raw)) {
    if (c != '\n') {
      if (process.line.size() < kMostLineBytes) process.line += c;
      continue;
    }
    const std::string line = std::exchange(process.line, "");
    if (const std::string wrong = hear(process, line); !wrong.empty()) return Sight::unknown(wrong);
  }
  return Sight::passes();
}

// What is wrong with it; "": nothing.
std::string LiveWorld::hear(Process& process, const std::string& line) {
  const Command& command = *process.command;
  const bool is_word = line == command.acquired || line == command.busy || line == command.released;
  if (!is_word) return "";
  if (place_of(process) != process.root) return "prints '" + line + "', and is only a child";
  if (line == command.acquired) {
    process.said.push_back({Kind::kOwns});
    process.has_owned = process.owns = true;
  } else if (line == command.busy) {
    process.said.push_back({Kind::kBusy});
    process.was_told = true;
  } else {
    if (process.owns || !process.has_owned) {
      return "prints '" + line + "' before it was told to give up";
    }
    process.said.push_back({Kind::kReleased});
  }
  return "";
}

bool LiveWorld::owns_by_words(const Process& process) const {
  return process.command->hears == Command::Hears::kWords && process.owns;
}

// Before an exit.
void LiveWorld::say_end(Process& process) {
  if (place_of(process) != process.root || process.has_owned || process.was_told) return;
  const auto code = static_cast<int>(process.raw.arguments[0] & 0xff);
  const auto& busy = process.command->busy_exit;
  const bool is_busy =
      busy.empty() ? code > 0 : std::find(busy.begin(), busy.end(), code) != busy.end();
  process.said.push_back({is_busy ? Kind::kBusy : Kind::kFailed});
  process.was_told = true;
}

}  // namespace lockproof::live
