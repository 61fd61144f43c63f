// SPDX-License-Identifier: Apache-2.0
// The reference implementation as a subject: the library's own code, nothing re-expressed. And once
// for each of its guards, `solo/without_GUARD`: the same without that one.
#include <sys/wait.h>

#include <optional>
#include <variant>

#include "solo/control.h"
#include "solo/fork_guard.h"
#include "solo/instance.h"
#include "solo/launch.h"
#include "solo/probe.h"
#include "src/guard.h"
#include "subject/builtin.h"
#include "whole_file.h"

namespace {

using lockproof::Session;
using solo::port::Sys;

solo::Name name() { return solo::Name::parse("it").value(); }

solo::Result<solo::StateDir> state_dir(Session& session, Sys& sys) {
  return solo::StateDir::open(sys, session.dir(), solo::StateDir::IfMissing::kFail);
}

// What an owner does while it owns.
using Work = void (*)(Session& session, Sys& sys, solo::InstanceLock& lock);

// An owner from its claim to its end.
void own(Session& session, Sys& sys, solo::Managed managed, Work work) {
  session.claims();
  auto dir = state_dir(session, sys);
  if (!dir.ok()) return session.failed(dir.error().what);
  auto claimed = solo::claim(sys, std::move(dir).value(), name(), {managed, {}});
  if (std::holds_alternative<solo::Busy>(claimed)) return session.busy();
  if (std::holds_alternative<solo::Stopping>(claimed)) return session.failed("a stop is under way");
  if (auto* error = std::get_if<solo::Error>(&claimed)) return session.failed(error->what);
  auto& lock = std::get<solo::InstanceLock>(claimed);
  std::optional<solo::Result<solo::ForkGuard>> guard;
  if (session.on_host()) guard.emplace(solo::ForkGuard::watch(lock.fd()));
  session.owns();
  work(session, sys, lock);
  session.gives_up();
  lock.give_up();
  session.released();
}

void run(Session& session, Sys& sys) {
  own(session, sys, solo::Managed::kCli,
      [](Session& self, Sys&, solo::InstanceLock&) { self.hold(); });
}

// A version from before the lock file had parts.
void run_whole(Session& session, Sys& sys) {
  lockproof::WholeFile old(sys);
  run(session, old);
}

// Removes what owners work on.
void guard(Session& session, Sys& sys) {
  own(session, sys, solo::Managed::kCli, [](Session& self, Sys& kernel, solo::InstanceLock&) {
    self.destroys();
    kernel.unlinkat(AT_FDCWD, (self.dir() + "/data").c_str(), 0);
    self.destroyed();
  });
}

// What a launcher has forked. It is started where it owns, and has looked for a stop after that.
void instance(Session& session, Sys& sys) {
  session.decides();
  own(session, sys, solo::Managed::kAuto, [](Session& self, Sys&, solo::InstanceLock& lock) {
    self.spawned();
    const auto accepted = lock.become_ready();
    if (accepted.ok() && accepted.value()) self.hold();
  });
}

void status(Session& session, Sys& sys) {
  session.probes();
  solo::probe(sys, session.dir(), name());
  session.probed();
}

// Asked for once: who waits longer is the same process with more patience.
constexpr solo::Patience kOnce{0, 0};

void stop(Session& session, Sys& sys) {
  const auto dir = state_dir(session, sys);
  if (!dir.ok()) return;
  const solo::Name it = name();
  auto under_way = solo::Stop::announce(sys, dir.value(), it);
  if (!under_way.ok() || !under_way.value()) return;
  session.stops();
  under_way.value()->carry_out({1000, kOnce});
  session.stopped();
}

void rm(Session& session, Sys& sys) {
  const auto dir = state_dir(session, sys);
  if (dir.ok()) solo::disown(sys, dir.value(), name(), {1, 20});
}

// A search looks once for whatever it waits for: it may be put off as long as one likes before
// that.
void ensure(Session& session, Sys& sys) {
  const auto dir = state_dir(session, sys);
  if (!dir.ok()) return;
  const auto child = [&] {
    // On the host a child is somebody else only when it says so.
    if (session.on_host()) session.begins_as(lockproof::Role::kContender);
    instance(session, sys);
    return 0;
  };
  const solo::EnsureOptions once = {kOnce, kOnce, 1000};
  const solo::EnsureOptions patiently = {{500, 10}, {1000, 10}, 1000};
  solo::ensure(sys, dir.value(), name(), child, session.on_host() ? patiently : once);
  while (session.on_host() && sys.waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

std::int64_t read_record(std::string_view content) {
  if (content.empty()) return lockproof::seen::kEmpty;
  const auto record = solo::parse_record(content);
  if (!record) return lockproof::seen::kTorn;
  return record->pid;
}

// A verb of solo over the session's kernel; or over that kernel for a solo without one guard.
using Act = void (*)(Session& session, Sys& sys);

template <Act kAct>
void whole(Session& session) {
  kAct(session, session.sys());
}

template <Act kAct, solo::Guard kOff>
void less(Session& session) {
  solo::WithoutGuard sys(session.sys(), kOff);
  kAct(session, sys);
}

lockproof::Builtin subject(std::string_view name, std::string_view summary,
                           std::vector<lockproof::Verb> verbs) {
  return {.name = name,
          .summary = summary,
          .verbs = std::move(verbs),
          .record = "it.record",
          .lock = "it.lock",
          .read_record = read_record};
}

template <solo::Guard kOff>
lockproof::Builtin without(std::string_view name, std::string_view summary) {
  return subject(name, summary,
                 {{"run", less<run, kOff>},
                  {"run_whole", less<run_whole, kOff>},
                  {"status", less<status, kOff>},
                  {"stop", less<stop, kOff>},
                  {"rm", less<rm, kOff>},
                  {"guard", less<guard, kOff>},
                  {"ensure", less<ensure, kOff>}});
}

const lockproof::BuiltinRegistration registrations[] = {
    subject("solo", "the reference implementation",
            {{"run", whole<run>},
             {"run_whole", whole<run_whole>},
             {"status", whole<status>},
             {"stop", whole<stop>},
             {"rm", whole<rm>},
             {"guard", whole<guard>},
             {"ensure", whole<ensure>}}),
#define SOLO_GUARD_LINE(name, why) without<solo::Guard::name>("solo/without_" #name, why),
#include "src/guards.def"
#undef SOLO_GUARD_LINE
};

}  // namespace
