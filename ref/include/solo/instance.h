// SPDX-License-Identifier: Apache-2.0
// The instance lock: at most one process owns a NAME, and when it dies the next one gets in.
//
// What decides is one thing only: a write lock of the kernel on an open file (F_OFD_SETLK) of
// DIR/NAME.lock. No pid, no age and no file's existence ever does. The record DIR/NAME.record tells
// who it is.
//
// Invariants, and the guard for each. A guard is one condition, flag or order of two calls, named
// here and at its place in the source (SOLO_GUARD); without any one of them there is a run that
// breaks the lock. src/guards.def says for each what that run is.
//
//  The lock file (src/lock_file.cc)
//   never_unlinked      The file is made once and never unlinked, renamed or truncated: whoever
//                       waits at its inode and whoever opens its name meet.
//   no_follow           A symbolic link at its name is refused, not followed to somebody's file.
//   regular_file        A FIFO, device or directory is refused.
//   never_waits         O_NONBLOCK | O_NOCTTY: the open itself neither waits nor acts.
//   single_link         A second hard link is refused: the file is also somebody else's.
//   own_file            A file of another user is refused: its owner could open and lock it too.
//   above_stdio         The descriptor is never 0, 1 or 2: those are handed to children, and
//                       written to by whoever believes that they are the terminal.
//   close_on_exec       From the open on, so that no program that we start keeps the lock.
//   failure_is_failure  Only EAGAIN and EACCES of the lock call mean busy; EINTR means again;
//                       anything else, ENOLCK and ENOSYS too, is an error. Nothing means "go on".
//   same_inode          After locking: the name still reaches the locked inode, else a third party
//                       replaced it, and we hold a lock that nobody else looks at. Start again.
//   bounded_attempts    At most kMaxAttempts times; then it is an error.
//   private_mode        The mode is made 0600 (whatever the umask was), after the lock is held.
//
//  The record (src/record_file.cc)
//   under_lock          Written by the holder of the lock only. Losers touch nothing.
//   fresh_file          What a dead writer left as NAME.record.new is unlinked, and the new one is
//                       made with O_EXCL: nothing old is written into, nothing is followed.
//   complete_first      Written as a whole, then renamed: the name shows a whole record or the one
//                       before, never a part.
//   published           When it has its name, its owner locks one more byte of the lock file: until
//                       then the record is a former owner's, who may live on.
//   next_generation     One more than the record before it, also when that one is released; so a
//                       released record stays instead of being removed.
//
//   sides_first         Side files of earlier owners are removed before the record is written, so
//                       none is older than the claim that the record shows.
//   sides_under_lock    They are removed by the owner, before the lock goes: later they could be
//                       the next owner's.
//
//  Giving up (src/instance.cc)
//   still_my_record     The record is marked released only when it is still exactly ours.
//   released_first      Marked under the lock, before the lock goes: the other way round, the mark
//                       could hit the next owner's record.
//   claimer_only        A forked copy of the object in another process does nothing at all.
//   close_not_unlock    The lock ends by close, never by F_UNLCK: an unlock in a forked child would
//                       take the lock from its parent.
//
//  Beside others (src/lock_parts.h)
//   stop_asked_after    An automatic claim asks for a stop when it has the lock, not before: a stop
//                       that came in between would neither find it nor be found.
//
// A child forked without exec has the descriptor too, and would keep the lock after its parent's
// death. solo/fork_guard.h is for that; a program that owns and forks must use it.
//
// Not promised: that the record outlives a loss of power (nothing is synced; the default directory
// does not outlive a boot either), and generations after somebody removed the record (they begin at
// 1 again).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/name.h"
#include "solo/record.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

inline constexpr unsigned kMaxAttempts = 16;

// The right to be the one NAME. Held from claim() until give_up(), the destructor, or the process's
// death, whichever comes first. Move only. Not safe for use by two threads at once.
class InstanceLock {
 public:
  InstanceLock(InstanceLock&&) noexcept = default;
  InstanceLock& operator=(InstanceLock&&) = delete;

  // Closes without a word, like death: the record goes on naming this process, and readers go by
  // the lock. Does nothing after give_up(), nor in a forked child.
  ~InstanceLock();

  const Record& record() const { return record_; }

  // Says that the instance can be used: until it gives up or dies, probe() says so too. False: a
  // launcher has given up on it, and will end it; it must not serve. Never blocks.
  Result<bool> become_ready();

  // Whether somebody waits for this process to give up before it drains (`solo rm`). To be asked
  // when told to end: then give up first if so, else drain first. Nothing remembers the question:
  // if the asker has died, it was never put.
  Result<bool> is_disowned() const;

  // The locked descriptor; -1 after give_up(). For a ForkGuard. Do not close, lock or pass it on.
  int fd() const { return file_.get(); }

  // Ends the ownership: removes the side files, marks the record released, then closes the lock.
  // Afterwards this process owns no more, whatever is returned; an error says what could not be
  // removed or marked. Does nothing in a forked child, or a second time. Never blocks.
  //
  // If the process dies here: before the rename, side files may be there or not, the record names
  // a dead process, and perhaps NAME.record.new lies about; after it, the record is released. The
  // next claim gets in each time, and removes side files first.
  MaybeError give_up();

 private:
  friend class Claimer;
  InstanceLock(port::Sys& sys, StateDir dir, Name name, Fd file, const Record& record,
               std::vector<std::string> side_files)
      : sys_(&sys),
        dir_(std::move(dir)),
        name_(std::move(name)),
        file_(std::move(file)),
        record_(record),
        side_files_(std::move(side_files)) {}

  bool is_claimer() const;
  MaybeError mark_released();

  port::Sys* sys_;
  StateDir dir_;
  Name name_;
  Fd file_;
  Record record_;
  std::vector<std::string> side_files_;
};

// Somebody else owns. `holder` is its record when one is there that names a live process; empty
// when the holder is not known (it has not published yet, or lives in another pid namespace).
struct Busy {
  std::optional<Record> holder;
};

// Nobody owns, but a stop is under way, and this claim was not a user's.
struct Stopping {};

using ClaimResult = std::variant<InstanceLock, Busy, Stopping, Error>;

struct ClaimOptions {
  // kAuto: not a user's claim. It gives way to a stop that is under way, which it asks for when it
  // has the lock: a stop that begins later finds it (guard stop_asked_after).
  Managed managed = Managed::kCli;

  // Files of the instance in the state directory, such as one that names its port: what an earlier
  // owner left is removed before the record is written, and what this one leaves when it gives up.
  // So who finds one of them while the lock is held by whom the record names reads nothing older
  // than that. Names as a Name has them, and none that ends as a file of solo's does
  // (is_side_file).
  std::vector<std::string> side_files;
};

bool is_side_file(std::string_view name);

// Tries once to become the one `name` in `dir`. Never blocks, never waits for a holder. On
// InstanceLock this process owns, and the record names it. Otherwise it does not own, holds
// no descriptor, and changed no file that matters to anybody (an empty lock file may have been
// made).
//
// If the process dies here: before the lock, perhaps an empty NAME.lock; then the lock is the
// kernel's to release, side files may be gone, the record is the one before or complete, and
// NAME.record.new may lie about, which the next owner removes. Nothing needs repair by hand.
ClaimResult claim(port::Sys& sys, StateDir dir, const Name& name, ClaimOptions options = {});

}  // namespace solo
