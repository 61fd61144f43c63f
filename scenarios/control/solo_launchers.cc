// SPDX-License-Identifier: Apache-2.0
// Those who start others: launchers, and a parent of a process that depends on it.
#include <sys/wait.h>

#include <string_view>
#include <variant>

#include "port/forward.h"
#include "solo/instance.h"
#include "solo/launch.h"
#include "solo/process.h"
#include "solo_verbs.h"

namespace lockproof::control {
namespace {

using solo::port::Sys;

// Says that something was started, where it is forked, and what it is.
class StartIsHeard final : public solo::port::ForwardSys {
 public:
  StartIsHeard(Sys& next, Session& session) : ForwardSys(next), session_(session) {}

  pid_t fork() override {
    const pid_t child = ForwardSys::fork();
    if (child == 0) session_.begins_as(Role::kInstance);
    if (child > 0) session_.spawned();
    started_ = started_ || child > 0;
    return child;
  }
  bool started() const { return started_; }

 private:
  Session& session_;
  bool started_ = false;
};

// A start is under way from the fork until the launcher is about to close the lock file.
class StartIsOwned final : public solo::port::ForwardSys {
 public:
  StartIsOwned(Sys& next, Session& session) : ForwardSys(next), session_(session) {}

  int openat(int dir, const char* path, int flags, mode_t mode) override {
    const int fd = ForwardSys::openat(dir, path, flags, mode);
    if (!owns_ && std::string_view(path) == name().lock_file()) lock_file_ = fd;
    return fd;
  }
  pid_t fork() override {
    const pid_t child = ForwardSys::fork();
    if (child > 0) session_.owns();
    owns_ = owns_ || child > 0;
    return child;
  }
  int close(int fd) override {
    if (owns_ && fd == lock_file_) {
      session_.gives_up();
      lock_file_ = -1;
    }
    return ForwardSys::close(fd);
  }
  bool owned() const { return owns_; }

 private:
  Session& session_;
  int lock_file_ = -1;
  bool owns_ = false;
};

// Looks once for whatever it waits for: it may be put off as long as one likes before that.
constexpr solo::EnsureOptions kLooksOnce{kOnce, kOnce, 1000};
constexpr solo::EnsureOptions kPatiently{{500, 10}, {1000, 10}, 1000};

// Under stress what was started is a contender like others, once it says so.
void start_on_host(Session& session, Sys& sys, Act become) {
  const auto dir = state_dir(session, sys);
  if (!dir.ok()) return;
  const auto child = [&] {
    session.begins_as(Role::kContender);
    become(session, sys);
    return 0;
  };
  solo::ensure(sys, dir.value(), name(), child, kPatiently);
  while (sys.waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

// A start that nobody asked for, from its first look on: so a start is judged that ought to have
// been refrained from all the while.
void start(Session& session, Sys& sys, Act become) {
  if (session.on_host()) return start_on_host(session, sys, become);
  session.claims();
  session.decides();
  const auto dir = state_dir(session, sys);
  if (!dir.ok()) return session.failed(dir.error().what);
  const auto child = [&] {
    become(session, sys);
    return 0;
  };
  StartIsHeard heard(session.sys(), session);
  over(heard, sys, [&](Sys& kernel) {
    const auto result = solo::ensure(kernel, dir.value(), name(), child, kLooksOnce);
    if (!heard.started()) session.refrained();
    if (std::holds_alternative<solo::Ready>(result)) return session.busy();
    session.failed("no instance is ready");
  });
}

}  // namespace

void ensure(Session& session, Sys& sys) { start(session, sys, instance); }
void keep(Session& session, Sys& sys) { start(session, sys, keep_on); }

void launch(Session& session, Sys& sys) {
  if (session.on_host()) return;
  session.claims();
  const auto dir = state_dir(session, sys);
  if (!dir.ok()) return session.failed(dir.error().what);
  // What it is is not asked here, so it says nothing.
  const auto child = [&] {
    auto own_dir = state_dir(session, sys);
    if (!own_dir.ok()) return 1;
    auto claimed = solo::claim(sys, std::move(own_dir).value(), name(), {solo::Managed::kAuto, {}});
    auto* const lock = std::get_if<solo::InstanceLock>(&claimed);
    if (lock == nullptr) return 0;
    const auto accepted = lock->become_ready();
    if (accepted.ok() && accepted.value()) session.serves();
    return 0;
  };
  StartIsOwned owned(session.sys(), session);
  over(owned, sys, [&](Sys& kernel) {
    const auto result = solo::ensure(kernel, dir.value(), name(), child, kLooksOnce);
    if (owned.owned()) return session.released();
    if (std::holds_alternative<solo::Ready>(result)) return session.busy();
    session.failed("no instance is ready");
  });
}

void watch(Session& session, Sys& sys) {
  if (session.on_host()) return;
  const auto self = solo::identify_self(sys);
  if (!self.ok()) return;
  const solo::ParentIdentity parent{self.value().pid, self.value().start_ticks};
  if (sys.fork() != 0) return session.hold();
  session.begins_as(Role::kDependant);
  depend(session, sys, parent);
  sys.exit(0);
}

}  // namespace lockproof::control
