// SPDX-License-Identifier: Apache-2.0
#include "stress/contender.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

#include "core/random.h"
#include "stress/observed_sys.h"
#include "stress/perturbed_sys.h"

namespace lockproof {

int ask::slow_term() { return SIGRTMIN; }

namespace {

volatile std::sig_atomic_t told_to_end = 0;
volatile std::sig_atomic_t told_to_drain = 0;
volatile std::sig_atomic_t told_to_fork = 0;

void on_signal(int signal) {
  if (signal == ask::kTerm) told_to_end = 1;
  if (signal == ask::slow_term()) {
    told_to_drain = 1;
    told_to_end = 1;
  }
  if (signal == ask::kFork || signal == ask::kForkExec) told_to_fork = signal;
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (int signal : {ask::kTerm, ask::slow_term(), ask::kFork, ask::kForkExec}) {
    ::sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Returns early when a signal comes.
void pause_us(std::uint32_t us) {
  if (us == 0) {
    ::sched_yield();
    return;
  }
  struct timespec time {};
  time.tv_sec = us / 1'000'000;
  time.tv_nsec = static_cast<long>(us % 1'000'000) * 1000;
  ::nanosleep(&time, nullptr);
}

class ContenderSession final : public Session {
 public:
  ContenderSession(const ContenderPlan& plan, Witness witness)
      : plan_(plan),
        witness_(witness),
        life_(plan.life),
        random_(plan.seed, plan.life),
        observed_(solo::port::linux_sys(), std::string(plan.subject->record),
                  std::string(plan.subject->lock),
                  [this](Phase phase, Object object, Change change) {
                    witness_.append(
                        {Kind::kChange, phase, object, life_, static_cast<std::int64_t>(change)});
                  }),
        perturbed_(observed_, Random(plan.seed + 1, plan.life)) {}

  solo::port::Sys& sys() override {
    if (plan_.perturb) return perturbed_;
    return observed_;
  }
  bool on_host() const override { return true; }
  const std::string& dir() const override { return plan_.dir; }

  void hold() override {
    const std::uint32_t hold_us_max = witness_.hold_us_max();
    if (hold_us_max > 0 && told_to_end == 0) pause_us(random_.below(hold_us_max) + 1);
    if (told_to_fork != 0) fork_child();
    if (told_to_drain != 0) pause_us(ask::kDrainMs * 1000);
  }

  void serves() override {
    while (told_to_end == 0 && !witness_.run_closed()) pause_us(1000);
  }

  void think() { pause_us(plan_.think_us_max == 0 ? 0 : random_.below(plan_.think_us_max) + 1); }

 private:
  void say(Kind kind, Phase phase, std::int8_t value) override {
    if (kind == Kind::kStart) {  // a child, which speaks for itself from now on
      life_ = witness_.new_life();
      witness_.append({kind, phase, Object::kNone, life_, ::getpid()});
      return;
    }
    witness_.append({kind, phase, Object::kNone, life_, value});
  }

  // A child that outlives its parent, with all that it inherited. The engine ends it; so does the
  // end of the cage.
  void fork_child() {
    const bool executes = told_to_fork == ask::kForkExec;
    told_to_fork = 0;
    const Life child = witness_.new_life();
    if (executes) {
      start_program(child);
    } else if (sys().fork() == 0) {
      begin_child(child, ::getpid());
      for (;;) ::pause();
    }
    // The owner stays as it is until the engine has killed it: that is the drill.
    for (int i = 0; i < 100 && told_to_end == 0; ++i) pause_us(10'000);
  }

  void begin_child(Life child, pid_t pid) {
    witness_.append({Kind::kStart, Phase::kPoint, Object::kNone, child, pid});
  }

  // As posix_spawn does it, without what libc runs at a fork() (a ForkGuard): so what the program
  // inherits is up to O_CLOEXEC alone. It begins when it executes; before that it has everything.
  void start_program(Life child) {
    int executed[2];
    if (::pipe2(executed, O_CLOEXEC) != 0) return;
    const pid_t pid = ::_Fork();
    if (pid == 0) {
      ::execl(plan_.helper.c_str(), plan_.helper.c_str(), "idle", nullptr);
      ::_exit(70);
    }
    ::close(executed[1]);
    char byte;
    while (::read(executed[0], &byte, 1) < 0 && errno == EINTR) continue;
    ::close(executed[0]);
    if (pid > 0) begin_child(child, pid);
  }

  const ContenderPlan& plan_;
  Witness witness_;
  Life life_;  // whose words these are
  Random random_;
  ObservedSys observed_;
  PerturbedSys perturbed_;
};

const Verb* find_verb(const Builtin& subject, std::string_view name) {
  for (const Verb& verb : subject.verbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

}  // namespace

void live_as_contender(const ContenderPlan& plan, Witness witness) {
  handle_signals();
  witness.append({Kind::kStart, Phase::kPoint, Object::kNone, plan.life, ::getpid()});
  ContenderSession session(plan, witness);
  while (told_to_end == 0 && !witness.run_closed()) {
    for (const std::string& name : plan.verbs) {
      const Verb* verb = find_verb(*plan.subject, name);
      if (verb == nullptr) ::_exit(70);
      verb->act(session);
    }
    session.think();
  }
  ::_exit(0);
}

}  // namespace lockproof
