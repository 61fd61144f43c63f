// SPDX-License-Identifier: Apache-2.0
#include "explore/optimal.h"

#include <algorithm>

#include "explore/actors.h"

namespace lockproof {

Optimal::Optimal(const Problem& problem) : problem_(problem) {
  every_event_ =
      !std::all_of(problem.invariants.begin(), problem.invariants.end(), is_about_owners);
  for (const Outside::Watched& file : problem.outside.files) watched_.push_back(file.path);
}

bool Optimal::is_late(unsigned place) const {
  return place < problem_.rules.late.size() && problem_.rules.late[place];
}

// Each execution is settled before the next one begins: races lead to states on its way.
Result<std::optional<std::size_t>> Optimal::resume(Execution& run) {
  using Depth = std::optional<std::size_t>;
  if (begun_ && !again_) {
    if (auto settled = settle(run); !settled) return settled.error();
  }
  if (!begun_ || again_) {
    begun_ = true;
    again_ = false;
    frames_.clear();
    candidates_.clear();
    return Depth(0);
  }
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.left) frame.sleep.push_back(frame.event);
    frame.left = false;
    if (!frame.tree.empty()) break;
    frames_.pop_back();
  }
  if (frames_.empty()) return Depth();
  if (auto gone = go_to(run, frames_.size() - 1); !gone) return gone.error();
  return Depth(frames_.size() - 1);
}

// To the state of that frame, from any that settle() left.
Result<> Optimal::go_to(Execution& run, std::size_t depth) const {
  const auto& steps = run.steps();
  std::size_t same = 0;
  while (same < std::min(depth, steps.size()) && steps[same].choice == frames_[same].event.choice) {
    ++same;
  }
  if (auto back = run.back_to(same); !back) return back;
  while (run.depth() < depth) {
    if (auto taken = run.take(frames_[run.depth()].event.choice); !taken) return taken;
  }
  return Nothing{};
}

std::optional<Choice> Optimal::choose(Execution& run, const Possible& possible) {
  if (again_) return std::nullopt;
  if (frames_.size() > run.depth()) return leave(frames_.back());

  frames_.emplace_back(
      frames_.empty() ? Dependence(problem_.start, problem_.world.directory(), inodes_, watched_)
                      : *frames_.back().after);
  Frame& here = frames_.back();
  here.possible = possible.steps;
  here.possible.insert(here.possible.end(), possible.faults.begin(), possible.faults.end());
  inherit(here, possible);
  if (possible.at_rest()) race_at_rest(run);
  if (possible.at_rest() || may_begin_late(run, possible)) {
    for (const Choice choice : here.possible) {
      candidates_.push_back({frames_.size() - 1, {}, choice});
    }
  }
  if (here.tree.empty()) {
    if (!possible.at_rest()) ++blocked_;
    return std::nullopt;
  }
  return leave(here);
}

// What the way here left to be explored, and what sleeps. Where the tree has come to a leaf, any
// step will do: it is taken at once, so that what it touches need not be known. Beside faults, one
// step of a process is to be tried, unless one sleeps: then whatever could be found by it races
// with that one where that was explored.
void Optimal::inherit(Frame& frame, const Possible& possible) {
  if (frames_.size() > 1) {
    Frame& above = frames_[frames_.size() - 2];
    frame.tree = std::move(above.below);
    above.below = {};
    for (const KnownStep& sleeper : above.sleep) {
      if (sleeper.actor == above.event.actor) continue;
      if (!dependent(sleeper.footprint, above.event.footprint)) frame.sleep.push_back(sleeper);
    }
  }
  const bool leaf = frame.tree.empty();
  const auto is_duty = [](const KnownStep& step) { return !step.optional; };
  for (const WakeupTree::Branch& branch : frame.tree.branches()) {
    if (is_duty(branch.first)) return;
  }
  const bool sleeps = std::any_of(frame.sleep.begin(), frame.sleep.end(), is_duty);
  if (!leaf) {
    if (!sleeps && !possible.at_rest()) {
      candidates_.push_back({frames_.size() - 1, {}, possible.steps.front()});
    }
    return;
  }
  for (const Choice choice : possible.steps) {
    const bool asleep = std::any_of(frame.sleep.begin(), frame.sleep.end(),
                                    [&](const KnownStep& step) { return step.choice == choice; });
    if (asleep) continue;
    KnownStep step{choice, actor_of(choice), false, {}};
    step.footprint.touches_everything();
    frame.tree.insert({std::move(step)});
    return;
  }
}

// Until took() says more, it is a step that the world refused.
std::optional<Choice> Optimal::leave(Frame& frame) {
  while (!frame.tree.empty()) {
    WakeupTree::Branch next = frame.tree.take_first();
    if (std::find(frame.possible.begin(), frame.possible.end(), next.first.choice) ==
        frame.possible.end()) {
      ++misjudged_;
      continue;
    }
    frame.left = true;
    frame.event = std::move(next.first);
    frame.below = std::move(next.rest);
    frame.index = 0;
    return frame.event.choice;
  }
  return std::nullopt;
}

bool Optimal::may_begin_late(Execution& run, const Possible& possible) const {
  return std::any_of(possible.steps.begin(), possible.steps.end(), [&](Choice choice) {
    return is_late(choice.actor) && !run.moves().begun(choice.actor);
  });
}

// The last step of the run. `began`: its actor had made one before.
KnownStep Optimal::known(Execution& run, bool began, Dependence& dependence) const {
  const Step& step = run.steps().back();
  const Actor actor = actor_of(step.choice);
  const bool late = is_late(actor) && !began && run.moves().begun(actor);
  const bool told = every_event_ ? run.recorder().audible() : run.recorder().visible();
  KnownStep known{step.choice, actor, is_fault(step.choice), {}};
  known.footprint = dependence.follow(problem_.world, step, late, told);
  return known;
}

bool Optimal::contains(const Clock& clock, const Frame& event) {
  return clock[event.event.actor] >= event.index;
}

// What happened before the next event of the actor, as far as its own events say.
Optimal::Clock Optimal::clock_of(Actor actor, std::size_t end, bool calls_only) const {
  for (std::size_t i = end; i-- > 0;) {
    if (frames_[i].event.actor != actor || (calls_only && frames_[i].dies)) continue;
    return frames_[i].clock;
  }
  return Clock{};
}

void Optimal::took(Execution& run) {
  assert(run.depth() == frames_.size());
  const std::size_t here = frames_.size() - 1;
  Frame& frame = frames_[here];
  const Actor actor = frame.event.actor;
  const Step& step = run.steps().back();
  frame.dies = step.what == Step::What::kDeath;
  const Clock own = clock_of(actor, here, false);
  frame.after = frame.before;
  frame.event = known(run, own[actor] != 0, *frame.after);
  if (frame.after->missed_inodes() && !inodes_) {
    inodes_ = again_ = true;
    return;
  }
  frame.own = frame.clock = own;
  for (std::size_t i = 0; i < here; ++i) {
    if (!dependent(frames_[i].event.footprint, frame.event.footprint)) continue;
    for (unsigned other = 0; other < kActors; ++other) {
      frame.clock[other] = std::max(frame.clock[other], frames_[i].clock[other]);
    }
  }
  frame.index = ++frame.clock[actor];
  const bool waits = step.what == Step::What::kCall && may_wait(step.call.op);
  const bool late = is_late(actor) && own[actor] == 0;
  frame.waited = waits || late || step.what == Step::What::kClock;
}

// An event races with the last ones that it depends on and that did not happen before its actor's
// own last one. One that waits may have been kept back by others, and races with all of them. All
// of the run that does not depend on the earlier one is moved before it, also what came after the
// later one: the later one may depend on it once the earlier one has not happened.
void Optimal::find_races(const Racer& racer) {
  Clock covered = racer.own;
  for (std::size_t i = racer.end; i-- > 0;) {
    const Frame& earlier = frames_[i];
    if (earlier.event.actor == racer.actor) continue;
    if (!dependent(earlier.event.footprint, racer.footprint)) continue;
    if (contains(racer.waited ? racer.own : covered, earlier)) continue;
    for (unsigned other = 0; other < kActors; ++other) {
      covered[other] = std::max(covered[other], earlier.clock[other]);
    }
    propose(i, racer.choice);
    if (!racer.lost) continue;
    for (const Choice choice : earlier.possible) {
      if (actor_of(choice) == racer.actor && !(choice == racer.choice)) propose(i, choice);
    }
  }
}

// What else the actor of the event might have done, or what might have been done to it.
void Optimal::find_alternatives(std::size_t depth) {
  const Frame& frame = frames_[depth];
  for (const Choice choice : frame.possible) {
    const bool other = !(choice == frame.event.choice);
    if (other && actor_of(choice) == frame.event.actor) propose(depth, choice);
  }
}

// What faults there are between may have used up the budget of `last`. No matter: a run comes to
// its end without them, too, and that one is explored as well.
void Optimal::propose(std::size_t depth, Choice last) {
  Candidate candidate{depth, {}, last};
  for (std::size_t k = depth + 1; k + 1 < frames_.size(); ++k) {
    if (!contains(frames_[k].clock, frames_[depth])) candidate.between.push_back(k);
  }
  candidates_.push_back(std::move(candidate));
}

// What happened, and those who have a call to make that they could not make, or will never make.
// Dying is no call.
void Optimal::race_at_rest(Execution& run) {
  const std::size_t end = frames_.size() - 1;
  for (std::size_t i = 0; i < end; ++i) {
    const Frame& frame = frames_[i];
    const KnownStep& event = frame.event;
    find_races({i, event.actor, event.choice, event.footprint, frame.own, frame.waited});
    find_alternatives(i);
  }
  const auto race = [&](Actor actor, const Footprint& footprint, bool lost = false) {
    find_races({end, actor, {actor, 0}, footprint, clock_of(actor, end, true), true, lost});
  };
  Footprint everything;
  everything.touches_everything();
  for (unsigned place = 0; place < problem_.world.processes(); ++place) {
    const auto actor = static_cast<Actor>(place);
    Footprint footprint;
    if (problem_.world.state(place) >= ProcessState::kDying) {
      footprint.reads(Cell::kRun, place);
      race(actor, footprint, true);
    } else if (run.moves().begun(place)) {
      race(actor, frames_.back().before.blocked(problem_.world, place));
    } else if (is_late(place)) {
      race(actor, everything);
    }
  }
  if (problem_.rules.time == TimeMode::kOrdered) race(kClockActor, everything);
}

bool Optimal::is_covered(const Frame& frame, const Sequence& sequence) {
  const auto covers = [&](const KnownStep& step) { return may_come_first(step, sequence); };
  return std::any_of(frame.sleep.begin(), frame.sleep.end(), covers) ||
         (frame.left && covers(frame.event));
}

// As far as can be said without a look at the last step: nothing that was explored, or will be,
// can come before it.
bool Optimal::is_news(const Candidate& candidate) {
  Frame& frame = frames_[candidate.depth];
  Sequence sequence;
  std::vector<std::uint32_t> choices;
  const auto add = [&](Choice choice) {
    choices.push_back(choice.actor * 65536u + choice.alternative);
  };
  for (const std::size_t depth : candidate.between) {
    sequence.push_back(frames_[depth].event);
    add(sequence.back().choice);
  }
  add(candidate.last);
  if (!frame.tried.insert(std::move(choices)).second) return false;
  KnownStep last{candidate.last, actor_of(candidate.last), is_fault(candidate.last), {}};
  last.footprint.touches_everything();
  sequence.push_back(std::move(last));
  return !is_covered(frame, sequence) && !frame.tree.covers(std::move(sequence));
}

Result<> Optimal::settle(Execution& run) {
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.depth > b.depth; });
  for (const Candidate& candidate : candidates_) {
    if (!is_news(candidate)) continue;
    if (auto looked = look(run, candidate); !looked) return looked;
    if (again_) break;
  }
  candidates_.clear();
  return Nothing{};
}

// A step that the world refuses is tried again when its turn comes, and ends the exploration then.
Result<> Optimal::look(Execution& run, const Candidate& candidate) {
  Frame& frame = frames_[candidate.depth];
  if (auto gone = go_to(run, candidate.depth); !gone) return gone;
  std::vector<Choice> choices;
  for (const std::size_t depth : candidate.between) choices.push_back(frames_[depth].event.choice);
  choices.push_back(candidate.last);
  Dependence dependence = frame.before;
  Sequence sequence;
  for (const Choice choice : choices) {
    const bool last = sequence.size() + 1 == choices.size();
    if (!run.moves().possible(choice)) {
      if (!last) ++misjudged_;
      return Nothing{};
    }
    const Actor actor = actor_of(choice);
    const bool began = actor < kMaxPlaces && run.moves().begun(actor);
    if (auto taken = run.take(choice); !taken) {
      if (!last) return taken;
      sequence.push_back({choice, actor, is_fault(choice), {}});
      sequence.back().footprint.touches_everything();
      break;
    }
    ++looked_ahead_;
    sequence.push_back(known(run, began, dependence));
    if (dependence.missed_inodes() && !inodes_) {
      inodes_ = again_ = true;
      return Nothing{};
    }
  }
  if (!is_covered(frame, sequence)) frame.tree.insert(std::move(sequence));
  return Nothing{};
}

}  // namespace lockproof
