// SPDX-License-Identifier: Apache-2.0
// The owner of an instance, pinned: a descriptor of its process, which no other process ever gets.
//
// Whom a record names is a number and a start time; whom a signal reaches must be certain. So first
// the process is pinned (pidfd_open), and then everything is asked of it, and asked again of the
// record and the lock. Guards:
//   same_realm        Boot and pid namespace are the record's: elsewhere its pid is somebody else.
//   same_start        The pinned process started when the record's did: else its pid was given to
//                     a stranger.
//   pinned_first      The process is pinned before it is looked at: else it can end in between, and
//                     a stranger be pinned.
//   not_ended         Who ends or has ended owns no more: its lock may be the next one's already.
//   same_record       The record is still the one that was read: else it has given up meanwhile.
//   held_by_somebody  The lock is held: else nobody owns, whatever the record says.
//   published         Who holds it has published its record: until then the record is a former
//                     owner's, who may live on.
#pragma once

#include <functional>
#include <variant>

#include "port/sys.h"
#include "record_file.h"
#include "solo/fd.h"
#include "solo/name.h"
#include "solo/process.h"
#include "solo/record.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

// The process `who` claims to be, pinned before it was looked at; -ESRCH when it is not there, or
// is another one. (Guards pinned_first, same_start, not_ended.) Where pids mean something else, it
// must not be asked.
int pin(port::Sys& sys, std::int32_t pid, std::uint64_t start_ticks);

// One who owned when it was looked at.
struct Owner {
  Fd process;  // a pidfd: readable from the end of the process on
  OpenRecord read;
};

enum class NoOwner {
  kFree,     // nobody holds the lock
  kUnclear,  // held, and the record names nobody, somebody else's pid, or somebody who is gone: its
             // owner is about to publish or to give up, or lives where its pid means nobody here
};

// `lock_file` is a descriptor of the lock file. Errors: something cannot be found out.
std::variant<Owner, NoOwner, Error> find_owner(port::Sys& sys, const StateDir& dir,
                                               const Name& name, int lock_file, const Realm& realm);

// Ends it: SIGTERM, and SIGKILL after the grace. Whether it had to be killed, once its exit was
// seen. Blocks for two graces at most. (Guard exit_seen.) `signalled`, if any, is called after each
// signal.
Result<bool> end_owner(port::Sys& sys, const Owner& owner, int grace_ms,
                       const std::function<void()>& signalled = nullptr);

// SIGTERM alone. 0, also for who has ended; else the negated errno.
int tell_to_end(port::Sys& sys, const Owner& owner);

// 1: its process has ended; 0: not yet, after that time; else the negated errno.
int wait_for_end(port::Sys& sys, const Owner& owner, int time_ms);

// Whether `owner` owns no more: nobody holds the lock, or the record is another one. Errors:
// negated errno.
int has_given_up(port::Sys& sys, const StateDir& dir, const Name& name, int lock_file,
                 const Owner& owner);

}  // namespace solo
