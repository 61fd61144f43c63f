// SPDX-License-Identifier: Apache-2.0
// Witnesses of the guards beside others: who stops, and who is signalled.
#include "solo/control.h"
#include "solo/process.h"
#include "witness.h"

namespace solo::testing {

bool stop_asked_after(Scene& scene) {
  const Fd stopper = hold_part(scene, Part::kStop, As::kReader);
  ClaimOptions options;
  options.managed = Managed::kAuto;
  return std::holds_alternative<Stopping>(scene.claim(options));
}

namespace {

// Whether a stop signals anybody. The signal does not arrive.
bool stop_signals(Scene& scene, std::function<void(std::string_view)> meanwhile = nullptr) {
  bool signalled = false;
  scene.relay.before = [&](std::string_view call) {
    if (meanwhile) meanwhile(call);
    signalled = signalled || call == "pidfd_send_signal";
    return call == "pidfd_send_signal" ? -EPERM : 0;
  };
  const StateDir dir = scene.state_dir();
  stop(scene.sys(), dir, web(), {0, {0, 0}});
  return signalled;
}

// A child that does `act` with its claim, says so, and stays.
template <class Act>
void live_owner(Scene& scene, const Pipe& said, Act act) {
  ClaimResult result = claim_in(scene.temp);
  said.send(owns(result) ? 'o' : 'e');
  act(result);
  for (;;) ::pause();
}

// A former owner that lives on, and whose record does, too.
class Dropped {
 public:
  explicit Dropped(Scene& scene)
      : child_([&] {
          live_owner(scene, said_, [&](ClaimResult& result) {
            { const ClaimResult gone = std::move(result); }
            said_.send('d');
          });
        }) {
    EXPECT_EQ(said_.receive(), 'o');
    EXPECT_EQ(said_.receive(), 'd');
  }

 private:
  Pipe said_;
  Child child_;
};

}  // namespace

bool held_by_somebody(Scene& scene) {
  const Dropped former(scene);
  return !stop_signals(scene);
}

bool published(Scene& scene) {
  const Dropped former(scene);
  const Fd next = hold_part(scene, Part::kOwner, As::kWriter);
  return !stop_signals(scene);
}

bool same_record(Scene& scene) {
  const Pipe said, told;
  Child owner([&] {
    live_owner(scene, said, [&](ClaimResult& result) {
      told.receive();
      lock_of(result).give_up();
      said.send('g');
    });
  });
  EXPECT_EQ(said.receive(), 'o');
  std::optional<ClaimResult> next;
  return !stop_signals(scene, [&](std::string_view call) {
    if (call != "pidfd_open") return;
    told.send('g');
    EXPECT_EQ(said.receive(), 'g');
    next.emplace(claim_in(scene.temp));
  });
}

namespace {

// The lock is held; the record says something else than the owner wrote.
template <class Change>
bool stop_signals_by(Scene& scene, Change change) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  change_record(scene.temp, change);
  return stop_signals(scene);
}

}  // namespace

bool same_realm(Scene& scene) {
  return !stop_signals_by(scene, [](Record& record) { ++record.pid_namespace; });
}

bool same_start(Scene& scene) {
  return !stop_signals_by(scene, [](Record& record) { --record.start_ticks; });
}

namespace {

// A kernel where a process ends, and its pid is given away, as soon as somebody has looked at it.
class FleetingSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  int openat(int dir, const char* path, int flags, mode_t mode) override {
    const std::string_view name(path);
    looked = looked || (name.ends_with("/stat") && name != "/proc/self/stat");
    return next().openat(dir, path, flags, mode);
  }
  int pidfd_open(pid_t pid) override {
    stranger = looked;
    return next().pidfd_open(pid);
  }
  int pidfd_send_signal(int, int) override {
    stranger_signalled = stranger;
    return -EPERM;
  }
  bool looked = false, stranger = false, stranger_signalled = false;
};

}  // namespace

bool pinned_first(Scene& scene) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  FleetingSys fleeting(port::linux_sys());
  const StateDir dir = scene.state_dir();
  scene.over(fleeting, [&](port::Sys& sys) { return stop(sys, dir, web(), {0, {0, 0}}); });
  return !fleeting.stranger_signalled;
}

bool not_ended(Scene& scene) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  const Record record = *parse_record(slurp(scene.temp.record()));
  ::kill(owner.pid(), SIGKILL);
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(owner.pid()), &info, WEXITED | WNOWAIT), 0);
  return is_alive(scene.sys(), record.pid, record.start_ticks) == 0;
}

bool announced_first(Scene& scene) {
  bool announced = true;
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  const Fd asker(port::linux_sys(), ::open(scene.temp.lock().c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(stop_signals(scene, [&](std::string_view call) {
    if (call != "pidfd_send_signal") return;
    announced = part_is_held(port::linux_sys(), asker.get(), Part::kStop, As::kWriter) == 1;
  }));
  return announced;
}

bool exit_seen(Scene& scene) {
  const Pipe said, told;
  Child owner([&] {
    ::signal(SIGTERM, SIG_IGN);
    live_owner(scene, said, [&](ClaimResult&) {
      told.receive();
      ::_exit(0);
    });
  });
  EXPECT_EQ(said.receive(), 'o');
  scene.relay.before = [&](std::string_view call) {
    if (call == "poll") told.send('e');
    return 0;
  };
  const StateDir dir = scene.state_dir();
  stop(scene.sys(), dir, web(), {30'000, {0, 0}});
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(owner.pid()), &info, WEXITED | WNOHANG | WNOWAIT), 0);
  return info.si_pid == owner.pid();
}

}  // namespace solo::testing
