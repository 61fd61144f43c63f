// SPDX-License-Identifier: Apache-2.0
// Optimal dynamic partial-order reduction (Abdulla, Aronis, Jonsson, Sagonas: Source sets: a
// foundation for optimal dynamic partial order reduction, JACM 2017, algorithm 2). Of the runs that
// differ only in the order of steps that do not depend on each other (dependence.h), exactly one is
// explored, and none is begun in vain: where a race shows that another order is to be tried, the
// wakeup tree (wakeup_tree.h) holds all steps that lead to it, so that sleeping steps never block
// it.
//
// What differs from the paper, because processes here block, kill each other and meet faults:
//  1. What the later step of a race touches when it comes earlier is not guessed. Before the next
//     execution the run goes back and takes it (settle()). So each sequence in a tree is known to
//     be possible, and what it touches is exact.
//  2. Who waited may have been kept back by any step that it depends on: it races with all of them,
//     not only with the last ones. Who is blocked at rest, and who was killed, races with its next
//     step in the same way. Where that is not possible earlier, settle() sees it.
//  3. A fault is an alternative of its victim's next step (adr 0006), tried wherever that one is
//     taken, and at rest. It is optional: see wakeup_tree.h. Where only faults are to be tried,
//     one step of a process is, too.
//  4. The first step of a late process, and the clock, touch everything and are kept back by
//     everything. Where a late process may begin, all that is possible is tried. One order in some
//     ten thousand generated programs is lost all the same; so its end is no proof where somebody
//     is late (check/judge_by_runs.cc).
#pragma once

#include <array>
#include <set>

#include "explore/dependence.h"
#include "explore/strategy.h"
#include "explore/wakeup_tree.h"

namespace lockproof {

class Optimal final : public Strategy {
 public:
  explicit Optimal(const Problem& problem);

  Result<std::optional<std::size_t>> resume(Execution& run) override;
  std::optional<Choice> choose(Execution& run, const Possible& possible) override;
  void took(Execution& run) override;

  // None is in vain, as long as footprints are exact.
  Overhead overhead() const override { return {blocked_, looked_ahead_}; }
  // Sequences that were not possible although they only leave out what they do not depend on. None,
  // as long as footprints are exact.
  std::uint64_t misjudged() const { return misjudged_; }

 private:
  static constexpr unsigned kActors = 52;
  using Clock = std::array<std::uint32_t, kActors>;  // by actor: events that happened before

  // A state on the way, and the event that leaves it.
  struct Frame {
    explicit Frame(Dependence known) : before(std::move(known)) {}

    std::vector<Choice> possible;
    Sequence sleep;                   // explored from here, or before by other ways
    WakeupTree tree;                  // still to be explored from here
    WakeupTree below;                 // and after the event
    Dependence before;                // what is known of the run here,
    std::optional<Dependence> after;  // and after the event
    bool left = false;                // the event was chosen
    bool waited = false;              // and may have been kept back by others
    bool dies = false;                // it is a step of a death
    KnownStep event;
    std::uint32_t index = 0;  // of its actor's events, from 1
    Clock own{};              // what happened before it in any order
    Clock clock{};            // with itself, and with what happened before it here
    std::set<std::vector<std::uint32_t>> tried;  // candidates that were looked at
  };
  // `last` instead of the event at `depth`, after all of the run that does not depend on that one.
  struct Candidate {
    std::size_t depth;
    std::vector<std::size_t> between;  // depths of events
    Choice last;
  };

  void inherit(Frame& frame, const Possible& possible);
  bool may_begin_late(Execution& run, const Possible& possible) const;
  std::optional<Choice> leave(Frame& frame);
  bool is_late(unsigned place) const;
  KnownStep known(Execution& run, bool began, Dependence& dependence) const;
  Clock clock_of(Actor actor, std::size_t end, bool calls_only) const;
  static bool contains(const Clock& clock, const Frame& event);
  // A step that may be moved before others: that was taken with the event at `end`, or that never
  // came, and then `end` is the number of events.
  struct Racer {
    std::size_t end;
    Actor actor;
    Choice choice;
    const Footprint& footprint;
    Clock own;            // what happened before it in any order
    bool waited = false;  // it may have been kept back
    bool lost = false;    // it never came: its faults did not, either
  };
  void find_races(const Racer& racer);
  void find_alternatives(std::size_t depth);
  void propose(std::size_t depth, Choice last);
  void race_at_rest(Execution& run);
  bool is_news(const Candidate& candidate);
  static bool is_covered(const Frame& frame, const Sequence& sequence);
  Result<> settle(Execution& run);
  Result<> look(Execution& run, const Candidate& candidate);
  Result<> go_to(Execution& run, std::size_t depth) const;

  const Problem& problem_;
  std::vector<std::string> watched_;
  std::vector<Frame> frames_;
  std::vector<Candidate> candidates_;
  bool every_event_ = false;  // counts
  bool inodes_ = false;
  bool again_ = false;
  bool begun_ = false;
  std::uint64_t blocked_ = 0;
  std::uint64_t misjudged_ = 0;
  std::uint64_t looked_ahead_ = 0;
};

}  // namespace lockproof
