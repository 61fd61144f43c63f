// SPDX-License-Identifier: Apache-2.0
// Files that are not in the tree: null(4), random(4), proc_pid_stat(5), the boot id. They are read
// whole, in one read from the beginning. A process's /proc is that of its pid namespace.
#include <fmt/format.h>

#include <algorithm>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

constexpr std::int64_t kWholeStat = 1024;  // what holds the longest line of /proc/PID/stat

// SplitMix64's mixing: different readings give different bytes, the same one always the same.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::string random_bytes(const Context& context, std::int64_t size) {
  Process& process = context.self();
  std::uint64_t seed = mix(process.pid + 256u * context.kernel.boot) ^ mix(process.start * 2u + 1u);
  seed = mix(seed + ++process.random_reads);
  std::string bytes;
  while (static_cast<std::int64_t>(bytes.size()) < size) {
    bytes += static_cast<char>(mix(seed + bytes.size()) & 0xff);
  }
  return bytes;
}

char state_letter(Life life) {
  if (life == Life::kZombie) return 'Z';
  return life == Life::kStopped ? 'T' : 'S';
}

// The kernel's PF_EXITING, which it sets before it closes the files.
unsigned flags_of(Life life) { return life >= Life::kReleased ? 4 : 0; }

std::string stat_line(const Context& context, std::uint8_t slot) {
  const Process& process = context.kernel.processes[slot];
  const char state = slot == context.slot ? 'R' : state_letter(process.life);
  const auto seen = [&](int pid) { return pid_seen(context.kernel, context.slot, pid); };
  const std::int64_t init = init_seen(context.kernel, context.slot, pid_of(process));
  const std::int64_t parent =
      process.parent == kInit ? init : seen(pid_of(context.kernel.processes[process.parent]));
  const std::int64_t group = process.group == 0 ? init : seen(kPidBase + process.group);
  return fmt::format("{} (subject) {} {} {} {} 0 -1 {} 0 0 0 0 0 0 0 0 20 0 1 0 {} 0 0\n",
                     seen(pid_of(process)), state, parent, group, group, flags_of(process.life),
                     process.start);
}

std::string boot_id(const Kernel& kernel) {
  return fmt::format("5f1e9c2a-7d34-4b68-9a0e-{:012x}\n", kernel.boot);
}

// What a read finds. A process that was reaped is ESRCH, for whoever has its file open.
Answer contents(const Context& context, const OpenFile& file, std::string& bytes) {
  if (file.kind == Kind::kBootId) {
    bytes = boot_id(context.kernel);
  } else if (file.object == kNone) {
    return fail(ESRCH);
  } else {
    context.kernel.clock_read = 1;
    bytes = stat_line(context, file.object);
  }
  return done(0);
}

Answer give(const Context& context, const std::string& bytes) {
  Answer answer = done(static_cast<std::int64_t>(bytes.size()));
  answer.text = context.tables.texts.intern(bytes);
  return answer.text == kNoText ? refuse(Refusal::kFileSize) : answer;
}

}  // namespace

Answer open_special(const Context& context, const Path& path, int flags) {
  constexpr int kKnown = O_ACCMODE | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
  const bool read_only = (flags & O_ACCMODE) == O_RDONLY;
  if ((flags & ~kKnown) != 0) return refuse(Refusal::kSpecialFile);
  if (path.special == Path::Special::kNull) return install_new(context, Kind::kNull, 0, flags);
  if (!read_only) return refuse(Refusal::kSpecialFile);
  switch (path.special) {
    case Path::Special::kRandom:
      return install_new(context, Kind::kRandom, 0, flags);
    case Path::Special::kBootId:
      return install_new(context, Kind::kBootId, 0, flags);
    case Path::Special::kProcStat: {
      if (path.pid == 1) return refuse(Refusal::kSpecialFile);
      if (is_other_init(context.kernel, context.slot, path.pid)) {
        return refuse(Refusal::kPidNamespace);
      }
      const std::uint8_t slot =
          path.pid == 0 ? context.slot : slot_meant(context.kernel, context.slot, path.pid);
      if (slot == kNone) return fail(ENOENT);
      context.tables.states_are_seen |= slot != context.slot;
      return install_new(context, Kind::kProcStat, slot, flags);
    }
    default:
      return refuse(Refusal::kSpecialFile);
  }
}

Answer read_special(const Context& context, OpenFile& file, std::int64_t size) {
  if (file.kind == Kind::kSignals) return read_signals(context, file, size);
  if (file.kind == Kind::kPidfd) return fail(EINVAL);
  if (is_socket(file.kind)) return refuse(Refusal::kSocket);
  if (file.kind == Kind::kNull || size == 0) return done(0);
  if (file.kind == Kind::kRandom) {
    if (size > 256) return refuse(Refusal::kSpecialFile);
    return give(context, random_bytes(context, size));
  }
  if (file.offset > 0) return done(0);
  std::string bytes;
  const Answer found = contents(context, file, bytes);
  if (found.result < 0) return found;
  // Linux's line is longer than ours: a part of it would be another part.
  const std::int64_t whole = file.kind == Kind::kProcStat ? kWholeStat : 0;
  if (size < std::max(whole, static_cast<std::int64_t>(bytes.size()))) {
    return refuse(Refusal::kSpecialFile);
  }
  file.offset = static_cast<std::uint16_t>(bytes.size());
  return give(context, bytes);
}

}  // namespace lockproof::sim
