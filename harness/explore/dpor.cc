// SPDX-License-Identifier: Apache-2.0
#include "explore/dpor.h"

#include <algorithm>

#include "explore/actors.h"

namespace lockproof {

Dpor::Dpor(const Problem& problem) : problem_(problem) {
  every_event_ =
      !std::all_of(problem.invariants.begin(), problem.invariants.end(), is_about_owners);
  for (const Outside::Watched& file : problem.outside.files) watched_.push_back(file.path);
}

bool Dpor::asleep(const Frame& frame, Choice choice) {
  const auto is_it = [&](const Explored& explored) { return explored.choice == choice; };
  return std::any_of(frame.sleep.begin(), frame.sleep.end(), is_it) ||
         std::any_of(frame.done.begin(), frame.done.end(), is_it);
}

// All alternatives of an actor come before those of the next one: where its step sleeps, so do
// they.
std::optional<Choice> Dpor::next_choice(const Frame& frame) {
  std::optional<Choice> next;
  for (const Choice choice : frame.possible) {
    const Actor actor = actor_of(choice);
    const bool chosen = ((frame.chosen >> actor) & 1u) != 0;
    if (!chosen || asleep(frame, choice)) continue;
    if (!frame.done.empty() && actor == frame.done.back().actor) return choice;
    if (!next) next = choice;
  }
  return next;
}

// Until took() says more, it is a step that the world refused.
std::optional<Choice> Dpor::leave(Frame& frame) {
  const auto choice = next_choice(frame);
  if (!choice) return std::nullopt;
  frame.left = true;
  frame.choice = *choice;
  frame.actor = actor_of(*choice);
  frame.footprint.touches_everything();
  frame.index = 0;
  return choice;
}

Result<std::optional<std::size_t>> Dpor::resume(Execution&) {
  using Depth = std::optional<std::size_t>;
  if (!begun_ || again_) {
    begun_ = true;
    again_ = false;
    frames_.clear();
    return Depth(0);
  }
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.left) frame.done.push_back({frame.choice, frame.actor, frame.footprint});
    frame.left = false;
    if (next_choice(frame)) return Depth(frames_.size() - 1);
    frames_.pop_back();
  }
  return Depth();
}

// What was explored before the event need not be tried after it, if the order is the same.
std::vector<Dpor::Explored> Dpor::sleep_after(const Frame& frame) const {
  std::vector<Explored> sleep;
  for (const auto* const list : {&frame.sleep, &frame.done}) {
    for (const Explored& explored : *list) {
      if (explored.actor == frame.actor || dependent(explored.footprint, frame.footprint)) continue;
      sleep.push_back(explored);
    }
  }
  return sleep;
}

std::optional<Choice> Dpor::choose(Execution& run, const Possible& possible) {
  if (again_) return std::nullopt;
  if (frames_.size() > run.depth()) return leave(frames_.back());

  Frame frame(frames_.empty()
                  ? Dependence(problem_.start, problem_.world.directory(), inodes_, watched_)
                  : *frames_.back().after);
  frame.possible = possible.steps;
  frame.possible.insert(frame.possible.end(), possible.faults.begin(), possible.faults.end());
  if (!frames_.empty()) frame.sleep = sleep_after(frames_.back());
  frames_.push_back(std::move(frame));
  Frame& here = frames_.back();
  const auto awake = [&](Choice choice) { return !asleep(here, choice); };
  const auto first = std::find_if(possible.steps.begin(), possible.steps.end(), awake);
  if (first == possible.steps.end()) race_with_the_blocked(run, possible);
  if (a_late_one_may_begin(run, possible)) {
    for (const Choice choice : here.possible) here.chosen |= 1ull << actor_of(choice);
    return leave_or_count(here);
  }
  if (first != possible.steps.end()) {
    here.chosen = 1ull << actor_of(*first);
    return leave(here);
  }
  // The steps sleep, but their alternatives may not: what came between can count for these only.
  for (const Choice choice : possible.faults) here.chosen |= 1ull << actor_of(choice);
  return possible.at_rest() ? leave(here) : leave_or_count(here);
}

std::optional<Choice> Dpor::leave_or_count(Frame& frame) {
  const auto next = leave(frame);
  if (!next) ++redundant_;
  return next;
}

bool Dpor::is_late(unsigned place) const {
  return place < problem_.rules.late.size() && problem_.rules.late[place];
}

bool Dpor::a_late_one_may_begin(Execution& run, const Possible& possible) const {
  return std::any_of(possible.steps.begin(), possible.steps.end(), [&](Choice choice) {
    return is_late(choice.actor) && !run.moves().begun(choice.actor);
  });
}

bool Dpor::contains(const Clock& clock, const Frame& event) {
  return clock[event.actor] >= event.index;
}

// What happened before the next event of the actor, as far as its own events say.
Dpor::Clock Dpor::clock_of(Actor actor, std::size_t end) const {
  for (std::size_t i = end; i-- > 0;) {
    if (frames_[i].actor == actor) return frames_[i].clock;
  }
  return Clock{};
}

void Dpor::took(Execution& run) {
  assert(run.depth() == frames_.size());
  const std::size_t here = frames_.size() - 1;
  Frame& frame = frames_[here];
  const Step& step = run.steps().back();
  const Clock own = clock_of(frame.actor, here);
  const bool late = own[frame.actor] == 0 && is_late(frame.actor);
  const bool told = every_event_ ? run.recorder().audible() : run.recorder().visible();
  frame.after = frame.before;
  frame.footprint = frame.after->follow(problem_.world, step, late, told);
  if (frame.after->missed_inodes() && !inodes_) {
    inodes_ = again_ = true;
    return;
  }
  frame.clock = own;
  for (std::size_t i = 0; i < here; ++i) {
    if (!dependent(frames_[i].footprint, frame.footprint)) continue;
    for (unsigned actor = 0; actor < kActors; ++actor) {
      frame.clock[actor] = std::max(frame.clock[actor], frames_[i].clock[actor]);
    }
  }
  frame.index = ++frame.clock[frame.actor];
  const bool waited =
      step.what == Step::What::kClock || (step.what == Step::What::kCall && may_wait(step.call.op));
  find_races(frame.footprint, frame.actor, own, waited || late);
  find_woken();
}

// What an actor touches may depend on who went before it: an open that creates, and one that is
// refused. A step that slept where an earlier event woke it would have touched what it touched when
// it was explored; if that is what the last event touches, that one has to come first, too.
void Dpor::find_woken() {
  const std::size_t end = frames_.size() - 1;
  const Frame& last = frames_.back();
  for (std::size_t i = 0; i < end; ++i) {
    const Frame& waker = frames_[i];
    if (contains(last.clock, waker)) continue;
    for (const Explored& sleeper : waker.sleep) {
      const bool woken =
          sleeper.actor == waker.actor || dependent(sleeper.footprint, waker.footprint);
      if (!woken || sleeper.actor == last.actor) continue;
      if (dependent(sleeper.footprint, last.footprint)) reverse(i, last.actor, end);
    }
  }
}

// An event races with the last ones that it depends on and that did not happen before its actor's
// own last one. One that waits may have been kept back by others, and races with all of them.
void Dpor::find_races(const Footprint& footprint, Actor actor, const Clock& own, bool waited) {
  const std::size_t end = frames_.size() - 1;
  Clock covered = own;
  for (std::size_t i = end; i-- > 0;) {
    const Frame& earlier = frames_[i];
    if (earlier.actor == actor || !dependent(earlier.footprint, footprint)) continue;
    if (contains(waited ? own : covered, earlier)) continue;
    for (unsigned other = 0; other < kActors; ++other) {
      covered[other] = std::max(covered[other], earlier.clock[other]);
    }
    reverse(i, actor, end);
  }
}

// So that the event of `actor` at `end` comes before the one at `before`: all between that does not
// depend on that one, and then the event. One of the actors that can begin this has to be tried.
// What the event itself would depend on there is not known: it begins only where nothing else does.
void Dpor::reverse(std::size_t before, Actor actor, std::size_t end) {
  Frame& frame = frames_[before];
  std::uint64_t first = 0;
  std::vector<const Frame*> sequence;
  for (std::size_t k = before + 1; k < end; ++k) {
    const Frame& event = frames_[k];
    if (contains(event.clock, frame)) continue;
    const bool later = std::any_of(sequence.begin(), sequence.end(), [&](const Frame* other) {
      return contains(event.clock, *other);
    });
    if (!later) first |= 1ull << event.actor;
    sequence.push_back(&event);
  }
  if (first == 0) first = 1ull << actor;
  if ((frame.chosen & first) != 0) return;
  for (const Choice choice : frame.possible) {
    const std::uint64_t bit = 1ull << actor_of(choice);
    if ((first & bit) == 0) continue;
    frame.chosen |= bit;
    return;
  }
  // It waited there. For a lock, it can only come later; for the clock, whoever leads to its end.
  if (problem_.rules.time != TimeMode::kOrdered) return;
  for (const Choice choice : frame.possible) {
    if (!is_fault(choice)) frame.chosen |= 1ull << actor_of(choice);
  }
}

// Where a run ends: at rest, and where all that could go on sleeps. Who is asleep raced where it
// was explored; but who is blocked here may be so by what was taken since, and no other run that
// goes this way ends elsewhere.
void Dpor::race_with_the_blocked(Execution& run, const Possible& possible) {
  std::uint64_t able = 0;
  bool begun_are_able = false;
  for (const Choice choice : possible.steps) {
    able |= 1ull << actor_of(choice);
    begun_are_able =
        begun_are_able || choice.actor == kClockActor || run.moves().begun(choice.actor);
  }
  for (unsigned place = 0; place < problem_.world.processes(); ++place) {
    const bool lives = problem_.world.state(place) < ProcessState::kDying;
    const bool begun = run.moves().begun(place);
    if (!lives || ((able >> place) & 1u) != 0) continue;
    if (!begun && (!is_late(place) || begun_are_able)) continue;
    const auto actor = static_cast<Actor>(place);
    Footprint footprint;
    if (begun) {
      footprint = frames_.back().before.blocked(problem_.world, place);
    } else {
      footprint.touches_everything();
    }
    find_races(footprint, actor, clock_of(actor, frames_.size() - 1), true);
  }
}

}  // namespace lockproof
