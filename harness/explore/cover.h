// SPDX-License-Identifier: Apache-2.0
// Cover: runs that together ask each question of a space (Space::questions), for a world that can
// only begin anew.
//
// The graph of all states is learned first. Then each run goes on from the first state to a step
// whose question no run has asked, as long as one lies ahead; what has none ahead of it is left
// alone. So a run takes what is new for as long as it can, and the last run asks the last question.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "core/result.h"
#include "world/fingerprints.h"
#include "world/space.h"

namespace lockproof {

class Cover {
 public:
  static constexpr unsigned kAnyDepth = std::numeric_limits<unsigned>::max();

  // `space` outlives this.
  explicit Cover(Space& space) : space_(space) {}

  // All states, and the steps of those that are fewer than `depth` steps from the first one. False:
  // `stop` said so, which is asked now and then. Errors: as Space::expand().
  Result<bool> learn(unsigned depth, const std::function<bool()>& stop);

  // REQUIRES of all that follow: learn() was true.
  std::uint64_t states() const { return nodes_.size(); }
  std::uint64_t steps() const { return to_.size(); }
  std::uint64_t questions() const { return first_asking_.size() - 1; }
  std::uint64_t asked() const { return asked_count_; }  // of these, by any run

  // A new run, at the first state.
  Result<> begin();
  // False: no question ahead of where it is is new. At the beginning: all are asked.
  bool goes_on() const { return open_[part_[at_]] != 0; }

  // Where the run is; what the search tries next there (kills that sleep are left out, space.h),
  // unless it is too deep.
  const State& state() const { return state_; }
  const std::vector<Successor>& successors() const { return successors_; }
  // Appends all that can happen next there.
  Result<> everything(std::vector<Successor>& out) { return expand(0, out); }
  bool is_expanded() const { return at_ < expanded_; }
  // No run was here before.
  bool is_new() const { return is_new_; }

  // Which of the successors comes next. REQUIRES: goes_on()
  std::size_t next();
  // No run has asked one of its questions.
  bool asks_anew(std::size_t which) const { return is_new_at(first(at_) + which); }
  // It is taken: the run is in its state now. REQUIRES: `which` is a successor.
  Result<> take(std::size_t which);

 private:
  using Node = std::uint32_t;

  std::size_t first(Node node) const { return first_[node]; }
  std::size_t count(Node node) const { return first_[node + 1] - first_[node]; }
  bool is_new_at(std::size_t step) const {
    return !asked_[question_[step][0]] || !asked_[question_[step][1]];
  }
  void find_askers();
  void find_parts();
  void ask(std::uint32_t question);
  void settle(Node part);
  Result<> expand(Places asleep, std::vector<Successor>& out);
  Result<> arrive(Node node, const State& state);
  bool stays(Node node, std::size_t step) const {
    return part_[to_[first(node) + step]] == part_[node];
  }
  std::optional<std::size_t> new_inside(Node node) const;
  std::optional<std::size_t> best_way_out(Node node) const;
  void plan();

  Space& space_;
  // By node, in the order of their depths: those that are expanded come first.
  std::vector<State> nodes_;
  std::vector<Places> asleep_;      // by the way that led there first, as in the search
  std::vector<std::size_t> first_;  // of its steps, and behind the last one
  std::size_t expanded_ = 0;
  std::vector<Node> to_;                                // by step
  std::vector<std::array<std::uint32_t, 2>> question_;  // by step: of the kernel, of the program
  std::vector<std::size_t> first_asking_;               // by question, as first_:
  std::vector<std::uint32_t> asking_;                   // the steps that ask it
  std::vector<bool> asked_;                             // by question
  std::uint64_t asked_count_ = 0;
  // Of parts one cannot come back to, what is ahead is a matter of counting (parts.h).
  std::vector<Node> part_;  // by node
  // By part: its steps whose questions are new, and those that lead to another part where this is
  // not 0.
  std::vector<std::uint32_t> open_;
  std::vector<std::uint32_t> inside_;      // by part: its new steps that stay in it
  std::vector<std::size_t> first_before_;  // by part, as first_: the parts that lead there,
  std::vector<Node> before_;               // once for each step

  Node at_ = 0;
  State state_;
  std::vector<Successor> successors_;
  std::vector<bool> was_here_;  // by node
  bool is_new_ = false;
  std::vector<std::size_t> plan_;  // successors on the way to what is new, the next one last
};

}  // namespace lockproof
