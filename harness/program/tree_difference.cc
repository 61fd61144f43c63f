// SPDX-License-Identifier: Apache-2.0
#include "program/tree_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lockproof {
namespace {

constexpr std::size_t kMostShown = 20;  // turns of a path

// A place of the tree, and where the program is after the same answers.
struct Pair {
  Node saved;
  Node now;
  std::size_t from;  // the pair before, and what was answered there
  Answer answer;
};

// `one` and `other`: a Tree or a Program.
template <class One, class Other>
bool same(const One& one, Node a, const Other& other, Node b) {
  return one.call(a) == other.call(b) && std::ranges::equal(one.said(a), other.said(b));
}

std::vector<Tree::Turn> path_to(const std::vector<Pair>& pairs, std::size_t at) {
  std::vector<Tree::Turn> turns;
  for (; at != 0; at = pairs[at].from)
    turns.push_back({pairs[pairs[at].from].saved, pairs[at].answer});
  std::ranges::reverse(turns);
  return turns;
}

// "claim owns; hold"
std::string words(std::span<const Said> said, const Call& call, const Texts& texts) {
  std::string text;
  for (const Said& word : said) text += (text.empty() ? "" : " ") + format(word);
  return text + (text.empty() ? "" : "; ") + format(call, texts);
}

class Comparing {
 public:
  Comparing(const Tree& saved, Program& now) : saved_(saved), now_(now) {}

  TreeComparison run() {
    met_.insert({0, 0});
    pairs_.push_back({0, 0, 0, {}});
    for (std::size_t at = 0; at < pairs_.size(); ++at) look(at);
    return std::move(comparison_);
  }

 private:
  void look(std::size_t at) {
    const Node a = pairs_[at].saved;
    const Node b = pairs_[at].now;
    if (!same(saved_, a, now_, b)) return differs(at);
    if (comparison_.stopped) return;  // what is known of the program is compared, for all that
    const bool told = !told_.insert(a).second;
    for (const auto& [answer, to] : saved_.answers(a)) {
      const auto next = now_.next(b, answer);
      if (!next.ok()) {
        comparison_.stopped = next.error();
        return;
      }
      if (!told) ++comparison_.answers;
      if (met_.insert({to, *next}).second) pairs_.push_back({to, *next, at, answer});
    }
  }

  void differs(std::size_t at) {
    const Node a = pairs_[at].saved;
    const Node b = pairs_[at].now;
    for (TreeDifference& known : comparison_.differences) {
      if (!same(saved_, a, saved_, known.saved) || !same(now_, b, now_, known.now)) continue;
      ++known.places;
      return;
    }
    comparison_.differences.push_back({path_to(pairs_, at), a, b});
  }

  const Tree& saved_;
  Program& now_;
  std::vector<Pair> pairs_;  // in the order of their distance from the beginning
  std::set<std::pair<Node, Node>> met_;
  std::set<Node> told_;
  TreeComparison comparison_;
};

}  // namespace

TreeComparison compare(const Tree& saved, Program& now) { return Comparing(saved, now).run(); }

std::string text(const TreeDifference& difference, const Tree& saved, const Program& now,
                 const Texts& texts) {
  const auto& path = difference.path;
  const std::size_t left_out = path.size() > kMostShown ? path.size() - kMostShown : 0;
  std::string lines;
  if (left_out > 0) lines += fmt::format("  ({} calls before)\n", left_out);
  for (const Tree::Turn& turn : std::span(path).subspan(left_out)) {
    lines += fmt::format("  {} -> {}\n", words(saved.said(turn.node), saved.call(turn.node), texts),
                         format(turn.answer, texts));
  }
  const auto [saved_at, now_at] = std::pair(difference.saved, difference.now);
  lines += fmt::format("- {}\n", words(saved.said(saved_at), saved.call(saved_at), texts));
  lines += fmt::format("+ {}\n", words(now.said(now_at), now.call(now_at), texts));
  if (difference.places > 1) {
    lines += fmt::format("  (in {} places, of which this is a nearest one)\n", difference.places);
  }
  return lines;
}

}  // namespace lockproof
