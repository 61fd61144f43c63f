// SPDX-License-Identifier: Apache-2.0
#include "explore/cover.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "explore/parts.h"

namespace lockproof {

// Breadth first: a node is expanded before those that are deeper.
Result<bool> Cover::learn(unsigned depth, const std::function<bool()>& stop) {
  constexpr std::size_t kLookEvery = 4096;
  Fingerprints prints;
  Fingerprints questions;
  prints.insert(space_.fingerprint(space_.first()));
  nodes_ = {space_.first()};
  asleep_ = {0};
  std::size_t end_of_level = 1;
  for (unsigned level = 0; expanded_ < nodes_.size() && level < depth; ++level) {
    for (; expanded_ < end_of_level; ++expanded_) {
      if (expanded_ % kLookEvery == 0 && stop()) return false;
      successors_.clear();
      if (auto gone = space_.expand(nodes_[expanded_], asleep_[expanded_], successors_);
          !gone.ok()) {
        return gone.error();
      }
      first_.push_back(to_.size());
      for (const Successor& successor : successors_) {
        const auto [id, fresh] = prints.insert(successor.fingerprint);
        if (fresh) {
          nodes_.push_back(successor.state);
          asleep_.push_back(successor.asleep);
        }
        to_.push_back(id);
        const Questions asks = space_.questions(nodes_[expanded_], successor);
        question_.push_back(
            {questions.insert(asks.kernel).first, questions.insert(asks.program).first});
      }
    }
    end_of_level = nodes_.size();
  }
  first_.resize(nodes_.size() + 1, to_.size());
  asked_.assign(questions.size(), false);
  find_askers();
  was_here_.assign(nodes_.size(), false);
  find_parts();
  return true;
}

void Cover::find_askers() {
  first_asking_.assign(asked_.size() + 1, 0);
  const auto each_asked = [this](const auto& visit) {
    for (std::uint32_t step = 0; step < question_.size(); ++step) {
      const auto [kernel, program] = question_[step];
      visit(step, kernel);
      if (program != kernel) visit(step, program);
    }
  };
  each_asked([&](std::uint32_t, std::uint32_t question) { ++first_asking_[question + 1]; });
  std::partial_sum(first_asking_.begin(), first_asking_.end(), first_asking_.begin());
  asking_.resize(first_asking_.back());
  std::vector<std::size_t> next = first_asking_;
  each_asked([&](std::uint32_t step, std::uint32_t question) { asking_[next[question]++] = step; });
}

void Cover::find_parts() {
  const auto size = static_cast<Node>(nodes_.size());
  part_ = strong_parts(
      size, std::array<Node, 1>{0}, [&](Node node) { return count(node); },
      [&](Node node, std::size_t i) { return to_[first(node) + i]; });
  open_.assign(size, 0);
  inside_.assign(size, 0);
  for (Node node = 0; node < size; ++node) {
    open_[part_[node]] += static_cast<std::uint32_t>(count(node));
    for (std::size_t i = 0; i < count(node); ++i) inside_[part_[node]] += stays(node, i) ? 1 : 0;
  }
  // Before anything is taken, whatever has steps is open.
  const std::vector<std::uint32_t> own = open_;
  const auto each_between = [&](const auto& visit) {
    for (Node node = 0; node < size; ++node) {
      for (std::size_t step = first(node); step < first(node + 1); ++step) {
        const Node to = part_[to_[step]];
        if (to != part_[node] && own[to] != 0) visit(part_[node], to);
      }
    }
  };
  first_before_.assign(size + 1, 0);
  each_between([&](Node from, Node to) {
    ++open_[from];
    ++first_before_[to + 1];
  });
  for (Node part = 0; part < size; ++part) first_before_[part + 1] += first_before_[part];
  before_.resize(first_before_[size]);
  std::vector<std::size_t> next = first_before_;
  each_between([&](Node from, Node to) { before_[next[to]++] = from; });
}

// One of what keeps it open is gone.
void Cover::settle(Node part) {
  std::vector<Node> less = {part};
  while (!less.empty()) {
    const Node one = less.back();
    less.pop_back();
    if (--open_[one] != 0) continue;
    less.insert(less.end(), before_.begin() + static_cast<std::ptrdiff_t>(first_before_[one]),
                before_.begin() + static_cast<std::ptrdiff_t>(first_before_[one + 1]));
  }
}

Result<> Cover::begin() {
  plan_.clear();
  return arrive(0, space_.first());
}

Result<> Cover::expand(Places asleep, std::vector<Successor>& out) {
  if (space_.expand_known(state_, asleep, out)) return Nothing{};
  return space_.expand(state_, asleep, out);
}

Result<> Cover::arrive(Node node, const State& state) {
  at_ = node;
  state_ = state;
  is_new_ = !was_here_[node];
  was_here_[node] = true;
  successors_.clear();
  if (!is_expanded()) return Nothing{};
  return expand(asleep_[node], successors_);
}

std::optional<std::size_t> Cover::new_inside(Node node) const {
  for (std::size_t i = 0; i < count(node); ++i) {
    if (stays(node, i) && is_new_at(first(node) + i)) return i;
  }
  return std::nullopt;
}

// A new step that leads to more, else a new one, else one that leads to new ones.
std::optional<std::size_t> Cover::best_way_out(Node node) const {
  std::optional<std::size_t> best;
  int rank = 0;
  for (std::size_t i = 0; i < count(node); ++i) {
    if (stays(node, i)) continue;
    const int fresh = is_new_at(first(node) + i) ? 2 : 0;
    const int leads = open_[part_[to_[first(node) + i]]] != 0 ? 1 : 0;
    if (fresh + leads <= rank) continue;
    rank = fresh + leads;
    best = i;
  }
  return best;
}

// To the nearest node of this part from which something new can be taken: inside of it while there
// is any, for a run never comes back to it.
void Cover::plan() {
  struct Reached {
    std::size_t before = 0;  // in `reached`
    std::size_t step = 0;    // that led there
    Node node = 0;
  };
  const bool inside = inside_[part_[at_]] != 0;
  std::vector<Reached> reached = {{0, 0, at_}};
  std::unordered_set<Node> seen = {at_};
  for (std::size_t at = 0; at < reached.size(); ++at) {
    const Node node = reached[at].node;
    if (const auto found = inside ? new_inside(node) : best_way_out(node)) {
      plan_ = {*found};
      for (std::size_t i = at; i != 0; i = reached[i].before) plan_.push_back(reached[i].step);
      return;
    }
    for (std::size_t i = 0; i < count(node); ++i) {
      const Node to = to_[first(node) + i];
      if (stays(node, i) && seen.insert(to).second) reached.push_back({at, i, to});
    }
  }
}

std::size_t Cover::next() {
  if (plan_.empty()) plan();
  const std::size_t which = plan_.back();
  plan_.pop_back();
  return which;
}

Result<> Cover::take(std::size_t which) {
  const std::size_t step = first(at_) + which;
  for (const std::uint32_t question : question_[step]) {
    if (!asked_[question]) ask(question);
  }
  const State state = successors_[which].state;
  return arrive(to_[step], state);
}

// A step is new no more when both of its questions are asked: in all places at once.
void Cover::ask(std::uint32_t question) {
  asked_[question] = true;
  ++asked_count_;
  for (std::size_t i = first_asking_[question]; i < first_asking_[question + 1]; ++i) {
    const std::uint32_t step = asking_[i];
    if (is_new_at(step)) continue;  // by its other question
    const auto behind = std::upper_bound(first_.begin(), first_.end(), step);
    const auto node = static_cast<Node>(behind - first_.begin() - 1);
    if (stays(node, step - first(node))) --inside_[part_[node]];
    settle(part_[node]);
  }
}

}  // namespace lockproof
