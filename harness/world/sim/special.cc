// SPDX-License-Identifier: Apache-2.0
// Files that are not in the tree: null(4), random(4), proc_pid_stat(5), the boot id. They are read
// whole, in one read from the beginning. A process's /proc is that of its pid namespace.
#include <algorithm>

#include "sim/internal.h"
#include "world/made_constant.h"

namespace lockproof::sim {
namespace {

constexpr std::int64_t kWholeStat = 1024;  // what holds the longest line of /proc/PID/stat

std::string draw(const Context& context, std::int64_t size) {
  Process& process = context.self();
  const Reading reading{context.kernel.boot, process.pid, process.start, ++process.random_reads};
  return random_bytes(reading, size);
}

char state_letter(Life life) {
  if (life == Life::kZombie) return 'Z';
  return life == Life::kStopped ? 'T' : 'S';
}

std::string stat_line(const Context& context, std::uint8_t slot) {
  const Process& process = context.kernel.processes[slot];
  const char state = slot == context.slot ? 'R' : state_letter(process.life);
  const auto seen = [&](int pid) { return pid_seen(context.kernel, context.slot, pid); };
  const std::int64_t init = init_seen(context.kernel, context.slot, pid_of(process));
  const std::int64_t parent =
      process.parent == kInit ? init : seen(pid_of(context.kernel.processes[process.parent]));
  const std::int64_t group = process.group == 0 ? init : seen(kPidBase + process.group);
  const bool exits = process.life >= Life::kReleased;
  return format({seen(pid_of(process)), state, parent, group, group, exits, process.start});
}

// What a read finds. A process that was reaped is ESRCH, for whoever has its file open.
Answer contents(const Context& context, const OpenFile& file, std::string& bytes) {
  if (file.kind == Kind::kBootId) {
    bytes = boot_id_text(context.kernel.boot);
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
    return give(context, draw(context, size));
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
