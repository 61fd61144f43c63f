// SPDX-License-Identifier: Apache-2.0
// Moves: the one definition of what may be chosen in a state, and of what a choice does
// (world/choices.h names them). Every strategy chooses from here. What is not listed is no choice.
//
// A process begins with its first step. kill, term and stop are for processes of the cast that have
// begun (and for their children, if the rules say so): before, a kill equals a run without it. A
// `late` one begins only when nobody who has begun can take a step: all are gone or blocked. Once
// it has begun nobody else begins, and there are no faults: it is there to see what is left.
//
// What makes no difference to anybody is no choice, and passes with the step before it: calls that
// ask only who one is (World::is_local()), steps of a death that nobody notices, and the closing of
// the files of who ends by itself or by a fault (it might as well have ended a little later).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/schedule.h"
#include "world/choices.h"
#include "world/world.h"

namespace lockproof {

// What a run allows.
struct Rules {
  TimeMode time = TimeMode::kAnyTime;
  std::array<std::uint8_t, kFaultKinds> budget{};  // by place in all_faults(): how often at most
  std::vector<bool> late;                          // by place; shorter: the rest is not
  std::int64_t clock_step_ns = 0;
  // kill, term and stop strike forked children, too: one of them may be the instance.
  bool strikes_children = false;
};

// What a choice did.
struct Step {
  Choice choice;
  enum class What : std::uint8_t { kCall, kDeath, kClock, kFault } what = What::kCall;
  std::uint8_t process = 0;  // who did it, or to whom it was done
  Call call;                 // kCall; errno: the call that failed
  Answer answer;             // kCall. kRefused: the run is over, refusal() says why
};

class Moves {
 public:
  // All outlive this.
  Moves(World& world, const Start& start, const Rules& rules);

  World& world() const { return world_; }
  const Start& start() const { return start_; }
  const Rules& rules() const { return rules_; }
  unsigned cast() const { return static_cast<unsigned>(start_.cast.size()); }

  // To the beginning, before the setup.
  Result<> reset();

  // What brings the setup on; nothing: all of it is ready, and the run begins. Each process goes on
  // until it says that it owns, or has ended (where children are struck: and none of them can go
  // on); while it waits, its children do, then the clock. No
  // faults come. An error (kUsage): it waits, and nobody ends that, or it is not ready after many
  // steps.
  Result<std::optional<Choice>> setup_step();

  // Steps of processes by place, then the clock: what the run itself can do. None: it is at rest.
  std::vector<Choice> steps();
  // What may be done to it besides, by letter. A run may end without any of these.
  std::vector<Choice> faults();
  std::vector<Choice> all();  // steps(), then faults()
  bool possible(Choice choice);

  // REQUIRES: possible(choice), and the run is not over.
  Step apply(Choice choice);
  const std::string& refusal() const { return refusal_; }

  bool begun(unsigned place) const { return ((state_.begun >> place) & 1u) != 0; }

  // What a snapshot of the world does not hold. To go back: restore the world and assign this.
  struct State {
    std::array<std::uint8_t, kFaultKinds> left{};
    std::uint32_t begun = 0;    // by place
    std::uint32_t earlier = 0;  // ended before the last reboot: their pids mean nothing
    std::uint32_t stopped = 0;  // by a fault
    std::uint32_t owns = 0;     // has said so last
    std::int64_t now_ns = 0;    // how far the clock was put on

    bool operator==(const State&) const = default;
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  bool late(unsigned place) const;
  bool no_late_waits() const;
  bool can_go_on(unsigned place);
  std::optional<unsigned> next_sleeper() const;
  unsigned left(Letter letter) const;
  void add_errnos(unsigned place, std::vector<Choice>& out);
  bool pid_is_free(unsigned place) const;
  unsigned victims() const;  // of signals: some of the places below it

  Step do_choice(Choice choice);
  void pass_deaths(const Step& step);
  void listen(unsigned place);
  Step go_on(Choice choice);
  Step do_fault(Choice choice);
  bool inject(Choice choice, Step& step);
  void pass_time_for(unsigned place);

  World& world_;
  const Start& start_;
  const Rules& rules_;
  State state_;
  std::string refusal_;
  unsigned setup_steps_ = 0;
};

// "A", "kill A", "go on A", "errno ENOSPC A": what a choice is, for people.
std::string describe(const Step& step);

}  // namespace lockproof
