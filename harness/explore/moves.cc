// SPDX-License-Identifier: Apache-2.0
#include "explore/moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "world/errnos.h"

namespace lockproof {
namespace {

constexpr unsigned kErrnos = 16;
constexpr unsigned kMostSetupSteps = 10'000;

bool runs(ProcessState state) {
  return state == ProcessState::kReady || state == ProcessState::kWaiting;
}
bool lives(ProcessState state) { return runs(state) || state == ProcessState::kStopped; }

Choice fault(Letter letter, unsigned alternative) {
  return {static_cast<std::uint8_t>(letter), static_cast<std::uint16_t>(alternative)};
}

}  // namespace

Moves::Moves(World& world, const Start& start, const Rules& rules)
    : world_(world), start_(start), rules_(rules) {}

Result<> Moves::reset() {
  state_ = State{};
  setup_steps_ = 0;
  state_.left = rules_.budget;
  refusal_.clear();
  return world_.reset(start_);
}

Result<std::optional<Choice>> Moves::setup_step() {
  using Found = std::optional<Choice>;
  if (++setup_steps_ > kMostSetupSteps) {
    return usage_error(ErrorCode::kSetup,
                       fmt::format("setup: not ready after {} steps", kMostSetupSteps));
  }
  for (unsigned place = 0; place < start_.setup; ++place) {
    const bool owns = ((state_.owns >> place) & 1u) != 0;
    const bool gone = world_.state(place) == ProcessState::kGone;
    if (owns || (gone && !rules_.strikes_children)) continue;
    if (can_go_on(place)) return Found({static_cast<std::uint8_t>(place), 0});
    for (unsigned child = cast(); child < world_.processes(); ++child) {
      if (can_go_on(child)) return Found({static_cast<std::uint8_t>(child), 0});
    }
    if (gone) continue;
    if (rules_.time == TimeMode::kOrdered && next_sleeper()) return Found({kClockActor, 0});
    return usage_error(ErrorCode::kSetup,
                       fmt::format("setup: process {} neither owns nor ends, but waits",
                                   static_cast<char>('A' + place)));
  }
  return Found();
}

bool Moves::late(unsigned place) const {
  return place < rules_.late.size() && rules_.late[place] && !begun(place);
}

// It has begun, or a process killed it before: then nobody else begins, and there are no more
// faults.
bool Moves::no_late_waits() const {
  for (unsigned place = 0; place < rules_.late.size(); ++place) {
    if (rules_.late[place] && (begun(place) || !runs(world_.state(place)))) return true;
  }
  return false;
}

bool Moves::can_go_on(unsigned place) {
  return world_.can_step_death(place) || (runs(world_.state(place)) && world_.enabled(place));
}

// Whom the clock goes on for: nobody while one whose time has come is still to return.
std::optional<unsigned> Moves::next_sleeper() const {
  std::optional<unsigned> next;
  for (unsigned place = 0; place < world_.processes(); ++place) {
    const std::int64_t end = lives(world_.state(place)) ? world_.wakes_at(place) : 0;
    if (end == 0) continue;
    if (end <= state_.now_ns) {
      if (world_.state(place) == ProcessState::kWaiting) return std::nullopt;
      continue;
    }
    if (!next || end < world_.wakes_at(*next)) next = place;
  }
  return next;
}

std::vector<Choice> Moves::steps() {
  std::vector<Choice> out;
  const unsigned count = std::min<unsigned>(world_.processes(), kMaxPlaces);
  const bool late_has_begun = no_late_waits();
  const auto add = [&](bool of_begun, bool of_late) {
    for (unsigned place = 0; place < count; ++place) {
      // Whom a signal killed before it began dies as those who have begun.
      const bool waits_to_begin = !begun(place) && lives(world_.state(place));
      if (waits_to_begin == of_begun || (waits_to_begin && late(place)) != of_late) continue;
      if (can_go_on(place)) out.push_back({static_cast<std::uint8_t>(place), 0});
    }
  };
  add(true, false);
  if (rules_.time == TimeMode::kOrdered && next_sleeper()) out.push_back({kClockActor, 0});
  bool moves = !out.empty();
  for (unsigned place = 0; place < count; ++place) {
    moves = moves || world_.state(place) == ProcessState::kStopped;  // it will go on
  }
  if (!moves) add(false, true);
  if (!late_has_begun) add(false, false);
  return out;
}

unsigned Moves::left(Letter letter) const {
  return state_.left[static_cast<unsigned>(letter) - kFirstFault];
}

// Strangers never begin, and are none.
unsigned Moves::victims() const {
  return rules_.strikes_children ? std::min<unsigned>(world_.processes(), kMaxPlaces) : cast();
}

std::vector<Choice> Moves::faults() {
  std::vector<Choice> out;
  if (no_late_waits()) return out;
  for (const Letter letter : {Letter::kKill, Letter::kTerm, Letter::kStop}) {
    for (unsigned place = 0; place < victims(); ++place) {
      const ProcessState state = world_.state(place);
      const bool stop = letter == Letter::kStop;
      if (!begun(place) || left(letter) == 0) continue;
      if (stop ? runs(state) : lives(state)) out.push_back(fault(letter, place));
    }
  }
  for (unsigned place = 0; place < victims(); ++place) {
    const bool stopped = ((state_.stopped >> place) & 1u) != 0;
    if (stopped && world_.state(place) == ProcessState::kStopped) {
      out.push_back(fault(Letter::kStop, kGoOn + place));
    }
  }
  if (left(Letter::kExecChild) > 0 && world_.processes() < kMaxPlaces) {
    for (unsigned place = 0; place < cast(); ++place) {
      const bool owns = ((state_.owns >> place) & 1u) != 0;
      if (owns && runs(world_.state(place))) out.push_back(fault(Letter::kExecChild, place));
    }
  }
  if (left(Letter::kPidReuse) > 0 && world_.processes() < kMaxPlaces) {
    for (unsigned place = 0; place < world_.processes(); ++place) {
      if (pid_is_free(place)) out.push_back(fault(Letter::kPidReuse, place));
    }
  }
  if (left(Letter::kReboot) > 0 && state_.begun != 0) out.push_back(fault(Letter::kReboot, 0));
  if (left(Letter::kErrno) > 0) {
    for (unsigned place = 0; place < cast(); ++place) add_errnos(place, out);
  }
  if (left(Letter::kClockStep) > 0) out.push_back(fault(Letter::kClockStep, 0));
  return out;
}

// A pid that two dead places had is the later one's.
bool Moves::pid_is_free(unsigned place) const {
  const auto earlier = [&](unsigned one) { return ((state_.earlier >> one) & 1u) != 0; };
  if (world_.state(place) != ProcessState::kGone || earlier(place)) return false;
  for (unsigned other = place + 1; other < world_.processes(); ++other) {
    if (world_.pid(other) == world_.pid(place) && !earlier(other)) return false;
  }
  return world_.pid_is_free(world_.pid(place));
}

// Only what could go on by itself can fail instead: what waits for a lock has no answer yet.
void Moves::add_errnos(unsigned place, std::vector<Choice>& out) {
  if (late(place) || !runs(world_.state(place)) || !world_.enabled(place)) return;
  const std::size_t count = errnos_of(world_.pending(place).op).size();
  for (unsigned i = 0; i < count; ++i) out.push_back(fault(Letter::kErrno, place * kErrnos + i));
}

std::vector<Choice> Moves::all() {
  std::vector<Choice> out = steps();
  const std::vector<Choice> more = faults();
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

bool Moves::possible(Choice choice) {
  const std::vector<Choice> choices =
      choice.actor < kFirstFault || choice.actor == kClockActor ? steps() : faults();
  return std::find(choices.begin(), choices.end(), choice) != choices.end();
}

Step Moves::apply(Choice choice) {
  const Step step = do_choice(choice);
  if (step.answer.outcome != Outcome::kRefused) pass_deaths(step);
  return step;
}

void Moves::pass_deaths(const Step& step) {
  const unsigned who = step.process;
  const bool of_somebody = static_cast<Letter>(step.choice.actor) != Letter::kClockStep;
  if (of_somebody && world_.state(who) == ProcessState::kDying) world_.step_death(who);
  for (unsigned place = 0; place < world_.processes(); ++place) {
    while (world_.can_step_death(place) && world_.death_is_unnoticed(place)) {
      world_.step_death(place);
    }
  }
}

Step Moves::do_choice(Choice choice) {
  if (choice.actor < kFirstFault) return go_on(choice);
  if (choice.actor != kClockActor) return do_fault(choice);
  Step step{choice, Step::What::kClock, 0, {}, {}};
  step.process = static_cast<std::uint8_t>(*next_sleeper());
  pass_time_for(step.process);
  return step;
}

void Moves::pass_time_for(unsigned place) {
  const std::int64_t end = world_.wakes_at(place);
  world_.inject(Fault::kTime, place, 0);
  state_.now_ns = std::max(state_.now_ns, end);
}

Step Moves::go_on(Choice choice) {
  const unsigned place = choice.actor;
  Step step{choice, Step::What::kCall, choice.actor, {}, {}};
  if (world_.can_step_death(place)) {
    step.what = Step::What::kDeath;
    world_.step_death(place);
    return step;
  }
  state_.begun |= 1u << place;
  step.call = world_.pending(place);
  const unsigned before = world_.processes();
  step.answer = world_.perform(place);
  const bool passes = rules_.time == TimeMode::kAnyTime && world_.wakes_at(place) != 0;
  if (step.answer.outcome == Outcome::kWaits && passes) {
    pass_time_for(place);
    step.answer = world_.perform(place);
  }
  for (unsigned child = before; child < world_.processes(); ++child) state_.begun |= 1u << child;
  if (step.answer.outcome == Outcome::kRefused) refusal_ = world_.refusal();
  const bool returned = lives(world_.state(place));  // it may have ended itself by a signal
  if (step.answer.outcome == Outcome::kDone && returned) listen(place);
  return step;
}

void Moves::listen(unsigned place) {
  for (const Said& word : world_.said(place)) {
    if (word.kind == Kind::kOwns) state_.owns |= 1u << place;
    if (word.kind == Kind::kGivesUp || word.kind == Kind::kReleased) state_.owns &= ~(1u << place);
  }
}

Step Moves::do_fault(Choice choice) {
  Step step{choice, Step::What::kFault, 0, {}, {}};
  if (!inject(choice, step)) {
    refusal_ = fmt::format("{}: the world cannot do that", describe(step));
    step.answer = refuse(Refusal::kFault);
  }
  return step;
}

bool Moves::inject(Choice choice, Step& step) {
  const auto letter = static_cast<Letter>(choice.actor);
  const unsigned alternative = choice.alternative;
  step.process = static_cast<std::uint8_t>(alternative);
  const bool free = letter == Letter::kStop && alternative >= kGoOn;
  if (!free) --state_.left[choice.actor - kFirstFault];
  switch (letter) {
    case Letter::kKill:
      return world_.inject(Fault::kSignal, alternative, SIGKILL);
    case Letter::kTerm:
      return world_.inject(Fault::kSignal, alternative, SIGTERM);
    case Letter::kStop:
      step.process = static_cast<std::uint8_t>(alternative % kGoOn);
      if (free) {
        state_.stopped &= ~(1u << step.process);
        return world_.inject(Fault::kSignal, step.process, SIGCONT);
      }
      state_.stopped |= 1u << step.process;
      return world_.inject(Fault::kSignal, step.process, SIGSTOP);
    case Letter::kExecChild:
      return world_.inject(Fault::kExecChild, alternative, 0);
    case Letter::kPidReuse:
      return world_.inject(Fault::kStranger, alternative, world_.pid(alternative));
    case Letter::kReboot:
      for (unsigned place = 0; place < world_.processes(); ++place) {
        if (place >= cast() || begun(place) || world_.state(place) != ProcessState::kReady) {
          state_.earlier |= 1u << place;
        }
      }
      state_.stopped = 0;
      state_.now_ns = 0;
      return world_.inject(Fault::kReboot, 0, 0);
    case Letter::kErrno: {
      step.process = static_cast<std::uint8_t>(alternative / kErrnos);
      step.call = world_.pending(step.process);
      step.answer = fail(errnos_of(step.call.op)[alternative % kErrnos]);
      state_.begun |= 1u << step.process;
      if (!world_.inject(Fault::kErrno, step.process, -step.answer.result)) return false;
      listen(step.process);
      return true;
    }
    case Letter::kClockStep:
      return world_.inject(Fault::kWallClock, 0, rules_.clock_step_ns);
  }
  return false;
}

std::string describe(const Step& step) {
  const char who = static_cast<char>('A' + step.process);
  if (step.choice.actor < kFirstFault) return std::string(1, who);
  switch (static_cast<Letter>(step.choice.actor)) {
    case Letter::kKill:
      return fmt::format("kill {}", who);
    case Letter::kTerm:
      return fmt::format("term {}", who);
    case Letter::kStop:
      return fmt::format("{} {}", step.choice.alternative < kGoOn ? "stop" : "go on", who);
    case Letter::kExecChild:
      return fmt::format("{} starts another program", who);
    case Letter::kPidReuse:
      return fmt::format("a stranger gets the pid of {}", who);
    case Letter::kReboot:
      return "reboot";
    case Letter::kErrno:
      return fmt::format("errno {} {}", strerrorname_np(static_cast<int>(-step.answer.result)),
                         who);
    case Letter::kClockStep:
      return "clock_step";
  }
  return "the clock goes on";
}

}  // namespace lockproof
