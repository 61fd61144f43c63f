// SPDX-License-Identifier: Apache-2.0
#include "explore/graph.h"

#include <algorithm>

#include "explore/parts.h"

namespace lockproof {
namespace {

using Actors = std::uint16_t;  // a bit each
Actors bit(unsigned actor) { return static_cast<Actors>(1u << actor); }

}  // namespace

void Graph::expand(Node node, const Facts& facts) {
  if (node >= nodes_.size()) nodes_.resize(node + 1);
  order_.push_back(node);
  nodes_[node] = {static_cast<std::uint32_t>(steps_.size()), 0, facts.claiming != 0,
                  facts.owns != 0, facts.orphans};
}

void Graph::add(Node to, const Transition& transition) {
  using Happens = Transition::Kind;
  const std::uint8_t actor = transition.kind == Happens::kClock ? kClock : transition.place;
  steps_.push_back({to, actor, transition.kind == Happens::kFault,
                    transition.kind == Happens::kCall, transition.pauses});
  ++nodes_[order_.back()].count;
  if (to >= nodes_.size()) nodes_.resize(to + 1);
}

void Graph::save(const std::function<Node(Node)>& number, ByteWriter& out) const {
  out.put(std::uint64_t{order_.size()});
  for (const Node node : order_) {
    const Point& point = nodes_[node];
    out.put(number(node));
    out.put(static_cast<std::uint8_t>(point.claims | point.owned << 1));
    out.put(point.orphans);
    out.put(point.count);
    for (const Step& step : steps(node)) {
      out.put(number(step.to));
      out.put(step.actor);
      out.put(static_cast<std::uint8_t>(step.fault | step.call << 1 | step.pauses << 2));
    }
  }
}

void Graph::load(const std::function<Node(Node)>& node, ByteReader& in) {
  const auto known = [&](Node number) {
    const Node found = node(number);
    if (found == kNobody) in.fail();
    if (found != kNobody && found >= nodes_.size()) nodes_.resize(found + 1);
    return found;
  };
  for (std::uint64_t left = in.get_count(10); left > 0 && in.ok(); --left) {
    const Node at = known(in.get<Node>());
    const auto flags = in.get<std::uint8_t>();
    const auto orphans = in.get<Places>();
    const auto count = in.get<std::uint32_t>();
    if (!in.ok()) return;
    order_.push_back(at);
    nodes_[at] = {static_cast<std::uint32_t>(steps_.size()), count, (flags & 1) != 0,
                  (flags & 2) != 0, orphans};
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
      const Node to = known(in.get<Node>());
      const auto actor = in.get<std::uint8_t>();
      const auto kind = in.get<std::uint8_t>();
      if (actor >= kActors) in.fail();
      steps_.push_back({to, actor, (kind & 1) != 0, (kind & 2) != 0, (kind & 4) != 0});
    }
  }
}

std::vector<Graph::Node> Graph::parts(const Allowed& allowed) const {
  auto parts = strong_parts(
      nodes_.size(), order_, [&](Node node) { return nodes_[node].count; },
      [&](Node node, std::uint32_t i) {
        const Step& step = steps(node)[i];
        return allowed(node, step) ? step.to : kNobody;
      });
  // One node alone goes round if it leads to itself.
  const std::vector<Node> all = parts;
  std::vector<bool> round(all.size(), false);
  for (const Node node : order_) {
    const auto goes_to_itself = [&](const Step& step) {
      return step.to == node && allowed(node, step);
    };
    if (all[node] != node || std::ranges::any_of(steps(node), goes_to_itself)) {
      round[all[node]] = true;
    }
  }
  for (Node& part : parts) {
    if (part != kNobody && !round[part]) part = kNobody;
  }
  return parts;
}

std::vector<Graph::Step> Graph::way(Node from, const std::vector<Node>& parts,
                                    const Allowed& allowed, const Allowed& wanted) const {
  struct Reached {
    Node node;
    std::size_t before;
    Step step;
  };
  std::vector<Reached> reached = {{from, 0, {}}};
  std::vector<bool> seen(nodes_.size(), false);
  seen[from] = true;
  for (std::size_t at = 0; at < reached.size(); ++at) {
    const Node node = reached[at].node;
    for (const Step& step : steps(node)) {
      if (!allowed(node, step) || parts[step.to] != parts[from]) continue;
      if (wanted(node, step)) {
        std::vector<Step> way = {step};
        for (std::size_t i = at; i != 0; i = reached[i].before) way.push_back(reached[i].step);
        std::reverse(way.begin(), way.end());
        return way;
      }
      if (seen[step.to]) continue;
      seen[step.to] = true;
      reached.push_back({step.to, at, step});
    }
  }
  return {};
}

bool Graph::is_fair(Node part, const std::vector<Node>& parts, const Allowed& allowed,
                    Wanted wanted) const {
  Actors always = 0xffff;
  Actors moved = 0;
  bool met = false;
  for (const Node node : order_) {
    if (parts[node] != part) continue;
    met = met || wanted(nodes_[node]);
    Actors enabled = 0;
    for (const Step& step : steps(node)) {
      if (!step.fault) enabled |= bit(step.actor);
      if (allowed(node, step) && parts[step.to] == part) moved |= bit(step.actor);
    }
    always &= enabled;
  }
  return met && (always & ~moved) == 0;
}

// Whoever moves in the part moves, and what is wanted is met; then back to the beginning.
Graph::Cycle Graph::go_round(Node at, const std::vector<Node>& parts, const Allowed& allowed,
                             Wanted wanted) const {
  Cycle cycle{at, {}};
  const auto follow = [&](const Allowed& by) {
    const Node from = cycle.way.empty() ? at : cycle.way.back().to;
    const auto next = way(from, parts, allowed, by);
    cycle.way.insert(cycle.way.end(), next.begin(), next.end());
  };
  for (unsigned actor = 0; actor < kActors; ++actor) {
    const auto by_it = [&](const Step& step) { return step.actor == actor; };
    if (std::ranges::any_of(cycle.way, by_it)) continue;
    follow([&](Node, const Step& step) { return by_it(step); });
  }
  const auto meets = [&](Node, const Step& step) { return wanted(nodes_[step.to]); };
  if (std::ranges::none_of(cycle.way, [&](const Step& step) { return meets(at, step); })) {
    follow(meets);
  }
  if (cycle.way.back().to != at) follow([&](Node, const Step& step) { return step.to == at; });
  return cycle;
}

std::optional<Graph::Cycle> Graph::fair_round(const Allowed& allowed, Wanted wanted) const {
  const std::vector<Node> part = parts(allowed);
  std::vector<bool> judged(nodes_.size(), false);
  for (const Node node : order_) {
    if (part[node] == kNobody || judged[part[node]]) continue;
    judged[part[node]] = true;
    if (is_fair(part[node], part, allowed, wanted)) return go_round(node, part, allowed, wanted);
  }
  return std::nullopt;
}

std::optional<Graph::Cycle> Graph::livelock() const {
  const Allowed allowed = [&](Node from, const Step& step) {
    return !step.fault && !nodes_[from].owned && !nodes_[step.to].owned;
  };
  return fair_round(allowed, [](const Point& point) { return point.claims; });
}

std::optional<Graph::Cycle> Graph::orphan() const {
  for (unsigned place = 0; place < kPlaces; ++place) {
    const auto is_one = [&](Node node) { return (nodes_[node].orphans >> place & 1) != 0; };
    if (std::none_of(order_.begin(), order_.end(), is_one)) continue;
    const Allowed allowed = [&](Node from, const Step& step) {
      return !step.fault && is_one(from) && is_one(step.to);
    };
    if (auto round = fair_round(allowed, [](const Point&) { return true; })) return round;
  }
  return std::nullopt;
}

std::optional<Graph::Cycle> Graph::hot_spin() const {
  std::optional<Cycle> nearest;
  std::size_t rank = order_.size();
  for (std::uint8_t actor = 0; actor < kPlaces; ++actor) {
    const Allowed allowed = [&](Node, const Step& step) {
      return step.call && step.actor == actor && !step.pauses;
    };
    const std::vector<Node> part = parts(allowed);
    const auto on_it = [&](Node node) { return part[node] != kNobody; };
    const auto first = std::find_if(order_.begin(), order_.end(), on_it);
    const auto found = static_cast<std::size_t>(first - order_.begin());
    if (found >= rank) continue;
    rank = found;
    nearest = Cycle{*first, way(*first, part, allowed,
                                [&](Node, const Step& step) { return step.to == *first; })};
  }
  return nearest;
}

}  // namespace lockproof
