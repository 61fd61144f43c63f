// SPDX-License-Identifier: Apache-2.0
#include "owner.h"

#include <poll.h>

#include <cerrno>
#include <csignal>

#include "calls.h"
#include "guard.h"
#include "lock_parts.h"

namespace solo {
namespace {

Error cannot(const char* act, const StateDir& dir, const Name& name, int result) {
  return {std::string("cannot ") + act + " the owner of " + dir.quoted(name.lock_file()), -result};
}

// 0, also for who has ended; else the negated errno.
int send(port::Sys& sys, const Owner& owner, int signal) {
  const int sent = sys.pidfd_send_signal(owner.process.get(), signal);
  return sent == -ESRCH ? 0 : sent;
}

}  // namespace

int pin(port::Sys& sys, std::int32_t pid, std::uint64_t start_ticks) {
  const bool first = SOLO_GUARD(sys, pinned_first);
  Fd process;
  if (first) process = Fd(sys, sys.pidfd_open(pid));
  const int alive = first && !process.valid() ? 0 : is_alive(sys, pid, start_ticks);
  if (!first && alive == 1) process = Fd(sys, sys.pidfd_open(pid));
  // EINVAL: the number is that of a thread by now.
  if (alive == 1 && !process.valid() && process.get() != -EINVAL) return process.get();
  return alive < 0 ? alive : alive == 1 && process.valid() ? process.release() : -ESRCH;
}

std::variant<Owner, NoOwner, Error> find_owner(port::Sys& sys, const StateDir& dir,
                                               const Name& name, int lock_file,
                                               const Realm& realm) {
  int held = part_is_held(sys, lock_file, Part::kOwner, As::kWriter);
  if (held < 0) return cannot("ask for", dir, name, held);
  if (held == 0 && SOLO_GUARD(sys, held_by_somebody)) return NoOwner::kFree;

  auto opened = open_record(sys, dir, name);
  if (!opened.ok()) return opened.error();
  if (!opened.value()) return NoOwner::kUnclear;
  OpenRecord& found = *opened.value();
  const Record& record = found.record;
  const bool here = is_of(realm, record);
  const bool owned = record.state == Record::State::kOwned;
  if (!owned || (!here && SOLO_GUARD(sys, same_realm))) return NoOwner::kUnclear;

  Fd process(sys, pin(sys, record.pid, record.start_ticks));
  if (process.get() == -ESRCH) return NoOwner::kUnclear;
  if (!process.valid()) return cannot("find", dir, name, process.get());
  Owner owner{std::move(process), std::move(found)};
  const int over = has_given_up(sys, dir, name, lock_file, owner);
  if (over < 0) return cannot("ask for", dir, name, over);
  if (over == 1) return NoOwner::kUnclear;
  return owner;
}

int wait_for_end(port::Sys& sys, const Owner& owner, int time_ms) {
  struct pollfd ended {};
  ended.fd = owner.process.get();
  ended.events = POLLIN;
  return again_if_interrupted([&] { return sys.poll(&ended, 1, time_ms); });
}

int tell_to_end(port::Sys& sys, const Owner& owner) { return send(sys, owner, SIGTERM); }

Result<bool> end_owner(port::Sys& sys, const Owner& owner, int grace_ms,
                       const std::function<void()>& signalled) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    const int sent = send(sys, owner, signal);
    if (sent < 0) return Error{"cannot be signalled", -sent};
    if (signalled) signalled();
    const bool killed = signal == SIGKILL;
    if (!SOLO_GUARD(sys, exit_seen)) return killed;
    const int ended = wait_for_end(sys, owner, grace_ms);
    if (ended < 0) return Error{"cannot be waited for", -ended};
    if (ended > 0) return killed;
  }
  return Error{"was killed and has not ended yet"};
}

int has_given_up(port::Sys& sys, const StateDir& dir, const Name& name, int lock_file,
                 const Owner& owner) {
  // Whoever has published has a record of its own: so first this, and then whose the record is.
  if (SOLO_GUARD(sys, held_by_somebody)) {
    const Part part = SOLO_GUARD(sys, published) ? Part::kPublished : Part::kOwner;
    const int held = part_is_held(sys, lock_file, part, As::kWriter);
    if (held <= 0) return held < 0 ? held : 1;
  }
  if (!SOLO_GUARD(sys, same_record)) return 0;
  const int same = is_still_the_record(sys, dir, name, owner.read);
  return same < 0 ? same : 1 - same;
}

}  // namespace solo
