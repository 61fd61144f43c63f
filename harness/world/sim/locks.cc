// SPDX-License-Identifier: Apache-2.0
// flock(2), and the record locks of fcntl(2): "POSIX" ones that belong to a process, and "open file
// description" ones. The last two see each other; flock sees neither.
#include <sys/file.h>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

// The sections of a file that a call is about, two bits each, both of them set; 0: others than are
// modelled.
unsigned sections_of(const Call& call) {
  const bool to_the_end = call.size == 0;
  const std::int64_t end = to_the_end ? kSections : call.offset + call.size;
  if (call.offset < 0 || call.size < 0 || call.offset >= kSections) return 0;
  if (!to_the_end && (call.size >= kSections || end >= kSections)) return 0;
  return (1u << (2 * end)) - (1u << (2 * call.offset));
}

// `lock` in each of the sections.
unsigned in_sections(unsigned lock, unsigned sections) { return lock * (0x5555u & sections); }

constexpr unsigned kWhole = (1u << (2 * kSections)) - 1;

bool conflict(unsigned held, unsigned wanted) {
  return held != 0 && (held == kExclusive || wanted == kExclusive);
}

unsigned record_lock_of(const Process& process, std::uint8_t inode) {
  return (process.record_locks >> (2 * inode)) & 3u;
}

void set_record_lock(Process& process, std::uint8_t inode, unsigned lock) {
  process.record_locks &= ~(3u << (2 * inode));
  process.record_locks |= lock << (2 * inode);
}

short type_of(unsigned lock) { return lock == 0 ? F_UNLCK : lock == kShared ? F_RDLCK : F_WRLCK; }

// Who stands in the way of a record lock: how many, and the type and pid that all have in common.
struct Holders {
  int count = 0;
  bool alike = true;
  unsigned lock = 0;
  int pid = 0;  // as the asker knows it; -1: an open file

  void add(unsigned held, int who) {
    alike = alike && (count == 0 || (held == lock && who == pid));
    ++count;
    lock = held;
    pid = who;
  }
};

// Of the two kinds of owners, one's own does not count; a process's other kind does.
Holders holders(const Context& context, const OpenFile& file, bool of_file, unsigned wanted,
                unsigned sections) {
  Holders result;
  for (const OpenFile& other : context.kernel.open_files) {
    const bool own = of_file && &other == &file;
    if (own || other.kind != Kind::kInode || other.object != file.object) continue;
    for (unsigned held = other.record & sections; held != 0; held >>= 2) {
      if (conflict(held & 3, wanted)) result.add(held & 3, -1);
    }
  }
  for (const Process& process : context.kernel.processes) {
    const bool own = !of_file && &process == &context.self();
    const unsigned held = record_lock_of(process, file.object);
    if (own || !conflict(held, wanted)) continue;
    // Who is not in the asker's namespace has no pid there: 0.
    result.add(held, static_cast<int>(pid_seen(context.kernel, context.slot, pid_of(process))));
  }
  return result;
}

Answer query(const Context& context, const OpenFile& file, bool of_file, unsigned wanted,
             unsigned sections) {
  // F_OFD_GETLK of F_UNLCK asks for one's own lock since Linux 6.6, and was an error before.
  if (wanted == 0) return of_file ? refuse(Refusal::kLockCommand) : fail(EINVAL);
  const Holders found = holders(context, file, of_file, wanted, sections);
  if (!found.alike) return refuse(Refusal::kSeveralHolders);
  Answer answer = done(0);
  answer.mode = static_cast<std::uint16_t>(type_of(found.lock));
  answer.value = found.pid;
  return answer;
}

// Linux looks for a circle of waiting processes before it lets F_SETLKW wait, and who waits is not
// part of this state: a process that holds nothing is in no circle, another one might be.
Answer wait_for_record(const Context& context, bool of_file) {
  if (!of_file && context.self().record_locks != 0) return refuse(Refusal::kDeadlock);
  return waits();
}

}  // namespace

void drop_record_lock(Process& process, std::uint8_t inode) { set_record_lock(process, inode, 0); }

Answer flock(const Context& context, const Call& call) {
  const int operation = call.flags & ~LOCK_NB;
  OpenFile* const file = open_file(context, call.fd);
  if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN) {
    return refuse(Refusal::kLockCommand);
  }
  if (file == nullptr || file->path) return fail(EBADF);
  if (file->kind != Kind::kInode) return refuse(Refusal::kDescriptorKind);
  const unsigned wanted = operation == LOCK_UN ? 0u : operation == LOCK_SH ? kShared : kExclusive;
  if (file->flock == wanted) return done(0);
  // A conversion is not atomic: the old lock goes first, and is lost when the new one is not got.
  file->flock = 0;
  for (const OpenFile& other : context.kernel.open_files) {
    const bool same_inode = other.kind == Kind::kInode && other.object == file->object;
    if (&other == file || !same_inode || wanted == 0) continue;
    if (conflict(other.flock, wanted)) {
      return (call.flags & LOCK_NB) != 0 ? fail(EWOULDBLOCK) : waits();
    }
  }
  file->flock = wanted & 3u;
  return done(0);
}

Answer record_lock(const Context& context, const Call& call) {
  const bool of_file =
      call.flags == F_OFD_SETLK || call.flags == F_OFD_SETLKW || call.flags == F_OFD_GETLK;
  const bool asks = call.flags == F_GETLK || call.flags == F_OFD_GETLK;
  const bool may_wait = call.flags == F_SETLKW || call.flags == F_OFD_SETLKW;
  if (!of_file && !asks && !may_wait && call.flags != F_SETLK) {
    return refuse(Refusal::kLockCommand);
  }
  OpenFile* const file = open_file(context, call.fd);
  if (file == nullptr || file->path) return fail(EBADF);
  if (file->kind != Kind::kInode) return refuse(Refusal::kDescriptorKind);
  const unsigned sections = sections_of(call);
  if (sections == 0 || (sections != kWhole && !of_file)) return refuse(Refusal::kByteRange);
  if (call.extra != F_RDLCK && call.extra != F_WRLCK && call.extra != F_UNLCK) return fail(EINVAL);
  const unsigned wanted = call.extra == F_UNLCK ? 0u : call.extra == F_RDLCK ? kShared : kExclusive;
  if (asks) return query(context, *file, of_file, wanted, sections);

  if (wanted == kShared && file->access == O_WRONLY) return fail(EBADF);
  if (wanted == kExclusive && file->access == O_RDONLY) return fail(EBADF);
  if (wanted != 0 && holders(context, *file, of_file, wanted, sections).count > 0) {
    return may_wait ? wait_for_record(context, of_file) : fail(EAGAIN);
  }
  if (of_file) {
    file->record =
        static_cast<std::uint16_t>((file->record & ~sections) | in_sections(wanted, sections));
  } else {
    set_record_lock(context.self(), file->object, wanted);
  }
  return done(0);
}

// Of the first section.
bool is_locked(const Kernel& kernel, std::uint8_t inode) {
  for (const OpenFile& file : kernel.open_files) {
    if (file.kind == Kind::kInode && file.object == inode &&
        (file.flock | (file.record & 3)) != 0) {
      return true;
    }
  }
  for (const Process& process : kernel.processes) {
    if ((process.record_locks >> (2 * inode) & 3) != 0) return true;
  }
  return false;
}

bool has_orphan_lock(const Kernel& kernel) {
  for (std::uint8_t inode = 0; inode < kInodes; ++inode) {
    const Inode& file = kernel.inodes[inode];
    if (file.mode != 0 && file.nlink == 0 && is_locked(kernel, inode)) return true;
  }
  return false;
}

}  // namespace lockproof::sim
