// SPDX-License-Identifier: Apache-2.0
#include "program/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <unordered_set>

#include "core/text.h"

namespace lockproof {
namespace {

constexpr std::string_view kHeader = "tree 1";

std::optional<Node> parse_node(std::string_view word) {
  Node node = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), node);
  const bool spelled = error == std::errc() && end == word.data() + word.size() &&
                       (word.size() == 1 || word.front() != '0');
  return spelled ? std::optional(node) : std::nullopt;
}

// The lines of a saved tree, one after the other, with their numbers.
class Lines {
 public:
  Lines(std::string_view text, std::string_view source) : source_(source), rest_(text) { step(); }

  bool done() const { return done_; }
  std::string_view line() const { return line_; }
  void step() {
    ++number_;
    done_ = rest_.empty();
    const std::size_t end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  }
  // The line without this beginning; nothing if it begins otherwise.
  std::optional<std::string_view> after(std::string_view beginning) const {
    if (done_ || !line_.starts_with(beginning)) return std::nullopt;
    return line_.substr(beginning.size());
  }
  Error expected(std::string_view what) const {
    return usage_error(ErrorCode::kTree,
                       fmt::format("{}:{}: expected {}, found '{}'", source_, number_, what,
                                   done_ ? "the end" : escape(line_, 80)));
  }

 private:
  std::string_view source_;
  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
  bool done_ = false;
};

// "3 claim owns": the number that has to come, and what was said.
Result<std::vector<Said>> parse_heading(const Lines& lines, std::size_t wanted) {
  std::vector<Said> said;
  std::string_view rest = lines.line();
  for (bool first = true; !rest.empty(); first = false) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(std::min(space + 1, rest.size()));
    if (first) {
      if (parse_node(word) != wanted) return lines.expected(fmt::format("node {}", wanted));
      continue;
    }
    const auto one = parse_said(word);
    if (!one) return lines.expected("what was said on the way to the node");
    said.push_back(*one);
  }
  return said;
}

}  // namespace

std::string format(const Said& said) {
  std::string text(name(said.kind));
  if (said.phase != Phase::kPoint) text += fmt::format(".{}", name(said.phase));
  if (said.value != 0) text += fmt::format("={}", said.value);
  return text;
}

std::optional<Said> parse_said(std::string_view word) {
  const std::size_t equals = std::min(word.find('='), word.size());
  const std::size_t dot = std::min(word.find('.'), equals);
  const auto kind = kind_named(word.substr(0, dot));
  if (!kind) return std::nullopt;
  Said said{*kind};
  if (dot != equals) {
    const auto phase = phase_named(word.substr(dot + 1, equals - dot - 1));
    if (!phase) return std::nullopt;
    said.phase = *phase;
  }
  if (equals != word.size()) {
    std::from_chars(word.data() + equals + 1, word.data() + word.size(), said.value);
  }
  return format(said) == word ? std::optional(said) : std::nullopt;
}

std::size_t Tree::HashKey::operator()(const Key& key) const {
  static_assert(std::has_unique_object_representations_v<Answer>);
  std::string_view bytes(reinterpret_cast<const char*>(&key.answer), sizeof key.answer);
  return std::hash<std::string_view>()(bytes) ^ (key.node * 0x9e3779b97f4a7c15u);
}

std::optional<Node> Tree::find(Node node, const Answer& answer) const {
  const auto found = edges_.find({node, answer});
  return found == edges_.end() ? std::nullopt : std::optional(found->second);
}

void Tree::plant(const Call& call, std::vector<Said> said) {
  assert(nodes_.empty());
  nodes_.push_back({call, 0, {}, std::move(said)});
}

Node Tree::grow(Node from, const Answer& answer, const Call& call, std::vector<Said> said) {
  assert(nodes_.size() < kMaxNodes);
  const auto node = static_cast<Node>(nodes_.size());
  lead(from, answer, node);
  nodes_.push_back({call, from, answer, std::move(said)});
  return node;
}

void Tree::join(Node from, const Answer& answer, Node to) {
  assert(to < nodes_.size());
  lead(from, answer, to);
}

void Tree::lead(Node from, const Answer& answer, Node to) {
  assert(from < nodes_.size());
  [[maybe_unused]] const bool fresh = edges_.emplace(Key{from, answer}, to).second;
  assert(fresh);
  nodes_[from].answers.emplace_back(answer, to);
}

std::vector<Tree::Turn> Tree::path_to(Node node) const {
  std::vector<Turn> turns;
  for (; node != 0; node = nodes_[node].parent) {
    turns.push_back({nodes_[node].parent, nodes_[node].answer});
  }
  std::reverse(turns.begin(), turns.end());
  return turns;
}

// What is left when those are taken away, again and again, that nobody left leads to.
bool Tree::asks(Op op) const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [&](const Point& point) { return point.call.op == op; });
}

bool Tree::goes_round() const {
  std::vector<std::size_t> leading(nodes_.size(), 0);
  for (const Point& point : nodes_) {
    for (const auto& [answer, to] : point.answers) ++leading[to];
  }
  if (nodes_.empty() || leading[0] > 0) return !nodes_.empty();
  std::vector<Node> free = {0};
  std::size_t taken = 0;
  for (; taken < free.size(); ++taken) {
    for (const auto& [answer, to] : nodes_[free[taken]].answers) {
      if (--leading[to] == 0) free.push_back(to);
    }
  }
  return taken < nodes_.size();
}

std::string Tree::text(const Texts& texts) const {
  std::string text = fmt::format("{}\n", kHeader);
  for (Node node = 0; node < nodes_.size(); ++node) {
    const Point& point = nodes_[node];
    text += fmt::format("{}", node);
    for (const Said& said : point.said) text += " " + format(said);
    text += fmt::format("\n  {}\n", format(point.call, texts));
    for (const auto& [answer, to] : point.answers) {
      text += fmt::format("  -> {} : {}\n", format(answer, texts), to);
    }
  }
  return text;
}

Result<Tree> Tree::parse(std::string_view text, Texts& texts, std::string_view source) {
  Lines lines(text, source);
  if (lines.line() != kHeader) return lines.expected(fmt::format("'{}'", kHeader));
  lines.step();

  struct Edge {
    Node from;
    Answer answer;
    Node to;
  };
  std::vector<Edge> edges;
  std::unordered_map<Node, std::size_t> grown;  // the first edge to each node that was not there
  std::unordered_set<Key, HashKey> answered;
  std::vector<Point> points;
  while (!lines.done()) {
    const auto node = static_cast<Node>(points.size());
    auto said = parse_heading(lines, node);
    if (!said) return said.error();
    if (node > 0 && !grown.contains(node)) {
      return lines.expected("a node that an answer leads to");
    }
    lines.step();
    const auto call_text = lines.after("  ");
    if (!call_text) return lines.expected("the call of the node");
    const auto call = parse_call(*call_text, texts);
    if (!call) return lines.expected("a call: " + call.error().sentence);
    points.push_back({*call, 0, {}, std::move(*said)});
    lines.step();
    for (auto line = lines.after("  -> "); line; lines.step(), line = lines.after("  -> ")) {
      const std::size_t colon = line->rfind(" : ");
      if (call->op == Op::kExit) return lines.expected("the next node: nothing follows an exit");
      if (colon == std::string_view::npos) return lines.expected("'ANSWER : NODE'");
      const auto answer = parse_answer(line->substr(0, colon), texts);
      if (!answer) return lines.expected("an answer: " + answer.error().sentence);
      if (answer->outcome != Outcome::kDone) return lines.expected("an answer that ends the call");
      const auto to = parse_node(line->substr(colon + 3));
      if (!to || *to >= kMaxNodes) return lines.expected("a node");
      if (!answered.insert({node, *answer}).second) {
        return lines.expected("an answer that was not there before");
      }
      if (*to > node) grown.try_emplace(*to, edges.size());
      edges.push_back({node, *answer, *to});
    }
  }
  if (points.empty()) return lines.expected("node 0");
  if (grown.size() != points.size() - 1) {
    return lines.expected("every node that an answer leads to");
  }
  Tree tree;
  tree.nodes_ = std::move(points);
  for (const auto& [node, edge] : grown) {
    tree.nodes_[node].parent = edges[edge].from;
    tree.nodes_[node].answer = edges[edge].answer;
  }
  for (const Edge& edge : edges) tree.lead(edge.from, edge.answer, edge.to);
  return tree;
}

}  // namespace lockproof
