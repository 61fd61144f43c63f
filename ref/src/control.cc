// SPDX-License-Identifier: Apache-2.0
#include "solo/control.h"

#include "guard.h"
#include "lock_file.h"
#include "lock_parts.h"
#include "owner.h"

namespace solo {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

Error cannot(const char* act, const StateDir& dir, const Name& name, int result) {
  return {std::string("cannot ") + act + " the owner of " + dir.quoted(name.lock_file()), -result};
}

// The lock file, with the part that says that a command is under way; and where its pids mean
// something.
struct Begun {
  Fd file;
  Realm realm;
};

// Nothing: there is no lock file, so nobody owns.
Result<std::optional<Begun>> begin(port::Sys& sys, const StateDir& dir, const Name& name,
                                   std::optional<Part> announce) {
  const LockAct act = {
      "lock", [&](int fd) { return announce ? take_part(sys, fd, *announce, As::kReader) : 1; }};
  auto opened = open_lock_file(sys, dir, name, O_RDWR, act);
  if (!opened.ok()) return opened.error();
  if (!opened.value()) return std::optional<Begun>();
  // Only a lock for writing can be in the way, which nobody takes on that part alone.
  if (opened.value()->outcome == 0) {
    return Error{dir.quoted(name.lock_file()) + " is locked as a whole, by another program"};
  }
  const auto realm = this_realm(sys);
  if (!realm.ok()) return realm.error();
  return std::optional(Begun{std::move(opened.value()->file), realm.value()});
}

// The owner, once it can be told; kFree; or why neither can be said.
std::variant<Owner, NoOwner, Error> find(port::Sys& sys, const StateDir& dir, const Name& name,
                                         int lock_file, const Realm& realm,
                                         const Patience& patience) {
  for (unsigned round = 0;; ++round) {
    auto found = find_owner(sys, dir, name, lock_file, realm);
    const NoOwner* const nobody = std::get_if<NoOwner>(&found);
    if (nobody == nullptr || *nobody == NoOwner::kFree) return found;
    if (round >= patience.rounds) break;
    sys.sleep(patience.round_ms * kNsPerMs);
  }
  return Error{dir.quoted(name.lock_file()) + " is held, by whom cannot be told"};
}

// Whether `owner` keeps nobody out any more: it has given up, and whoever holds the lock has a
// record of its own. That it is released the record says a moment before the lock goes.
int has_let_go(port::Sys& sys, const StateDir& dir, const Name& name, int lock_file,
               const Owner& owner) {
  const int over = has_given_up(sys, dir, name, lock_file, owner);
  if (over <= 0) return over;
  const int held = part_is_held(sys, lock_file, Part::kOwner, As::kWriter);
  if (held <= 0) return held < 0 ? held : 1;
  const auto now = read_record(sys, dir, name);
  return now.ok() && now.value() && now.value()->nonce == owner.read.record.nonce ? 0 : 1;
}

}  // namespace

Result<std::optional<Stop>> Stop::announce(port::Sys& sys, const StateDir& dir, const Name& name) {
  std::optional<Part> part = Part::kStop;
  if (!SOLO_GUARD(sys, announced_first)) part.reset();
  auto begun = begin(sys, dir, name, part);
  if (!begun.ok()) return begun.error();
  if (!begun.value()) return std::optional<Stop>();
  return std::optional(Stop(sys, dir, name, std::move(begun.value()->file), begun.value()->realm));
}

StopResult Stop::carry_out(const StopOptions& options) {
  auto found = find(*sys_, *dir_, *name_, file_.get(), realm_, options.unclear);
  if (const Error* error = std::get_if<Error>(&found)) return *error;
  const Owner* const owner = std::get_if<Owner>(&found);
  if (owner == nullptr) return NothingRuns{};
  const auto announce_late = [this] {
    if (SOLO_GUARD(*sys_, announced_first)) return;
    take_part(*sys_, file_.get(), Part::kStop, As::kReader);
  };
  const auto killed = end_owner(*sys_, *owner, options.grace_ms, announce_late);
  if (!killed.ok()) {
    return Error{"the owner of " + dir_->quoted(name_->lock_file()) + " " + killed.error().what,
                 killed.error().code};
  }
  return Stopped{owner->read.record, killed.value()};
}

StopResult stop(port::Sys& sys, const StateDir& dir, const Name& name, const StopOptions& options) {
  auto under_way = Stop::announce(sys, dir, name);
  if (!under_way.ok()) return under_way.error();
  return under_way.value() ? under_way.value()->carry_out(options) : NothingRuns{};
}

DisownResult disown(port::Sys& sys, const StateDir& dir, const Name& name,
                    const Patience& patience) {
  const auto begun = begin(sys, dir, name, Part::kDisown);
  if (!begun.ok()) return begun.error();
  if (!begun.value()) return NothingRuns{};
  const int lock_file = begun.value()->file.get();
  auto found = find(sys, dir, name, lock_file, begun.value()->realm, patience);
  if (const Error* error = std::get_if<Error>(&found)) return *error;
  const Owner* const owner = std::get_if<Owner>(&found);
  if (owner == nullptr) return NothingRuns{};

  const int sent = tell_to_end(sys, *owner);
  if (sent < 0) return cannot("signal", dir, name, sent);
  for (unsigned round = 0; round < patience.rounds; ++round) {
    const int ended = wait_for_end(sys, *owner, patience.round_ms);
    if (ended < 0) return cannot("wait for", dir, name, ended);
    if (ended > 0) return Disowned{owner->read.record, true};
    const int over = has_let_go(sys, dir, name, lock_file, *owner);
    if (over < 0) return cannot("ask for", dir, name, over);
    if (over > 0) return Disowned{owner->read.record, false};
  }
  return Error{"the owner of " + dir.quoted(name.lock_file()) + " has not given up yet"};
}

}  // namespace solo
