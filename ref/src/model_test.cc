// SPDX-License-Identifier: Apache-2.0
// solo among real processes, against a model of a lock: whatever they are told to do in turn, each
// answer is the model's, and so is what `probe` says after each.
#include <gtest/gtest.h>
#include <rapidcheck/state.h>
#include <sys/signalfd.h>

#include <array>
#include <memory>

#include "solo/control.h"
#include "testing.h"

namespace solo::testing {
namespace {

constexpr int kProcesses = 4;

struct Model {
  std::optional<int> owner;
  bool ready = false;
  std::uint64_t claims = 0;

  void claim(int who) {
    if (owner) return;
    owner = who, ready = false, ++claims;
  }
  void leave(int who) {
    if (owner == who) owner.reset();
  }
};

// A process that does what it is told: 'c' claims, 'r' becomes ready, 'g' gives up. A SIGTERM ends
// it, or only its ownership where it was disowned.
class Obedient {
 public:
  explicit Obedient(const TempDir& temp) : child_([&] { obey(temp); }) {}

  pid_t pid() const { return child_.pid(); }
  // 'y' or 'n'; 'e' after an error.
  char ask(char word) const {
    orders_.send(word);
    return answers_.receive();
  }
  void kill() { child_.kill_and_reap(); }

 private:
  [[noreturn]] void obey(const TempDir& temp) {
    auto& sys = port::linux_sys();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int terms = sys.signal_fd(std::uint64_t{1} << (SIGTERM - 1));
    for (;;) {
      pollfd fds[2] = {{orders_.reader(), POLLIN, 0}, {terms, POLLIN, 0}};
      if (::poll(fds, 2, -1) < 0) continue;
      if (fds[1].revents != 0) hear(terms);
      if (fds[0].revents != 0) answers_.send(do_it(orders_.receive(), temp));
    }
  }
  void hear(int terms) {
    signalfd_siginfo signal;
    const bool heard = ::read(terms, &signal, sizeof signal) == sizeof signal;
    if (!heard || !lock_ || !lock_->is_disowned().value()) ::_exit(0);
    lock_->give_up();
    lock_.reset();
  }
  char do_it(char order, const TempDir& temp) {
    if (order == 'x') ::_exit(0);  // the test has ended
    if (order == 'r') return lock_->become_ready().value() ? 'y' : 'n';
    if (order == 'g') {
      const bool clean = !lock_ || !lock_->give_up();
      lock_.reset();
      return clean ? 'y' : 'e';
    }
    ClaimResult result = claim_in(temp);
    if (is_error(result)) return 'e';
    if (!owns(result)) return 'n';
    lock_ = std::make_unique<InstanceLock>(std::move(std::get<InstanceLock>(result)));
    return 'y';
  }

  Pipe orders_, answers_;
  std::unique_ptr<InstanceLock> lock_;
  Child child_;
};

struct Lock {
  Lock() {
    for (auto& process : processes) process = std::make_unique<Obedient>(temp);
  }
  pid_t pid(int who) const { return processes[static_cast<std::size_t>(who)]->pid(); }
  Obedient& at(int who) { return *processes[static_cast<std::size_t>(who)]; }
  void replace(int who) {
    at(who).kill();
    processes[static_cast<std::size_t>(who)] = std::make_unique<Obedient>(temp);
  }
  StateDir dir() const {
    return StateDir::open(port::linux_sys(), temp.state(), StateDir::IfMissing::kFail).value();
  }

  TempDir temp;
  std::array<std::unique_ptr<Obedient>, kProcesses> processes;
};

enum class Act { kClaim, kReady, kGiveUp, kKill, kStop, kDisown };
constexpr const char* kActs[] = {"claims", "is ready", "gives up", "is killed", "stop", "disown"};

class Step : public rc::state::Command<Model, Lock> {
 public:
  Step()
      : act_(static_cast<Act>(*rc::gen::inRange(0, 6))), who_(*rc::gen::inRange(0, kProcesses)) {}

  void checkPreconditions(const Model& model) const override {
    RC_PRE(act_ != Act::kReady || model.owner == who_);
  }
  void apply(Model& model) const override {
    if (act_ == Act::kClaim) model.claim(who_);
    if (act_ == Act::kReady) model.ready = true;
    if (act_ == Act::kGiveUp || act_ == Act::kKill) model.leave(who_);
    if (act_ == Act::kStop || act_ == Act::kDisown) model.owner.reset();
  }
  void run(const Model& before, Lock& lock) const override {
    act(before, lock);
    expect_same(nextState(before), lock);
  }
  void show(std::ostream& out) const override {
    out << (act_ < Act::kStop ? std::to_string(who_) + " " : "") << kActs[static_cast<int>(act_)];
  }

 private:
  void act(const Model& before, Lock& lock) const {
    auto& sys = port::linux_sys();
    switch (act_) {
      case Act::kClaim:
        RC_ASSERT(lock.at(who_).ask('c') == (before.owner ? 'n' : 'y'));
        break;
      case Act::kReady:
        RC_ASSERT(lock.at(who_).ask('r') == 'y');
        break;
      case Act::kGiveUp:
        RC_ASSERT(lock.at(who_).ask('g') == 'y');
        break;
      case Act::kKill:
        lock.replace(who_);
        break;
      case Act::kStop: {
        const StopResult stopped = stop(sys, lock.dir(), web());
        RC_ASSERT(before.owner.has_value() == std::holds_alternative<Stopped>(stopped));
        RC_ASSERT(before.owner || std::holds_alternative<NothingRuns>(stopped));
        if (before.owner) lock.replace(*before.owner);
        break;
      }
      case Act::kDisown: {
        const DisownResult disowned = disown(sys, lock.dir(), web(), {30'000, 1});
        RC_ASSERT(before.owner.has_value() == std::holds_alternative<Disowned>(disowned));
        RC_ASSERT(before.owner || std::holds_alternative<NothingRuns>(disowned));
        if (before.owner) RC_ASSERT(!std::get<Disowned>(disowned).ended);
        break;
      }
    }
  }
  static void expect_same(const Model& model, const Lock& lock) {
    const ProbeResult seen = probe_in(lock.temp);
    RC_ASSERT(std::holds_alternative<Held>(seen) == model.owner.has_value());
    if (!model.owner) {
      RC_ASSERT(std::holds_alternative<Free>(seen));
      return;
    }
    const Held& held = std::get<Held>(seen);
    RC_ASSERT(held.holder.has_value());
    RC_ASSERT(held.holder->pid == lock.pid(*model.owner));
    RC_ASSERT(held.holder->generation == model.claims);
    RC_ASSERT(held.ready == model.ready);
  }

  Act act_;
  int who_;
};

TEST(Model, OfALockSaysWhatSoloSays) {
  EXPECT_TRUE(rc::check([] {
    Lock lock;
    rc::state::check(Model{}, lock, rc::state::gen::execOneOfWithArgs<Step>());
  }));
}

}  // namespace
}  // namespace solo::testing
