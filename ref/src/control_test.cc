// SPDX-License-Identifier: Apache-2.0
// Ending an instance from outside, among real processes.
#include "solo/control.h"

#include <csignal>

#include "lock_parts.h"
#include "testing.h"

namespace solo::testing {
namespace {

constexpr Patience kNone{0, 0};

StateDir open_dir(port::Sys& sys, const TempDir& temp) {
  return StateDir::open(sys, temp.state(), StateDir::IfMissing::kFail).value();
}

StopResult stop_in(port::Sys& sys, const TempDir& temp, int grace_ms = 30'000) {
  return stop(sys, open_dir(sys, temp), web(), {grace_ms, kNone});
}
StopResult stop_in(const TempDir& temp) { return stop_in(port::linux_sys(), temp); }

ClaimResult claim_by_itself(const TempDir& temp) {
  ClaimOptions options;
  options.managed = Managed::kAuto;
  return claim(port::linux_sys(), open_dir(port::linux_sys(), temp), web(), options);
}

// An owner that dies of SIGTERM at once.
class StayingOwner {
 public:
  explicit StayingOwner(const TempDir& temp) : child_([&] { claim_and_stay(temp, said_); }) {
    EXPECT_EQ(said_.receive(), 'o');
  }
  Child& child() { return child_; }

 private:
  Pipe said_;
  Child child_;
};

TEST(Stop, EndsTheOwnerAndReturnsWhenItsExitWasSeen) {
  const TempDir temp;
  StayingOwner owner(temp);
  const StopResult result = stop_in(temp);
  ASSERT_TRUE(std::holds_alternative<Stopped>(result));
  EXPECT_TRUE(has_ended(owner.child().pid()));
  EXPECT_EQ(std::get<Stopped>(result).owner.pid, owner.child().pid());
  EXPECT_FALSE(std::get<Stopped>(result).killed);
  EXPECT_EQ(WTERMSIG(owner.child().wait()), SIGTERM);
}

TEST(Stop, KillsWhoDoesNotEndInTime) {
  const TempDir temp;
  const Pipe said;
  Child owner([&] {
    ::signal(SIGTERM, SIG_IGN);
    claim_and_stay(temp, said);
  });
  ASSERT_EQ(said.receive(), 'o');
  // Not 0: the kill, too, gets that long until the exit must be seen.
  StopResult result = stop_in(port::linux_sys(), temp, 1000);
  ASSERT_TRUE(std::holds_alternative<Stopped>(result));
  EXPECT_TRUE(std::get<Stopped>(result).killed);
  EXPECT_EQ(WTERMSIG(owner.wait()), SIGKILL);
}

TEST(Stop, OfNothingSaysSoAndMakesNothing) {
  const TempDir temp;
  EXPECT_TRUE(std::holds_alternative<NothingRuns>(stop_in(temp)));
  EXPECT_TRUE(std::filesystem::is_empty(temp.state()));
  {
    ClaimResult gone = claim_in(temp);
    std::get<InstanceLock>(gone).give_up();
  }
  const std::string record = slurp(temp.record());
  EXPECT_TRUE(std::holds_alternative<NothingRuns>(stop_in(temp)));
  EXPECT_EQ(slurp(temp.record()), record);
}

TEST(Stop, SignalsNobodyByARecordWhoseOwnerIsDead) {
  const TempDir temp;
  {
    StayingOwner owner(temp);
    owner.child().kill_and_reap();
  }
  EXPECT_TRUE(std::holds_alternative<NothingRuns>(stop_in(temp)));
}

// The pid in the record is a bystander's by now, and the lock is held by somebody who is not named.
TEST(Stop, NeverSignalsWhoGotTheOwnersPid) {
  const TempDir temp;
  StayingOwner owner(temp);
  const Child bystander([] { ::pause(); });
  change_record(temp, [&](Record& record) {
    record.pid = bystander.pid();
    --record.start_ticks;
  });
  RelaySys sys(port::linux_sys());
  sys.before = [](std::string_view call) {
    EXPECT_NE(call, "pidfd_send_signal");
    EXPECT_NE(call, "kill");
    return 0;
  };
  EXPECT_TRUE(std::holds_alternative<Error>(stop_in(sys, temp)));
  EXPECT_FALSE(has_ended(bystander.pid()));
}

TEST(Stop, KeepsAutomaticStartsOffUntilItReturnsAndNobodyElse) {
  const TempDir temp;
  StayingOwner owner(temp);
  RelaySys sys(port::linux_sys());
  int waited = 0;
  sys.after = [&](std::string_view call) {
    if (call != "poll") return 0;
    ++waited;  // the owner has ended, the stop has not
    EXPECT_TRUE(std::holds_alternative<Stopping>(claim_by_itself(temp)));
    EXPECT_TRUE(owns(claim_in(temp)));
    return 0;
  };
  EXPECT_TRUE(std::holds_alternative<Stopped>(stop_in(sys, temp)));
  EXPECT_EQ(waited, 1);
  EXPECT_TRUE(owns(claim_by_itself(temp)));
}

TEST(Stop, ThatIsKilledKeepsNobodyFromStarting) {
  const TempDir temp;
  StayingOwner owner(temp);
  Child stopper([&] {
    RelaySys sys(port::linux_sys());
    sys.after = [](std::string_view call) {
      if (call == "poll") ::kill(::getpid(), SIGKILL);
      return 0;
    };
    stop_in(sys, temp);
  });
  EXPECT_EQ(WTERMSIG(stopper.wait()), SIGKILL);
  EXPECT_TRUE(owns(claim_by_itself(temp)));
}

TEST(Stop, OfTwoTheFirstToReturnDoesNotEndTheOther) {
  const TempDir temp;
  StayingOwner owner(temp);
  RelaySys sys(port::linux_sys());
  sys.after = [&](std::string_view call) {
    if (call == "poll") {
      EXPECT_TRUE(std::holds_alternative<NothingRuns>(stop_in(temp)));
      EXPECT_TRUE(std::holds_alternative<Stopping>(claim_by_itself(temp)));
    }
    return 0;
  };
  EXPECT_TRUE(std::holds_alternative<Stopped>(stop_in(sys, temp)));
}

TEST(Stop, ThatFailsAnywhereSaysSoAndLeaksNothing) {
  for (const char* failing :
       {"openat", "fcntl_lock", "fstatat", "pidfd_open", "pidfd_send_signal", "poll"}) {
    const TempDir temp;
    StayingOwner owner(temp);
    const StateDir dir = open_dir(port::linux_sys(), temp);
    const std::size_t descriptors = open_descriptors();
    RelaySys sys(port::linux_sys());
    sys.before = [&](std::string_view call) { return call == failing ? -EIO : 0; };
    EXPECT_TRUE(std::holds_alternative<Error>(stop(sys, dir, web(), {1000, kNone}))) << failing;
    EXPECT_EQ(open_descriptors(), descriptors) << failing;
  }
}

// An owner that waits for SIGTERM, gives up first if it is asked to, drains until `drained` is
// closed, and says each step.
[[noreturn]] void own_and_drain(const TempDir& temp, const Pipe& said, Pipe& drained) {
  drained.close_writer();
  const Fd signals(port::linux_sys(), port::linux_sys().signal_fd(1u << (SIGTERM - 1)));
  ClaimResult result = claim_in(temp);
  said.send(owns(result) ? 'o' : 'e');
  char info[128];
  if (::read(signals.get(), info, sizeof info) != 128) ::_exit(1);
  InstanceLock& lock = std::get<InstanceLock>(result);
  const bool disowned = lock.is_disowned().value();
  if (disowned) lock.give_up();
  said.send(disowned ? 'd' : 's');
  drained.receive();
  lock.give_up();
  ::_exit(0);
}

TEST(Disown, ReturnsWhenTheOwnerHasGivenUpAndDrainsAndTheNextOneKeepsItsRecord) {
  const TempDir temp;
  const Pipe said;
  Pipe drained;
  Child owner([&] { own_and_drain(temp, said, drained); });
  ASSERT_EQ(said.receive(), 'o');
  const DisownResult result = disown(port::linux_sys(), open_dir(port::linux_sys(), temp), web());
  ASSERT_TRUE(std::holds_alternative<Disowned>(result));
  EXPECT_EQ(std::get<Disowned>(result).owner.pid, owner.pid());
  EXPECT_FALSE(std::get<Disowned>(result).ended);
  EXPECT_EQ(said.receive(), 'd');

  const ClaimResult next = claim_in(temp);
  ASSERT_TRUE(owns(next)) << why(next);
  const std::string record = slurp(temp.record());
  drained.close_writer();
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 0);
  EXPECT_EQ(slurp(temp.record()), record);
}

// An owner that gives up when it is told to, and says 'm' when its record says so while it still
// has the lock, and 'd' when it has not. It goes on from there when `go` says so.
[[noreturn]] void own_and_give_up_slowly(const TempDir& temp, const Pipe& said, const Pipe& go) {
  RelaySys sys(port::linux_sys());
  const Fd signals(sys, sys.signal_fd(1u << (SIGTERM - 1)));
  ClaimResult result = claim_in(sys, temp);
  said.send(owns(result) ? 'o' : 'e');
  char info[128];
  if (::read(signals.get(), info, sizeof info) != 128) ::_exit(1);
  sys.after = [&](std::string_view call) {
    if (call != "renameat") return 0;
    said.send('m');
    go.receive();
    return 0;
  };
  std::get<InstanceLock>(result).give_up();
  said.send('d');
  for (;;) ::pause();
}

TEST(Disown, ReturnsWhenTheNextOneGetsInAndNotWhenTheRecordSaysSo) {
  const TempDir temp;
  const Pipe said;
  const Pipe go;
  const Child owner([&] { own_and_give_up_slowly(temp, said, go); });
  ASSERT_EQ(said.receive(), 'o');
  RelaySys sys(port::linux_sys());
  int looks = 0;
  sys.before = [&](std::string_view call) {
    if (call != "poll" || ++looks > 2) return 0;
    if (looks == 2) go.send('g');
    EXPECT_EQ(said.receive(), looks == 1 ? 'm' : 'd');
    return 0;
  };
  const DisownResult result = disown(sys, open_dir(sys, temp), web());
  EXPECT_TRUE(std::holds_alternative<Disowned>(result));
  const ClaimResult next = claim_in(temp);
  EXPECT_TRUE(owns(next)) << why(next);
}

TEST(Disown, OfAnOwnerThatEndsInsteadSaysThatItHasEnded) {
  const TempDir temp;
  StayingOwner owner(temp);
  const DisownResult result =
      disown(port::linux_sys(), open_dir(port::linux_sys(), temp), web(), {1, 30'000});
  ASSERT_TRUE(std::holds_alternative<Disowned>(result));
  EXPECT_TRUE(std::get<Disowned>(result).ended);
  EXPECT_EQ(WTERMSIG(owner.child().wait()), SIGTERM);
}

TEST(Disown, IsToldFromAStopBySigtermAlone) {
  const TempDir temp;
  const Pipe said;
  Pipe drained;
  Child owner([&] { own_and_drain(temp, said, drained); });
  ASSERT_EQ(said.receive(), 'o');
  ::kill(owner.pid(), SIGTERM);
  EXPECT_EQ(said.receive(), 's');
  EXPECT_TRUE(is_busy(claim_in(temp)));
  drained.close_writer();
  owner.wait();
}

TEST(Disown, OfAnOwnerThatDrainsFirstIsAnErrorAndChangesNothing) {
  const TempDir temp;
  const Pipe said;
  Child owner([&] {
    ::signal(SIGTERM, SIG_IGN);
    claim_and_stay(temp, said);
  });
  ASSERT_EQ(said.receive(), 'o');
  const std::string record = slurp(temp.record());
  const DisownResult result =
      disown(port::linux_sys(), open_dir(port::linux_sys(), temp), web(), {2, 1});
  EXPECT_TRUE(std::holds_alternative<Error>(result));
  EXPECT_EQ(slurp(temp.record()), record);
  EXPECT_TRUE(is_busy(claim_in(temp)));
}

// As solo did before the bytes of its lock file meant different things.
Fd own_as_a_whole(const TempDir& temp) {
  Fd file(port::linux_sys(), ::open(temp.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  EXPECT_EQ(::fcntl(file.get(), F_OFD_SETLK, &lock), 0);
  return file;
}

TEST(MixedVersions, ExcludeEachOtherAndAStopSaysThatItIsNotHeard) {
  const TempDir temp;
  {
    const Fd old = own_as_a_whole(temp);
    EXPECT_TRUE(is_busy(claim_in(temp)));
    EXPECT_TRUE(is_busy(claim_by_itself(temp)));
    const StopResult result = stop_in(temp);
    ASSERT_TRUE(std::holds_alternative<Error>(result));
    EXPECT_NE(std::get<Error>(result).what.find("as a whole"), std::string::npos);
  }
  const ClaimResult owner = claim_in(temp);
  ASSERT_TRUE(owns(owner));
  const Fd old(port::linux_sys(), ::open(temp.lock().c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  EXPECT_NE(::fcntl(old.get(), F_OFD_SETLK, &lock), 0);
}

TEST(Readiness, IsSeenWhileTheOwnerLivesAndCanBeForestalled) {
  const TempDir temp;
  ClaimResult result = claim_in(temp);
  ASSERT_TRUE(owns(result));
  EXPECT_FALSE(std::get<Held>(probe_in(temp)).ready);
  EXPECT_EQ(std::get<InstanceLock>(result).become_ready().value(), true);
  EXPECT_TRUE(std::get<Held>(probe_in(temp)).ready);
  std::get<InstanceLock>(result).give_up();
  EXPECT_TRUE(std::holds_alternative<Free>(probe_in(temp)));

  ClaimResult next = claim_in(temp);
  ASSERT_TRUE(owns(next));
  EXPECT_FALSE(std::get<Held>(probe_in(temp)).ready) << "the readiness went with its owner";
  const Fd launcher(port::linux_sys(), ::open(temp.lock().c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(take_part(port::linux_sys(), launcher.get(), Part::kReady, As::kReader), 1);
  EXPECT_FALSE(std::get<Held>(probe_in(temp)).ready) << "who gives up on it is not it";
  EXPECT_EQ(std::get<InstanceLock>(next).become_ready().value(), false);
}

TEST(SideFiles, OfAnEarlierOwnerAreGoneBeforeTheRecordNamesTheNext) {
  const TempDir temp;
  const std::string port = temp.state() + "/web.port";
  ClaimOptions options;
  options.side_files = {"web.port"};
  spill(port, "4711");
  auto& sys = port::linux_sys();
  ClaimResult result = claim(sys, open_dir(sys, temp), web(), options);
  ASSERT_TRUE(owns(result)) << why(result);
  EXPECT_FALSE(std::filesystem::exists(port));
  spill(port, "4712");
  const ClaimResult loser = claim(sys, open_dir(sys, temp), web(), options);
  EXPECT_TRUE(is_busy(loser));
  EXPECT_EQ(slurp(port), "4712");
  EXPECT_EQ(std::get<InstanceLock>(result).give_up(), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(port));
}

TEST(SideFiles, HaveNamesThatMeanNothingElse) {
  for (const char* name : {"", "..", "a/b", "web.lock", "web.record", "web.record.new", ".x"}) {
    EXPECT_FALSE(is_side_file(name)) << name;
    const TempDir temp;
    ClaimOptions options;
    options.side_files = {name};
    auto& sys = port::linux_sys();
    EXPECT_TRUE(is_error(claim(sys, open_dir(sys, temp), web(), options))) << name;
    EXPECT_TRUE(std::filesystem::is_empty(temp.state()));
  }
  EXPECT_TRUE(is_side_file("web.port"));
}

}  // namespace
}  // namespace solo::testing
