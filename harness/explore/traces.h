// SPDX-License-Identifier: Apache-2.0
// Test only: which runs came to rest, up to the order of independent steps. It goes along with any
// strategy, and knows nothing of how that one reduces.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <vector>

#include "explore/actors.h"
#include "explore/dependence.h"
#include "explore/strategy.h"

namespace lockproof::test {

class Traces final : public Strategy {
 public:
  // By actor: its choices, each with how many events of each actor came before it in any order.
  using Trace = std::map<Actor, std::vector<std::vector<std::uint32_t>>>;

  // `inodes`: as in Dependence.
  Traces(const Problem& problem, Strategy& strategy, bool inodes)
      : problem_(problem), strategy_(strategy), inodes_(inodes) {
    for (const Outside::Watched& file : problem.outside.files) watched_.push_back(file.path);
  }

  Result<std::optional<std::size_t>> resume(Execution& run) override {
    resumed_ = true;
    return strategy_.resume(run);
  }
  std::optional<Choice> choose(Execution& run, const Possible& possible) override {
    if (resumed_) events_.resize(run.depth(), Event(start()));
    const bool again = resumed_ && run.depth() > 0;
    resumed_ = false;
    if (possible.at_rest() && !again) found_.insert(trace());
    const auto choice = strategy_.choose(run, possible);
    if (choice) began_ = begun(run, actor_of(*choice));
    return choice;
  }
  void took(Execution& run) override {
    strategy_.took(run);
    add(run);
  }

  const std::set<Trace>& found() const { return found_; }
  // Something that `all` found and this did not; "": nothing.
  std::string missing(const Traces& all) const {
    for (const Trace& trace : all.found_) {
      if (!found_.contains(trace)) return format(trace);
    }
    return "";
  }
  bool inodes() const { return inodes_; }
  // Somebody asked for inode numbers, and `inodes` was false: what was found means nothing.
  bool missed_inodes() const { return missed_; }

 private:
  using Clock = std::map<Actor, std::uint32_t>;
  struct Event {
    explicit Event(Dependence known) : after(std::move(known)) {}
    Dependence after;
    Choice choice{};
    Footprint footprint;
    Clock clock;  // with itself
  };

  static bool begun(Execution& run, Actor actor) {
    return actor < kMaxPlaces && run.moves().begun(actor);
  }
  Dependence start() const {
    return {problem_.start, problem_.world.directory(), inodes_, watched_};
  }
  void add(Execution& run) {
    const Step& step = run.steps().back();
    const Actor actor = actor_of(step.choice);
    const auto& late = problem_.rules.late;
    const bool begins = !began_ && begun(run, actor) && actor < late.size() && late[actor];
    Event event(events_.empty() ? start() : events_.back().after);
    event.choice = step.choice;
    const bool every_event = !std::ranges::all_of(problem_.invariants, is_about_owners);
    const bool told = every_event ? run.recorder().audible() : run.recorder().visible();
    event.footprint = event.after.follow(problem_.world, step, begins, told);
    missed_ = missed_ || (event.after.missed_inodes() && !inodes_);
    for (const Event& earlier : events_) {
      const bool before =
          actor_of(earlier.choice) == actor || dependent(earlier.footprint, event.footprint);
      if (!before) continue;
      for (const auto& [other, count] : earlier.clock) {
        event.clock[other] = std::max(event.clock[other], count);
      }
    }
    ++event.clock[actor];
    events_.push_back(std::move(event));
  }
  static std::string format(const Trace& trace) {
    std::string text;
    for (const auto& [actor, lines] : trace) text += fmt::format("{}: {}\n", actor, lines);
    return text;
  }
  Trace trace() const {
    Trace trace;
    for (const Event& event : events_) {
      std::vector<std::uint32_t> line{event.choice.actor, event.choice.alternative};
      for (const auto& [actor, count] : event.clock) line.insert(line.end(), {actor, count});
      trace[actor_of(event.choice)].push_back(std::move(line));
    }
    return trace;
  }

  const Problem& problem_;
  Strategy& strategy_;
  const bool inodes_;
  std::vector<std::string> watched_;
  std::vector<Event> events_;
  std::set<Trace> found_;
  bool resumed_ = false;
  bool began_ = false;
  bool missed_ = false;
};

}  // namespace lockproof::test
