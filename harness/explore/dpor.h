// SPDX-License-Identifier: Apache-2.0
// Dynamic partial-order reduction with source sets and sleep sets (Abdulla, Aronis, Jonsson,
// Sagonas: Optimal dynamic partial order reduction, POPL 2014, algorithm 1). Of the runs that
// differ only in the order of steps that do not depend on each other (dependence.h), at least one
// is explored; so all end states and all broken claims are found.
//
// How faults fit in:
//  1. kill, term, stop, its end, errno are alternatives of the victim's own next step: a victim
//     that is chosen has each of them tried. A budget is a bound on the whole run, kept by all its
//     prefixes in all orders, so it makes no dependence.
//  2. They are no duty: a run at rest has come to an end without them, and then tries them. What
//     happens after them is moved forward in the run, them with it, where it races.
//  3. Who is blocked where a run ends races with its pending call: at rest, and where all who could
//     go on sleep. There, too: what blocks it may have been taken after they fell asleep, and a run
//     in which it goes on instead may wake them.
//
// How late processes fit in: the first step of one needs that all who have begun are gone or
// blocked, and keeps everybody else from beginning. So it depends on all steps; it races with all
// before it, not only with the last ones, as it might have begun without any process that began
// before it; and where it may begin, all that is possible is tried. One that cannot begin at rest,
// because somebody is stopped, races as one that is blocked.
//
// Executions may end in vain, because all that is possible sleeps; optimal.h begins none of these.
//
// Where time is ordered, a run that only differs by who was killed before or after the clock went
// on may be lost (optimal.h finds it). Ends and claims are compared there, not each trace.
//
// Claims other than those about owners and the record may read any event; then the order of all
// events counts, and less is saved.
#pragma once

#include "explore/actors.h"
#include "explore/dependence.h"
#include "explore/strategy.h"

namespace lockproof {

class Dpor final : public Strategy {
 public:
  explicit Dpor(const Problem& problem);

  Result<std::optional<std::size_t>> resume(Execution& run) override;
  std::optional<Choice> choose(Execution& run, const Possible& possible) override;
  void took(Execution& run) override;

  Overhead overhead() const override { return {redundant_, 0}; }

 private:
  static constexpr unsigned kActors = 52;
  using Clock = std::array<std::uint32_t, kActors>;  // by actor: events that happened before

  struct Explored {
    Choice choice;
    Actor actor;
    Footprint footprint;
  };
  // A state on the way, and the event that leaves it.
  struct Frame {
    explicit Frame(Dependence known) : before(std::move(known)) {}

    std::vector<Choice> possible;
    std::uint64_t chosen = 0;         // actors to be tried, by bit
    std::vector<Explored> sleep;      // explored before, by other ways
    std::vector<Explored> done;       // explored from here
    Dependence before;                // what is known of the run here,
    std::optional<Dependence> after;  // and after the event
    bool left = false;                // the event was chosen
    Choice choice;
    Actor actor = 0;
    Footprint footprint;
    std::uint32_t index = 0;  // of its actor's events, from 1
    Clock clock{};            // with itself
  };

  static std::optional<Choice> leave(Frame& frame);
  std::optional<Choice> leave_or_count(Frame& frame);
  bool is_late(unsigned place) const;
  bool a_late_one_may_begin(Execution& run, const Possible& possible) const;
  static bool asleep(const Frame& frame, Choice choice);
  static std::optional<Choice> next_choice(const Frame& frame);
  std::vector<Explored> sleep_after(const Frame& frame) const;
  void find_races(const Footprint& footprint, Actor actor, const Clock& own, bool waited);
  void find_woken();
  void reverse(std::size_t before, Actor actor, std::size_t end);
  static bool contains(const Clock& clock, const Frame& event);
  Clock clock_of(Actor actor, std::size_t end) const;
  void race_with_the_blocked(Execution& run, const Possible& possible);

  const Problem& problem_;
  std::vector<std::string> watched_;
  std::vector<Frame> frames_;
  bool every_event_ = false;  // counts
  bool inodes_ = false;
  bool again_ = false;
  bool begun_ = false;
  std::uint64_t redundant_ = 0;
};

}  // namespace lockproof
