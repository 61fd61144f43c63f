// SPDX-License-Identifier: Apache-2.0
// Cover: runs that together take every step of a space, for a world that can only begin anew.
//
// The graph of all states is learned first. Then each run goes on from the first state to a step
// that no run has taken, as long as one lies ahead; what has none ahead of it is left alone. So a
// run takes what is new for as long as it can, and the last run takes the last step.
#pragma once

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
  std::uint64_t taken() const { return taken_count_; }  // of these, by any run

  // A new run, at the first state.
  Result<> begin();
  // False: no step ahead of where it is is new. At the beginning: all are taken.
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
  // No run has taken it.
  bool is_new_step(std::size_t which) const { return !taken_[first(at_) + which]; }
  // It is taken: the run is in its state now. REQUIRES: `which` is a successor.
  Result<> take(std::size_t which);

 private:
  using Node = std::uint32_t;

  std::size_t first(Node node) const { return first_[node]; }
  std::size_t count(Node node) const { return first_[node + 1] - first_[node]; }
  void find_parts();
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
  std::vector<Node> to_;     // by step
  std::vector<bool> taken_;  // by step
  std::uint64_t taken_count_ = 0;
  // Of parts one cannot come back to, what is ahead is a matter of counting (parts.h).
  std::vector<Node> part_;  // by node
  // By part: its steps that are not taken, and those that lead to another part where this is not 0.
  std::vector<std::uint32_t> open_;
  std::vector<std::uint32_t> inside_;      // by part: its steps that stay in it and are not taken
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
