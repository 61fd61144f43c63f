// SPDX-License-Identifier: Apache-2.0
#include "solo/launch.h"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "calls.h"
#include "guard.h"
#include "lock_file.h"
#include "lock_parts.h"
#include "owner.h"
#include "solo/process.h"

namespace solo {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? "was killed by signal " + std::to_string(WTERMSIG(status))
                             : "ended with " + std::to_string(WEXITSTATUS(status));
}

// The record names who is ready, as it was complete before: no need to ask whether that one lives.
Ready ready_one(port::Sys& sys, const StateDir& dir, const Name& name, pid_t started) {
  const auto record = read_record(sys, dir, name);
  const bool owned =
      record.ok() && record.value() && record.value()->state == Record::State::kOwned;
  return {owned ? record.value() : std::nullopt, started};
}

// Guard not_itself. Whether this process is a part of the instance that is not ready: whoever waits
// for it then waits for itself, and ends itself in the end.
MaybeError refuse_itself(port::Sys& sys, const StateDir& dir, const Name& name, int lock_file) {
  if (!SOLO_GUARD(sys, not_itself)) return {};
  const auto realm = this_realm(sys);
  if (!realm.ok()) return realm.error();
  const auto found = find_owner(sys, dir, name, lock_file, realm.value());
  if (const Error* error = std::get_if<Error>(&found)) return *error;
  const Owner* const owner = std::get_if<Owner>(&found);
  if (owner == nullptr) return {};
  const Record& record = owner->read.record;
  const int itself = descends_from(sys, record.pid, record.start_ticks);
  if (itself == 0) return {};
  const std::string who = name.text() + " (pid " + std::to_string(record.pid) + ")";
  if (itself < 0) return Error{"cannot tell whether this is a part of " + who, -itself};
  return Error{who + " is not ready, and this process is a part of it"};
}

// One launcher, from when it has the launcher's lock.
class Launcher {
 public:
  Launcher(port::Sys& sys, const StateDir& dir, const Name& name, Fd file,
           const EnsureOptions& options)
      : sys_(sys), dir_(dir), name_(name), file_(std::move(file)), o_(options) {}

  EnsureResult launch(const std::function<int()>& instance) {
    if (SOLO_GUARD(sys_, looked_again)) {
      const auto ready = wait_for_who_is_there();
      if (!ready.ok()) return ready.error();
      if (ready.value()) return found(0);
    }
    if (SOLO_GUARD(sys_, stop_asked_first)) {
      const int stop = ask(Part::kStop, As::kWriter);
      if (stop < 0) return cannot("ask for", stop);
      if (stop == 1) return Stopping{};
    }
    const pid_t child = sys_.fork();
    if (child == 0) become(instance);
    if (child < 0) return Error{"cannot start a process", -child};
    return see_it_ready(child);
  }

 private:
  enum class Seen { kReady, kNotReady, kFree };

  Error cannot(const char* act, int result) const {
    return {std::string("cannot ") + act + " " + dir_.quoted(name_.lock_file()), -result};
  }
  int ask(Part part, As as) const { return part_is_held(sys_, file_.get(), part, as); }
  void pause() const { sys_.sleep(o_.ready.round_ms * kNsPerMs); }

  Result<Seen> look() const {
    const int ready = ask(Part::kReady, As::kReader);
    if (ready < 0) return cannot("ask for", ready);
    if (ready == 1) return Seen::kReady;
    const int owned = ask(Part::kOwner, As::kWriter);
    if (owned < 0) return cannot("ask for", owned);
    return owned == 1 ? Seen::kNotReady : Seen::kFree;
  }

  Ready found(pid_t started) const { return ready_one(sys_, dir_, name_, started); }

  // True: who is there is ready. False: nobody is there, perhaps because it was ended.
  Result<bool> wait_for_who_is_there() {
    for (unsigned round = 0;; ++round) {
      const auto seen = look();
      if (!seen.ok()) return seen.error();
      if (seen.value() != Seen::kNotReady) return seen.value() == Seen::kReady;
      if (round >= o_.ready.rounds) break;
      if (round == 0) {
        if (auto error = refuse_itself(sys_, dir_, name_, file_.get())) return *error;
      }
      pause();
    }
    return end_who_is_there();
  }

  // Guard last_look. False: it has become ready meanwhile.
  Result<bool> give_up_on_it() {
    if (!SOLO_GUARD(sys_, last_look)) return true;
    const int taken = take_part(sys_, file_.get(), Part::kReady, As::kReader);
    if (taken < 0) return cannot("lock", taken);
    return taken == 1;
  }

  // False: it is gone. True: it has become ready.
  Result<bool> end_who_is_there() {
    const auto realm = this_realm(sys_);
    if (!realm.ok()) return realm.error();
    auto owner = find_owner(sys_, dir_, name_, file_.get(), realm.value());
    if (const Error* error = std::get_if<Error>(&owner)) return *error;
    if (const NoOwner* nobody = std::get_if<NoOwner>(&owner)) {
      if (*nobody == NoOwner::kFree) return false;
      return Error{name_.text() + " is not ready, and who runs it cannot be told"};
    }
    const Owner& there = *std::get_if<Owner>(&owner);
    const std::string who = name_.text() + " (pid " + std::to_string(there.read.record.pid) + ")";
    if (there.read.record.managed != Managed::kAuto && SOLO_GUARD(sys_, only_automatic)) {
      return Error{who + " is not ready, and was started by a user"};
    }
    const auto given_up = give_up_on_it();
    if (!given_up.ok() || !given_up.value()) return given_up.ok() ? true : given_up;
    const auto ended = end_owner(sys_, there, o_.grace_ms);
    if (!ended.ok())
      return Error{who + " is not ready, and " + ended.error().what, ended.error().code};
    drop_part(sys_, file_.get(), Part::kReady);  // who is started next may get ready
    return false;
  }

  // In the child.
  [[noreturn]] void become(const std::function<int()>& instance) {
    file_.close();  // or the child would be the launcher, too
    sys_.setsid();
    sys_.exit(instance());
    std::abort();  // not reached; g++ forgets [[noreturn]] on a virtual call
  }

  EnsureResult see_it_ready(pid_t child) {
    for (unsigned round = 0;; ++round) {
      const auto seen = look();
      if (!seen.ok()) return failed(child, seen.error());
      if (seen.value() == Seen::kReady) return found(child);
      int status = 0;
      const pid_t ended = sys_.waitpid(child, &status, WNOHANG);
      if (ended == child) return ended_early(status);
      if (ended < 0 && ended != -EINTR)
        return failed(child, Error{"cannot wait for a child", -ended});
      if (round >= o_.ready.rounds) break;
      pause();
    }
    const auto given_up = give_up_on_it();
    if (!given_up.ok()) return failed(child, given_up.error());
    if (!given_up.value()) return found(child);
    return failed(child, Error{name_.text() + " was started and did not get ready in time"});
  }

  // It may have lost to another one, which a user started meanwhile; or made way for a stop.
  EnsureResult ended_early(int status) {
    const int stop = ask(Part::kStop, As::kWriter);
    if (stop == 1) return Stopping{};
    const auto ready = wait_for_who_is_there();
    if (!ready.ok()) return ready.error();
    if (ready.value()) return found(0);
    return Error{name_.text() + " " + how_it_ended(status) + " before it was ready"};
  }

  // Only a child that is not reaped yet has its pid for certain.
  Error failed(pid_t child, Error error) {
    if (SOLO_GUARD(sys_, reaped) && sys_.waitpid(child, nullptr, WNOHANG) == 0) {
      sys_.kill(child, SIGKILL);
      again_if_interrupted([&] { return sys_.waitpid(child, nullptr, 0); });
    }
    return error;
  }

  port::Sys& sys_;
  const StateDir& dir_;
  const Name& name_;
  Fd file_;
  const EnsureOptions& o_;
};

// Nothing: nobody is ready.
Result<std::optional<Ready>> take_as_it_is(port::Sys& sys, const StateDir& dir, const Name& name) {
  const LockAct ask = {"ask for the lock of",
                       [&](int fd) { return part_is_held(sys, fd, Part::kReady, As::kReader); }};
  const auto opened = open_lock_file(sys, dir, name, O_RDONLY, ask);
  if (!opened.ok()) return opened.error();
  const bool ready = opened.value() && opened.value()->outcome == 1;
  return ready ? std::optional(ready_one(sys, dir, name, 0)) : std::nullopt;
}

}  // namespace

EnsureResult ensure(port::Sys& sys, const StateDir& dir, const Name& name,
                    const std::function<int()>& instance, const EnsureOptions& options) {
  const LockAct become_launcher = {
      "lock",
      [&](int fd) {
        return SOLO_GUARD(sys, one_launcher) ? take_part(sys, fd, Part::kLauncher, As::kWriter) : 1;
      },
      true};
  for (unsigned round = 0;; ++round) {
    const auto there = take_as_it_is(sys, dir, name);
    if (!there.ok()) return there.error();
    if (there.value()) return *there.value();
    auto opened = open_lock_file(sys, dir, name, O_RDWR | O_CREAT, become_launcher);
    if (!opened.ok()) return opened.error();
    if (opened.value()->outcome == 1) {
      Launcher launcher(sys, dir, name, std::move(opened.value()->file), options);
      return launcher.launch(instance);
    }
    if (round >= options.others.rounds) break;
    if (round == 0) {
      if (auto error = refuse_itself(sys, dir, name, opened.value()->file.get())) return *error;
    }
    sys.sleep(options.others.round_ms * kNsPerMs);
  }
  return Error{"another launcher of " + name.text() + " does not come to an end"};
}

}  // namespace solo
