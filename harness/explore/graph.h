// SPDX-License-Identifier: Apache-2.0
// Graph: the states of a search and the steps between them, kept for claims about what can go on
// for ever.
//
// A finite run that never ends goes round: it comes to a strongly connected part of the graph and
// stays there. What is a livelock and what is not depends on who is there, so the states must be
// those of a space without symmetry (a process has one place for ever).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "world/space.h"

namespace lockproof {

class Graph {
 public:
  using Node = std::uint32_t;
  static constexpr Node kNobody = 0xffffffff;

  struct Step {
    Node to;
    std::uint8_t actor;  // the place, or kClock
    bool fault;
    bool call;    // of the actor's own
    bool pauses;  // it waits for time to pass, or for a turn that ends
  };
  static constexpr std::uint8_t kClock = kPlaces;
  static constexpr unsigned kActors = kPlaces + 1;

  // Nodes are expanded one after the other: the one whose steps are added now.
  void expand(Node node, const Facts& facts);
  void add(Node to, const Transition& transition);

  // For another process, where nodes have other numbers. A graph that cannot be makes `in` fail.
  void save(const std::function<Node(Node)>& number, ByteWriter& out) const;
  void load(const std::function<Node(Node)>& node, ByteReader& in);

  std::size_t bytes() const {
    return nodes_.capacity() * sizeof(Point) + steps_.capacity() * sizeof(Step) +
           order_.capacity() * sizeof(Node);
  }

  // Somewhere to go round: `way` are the steps from `at` back to it, at least one.
  struct Cycle {
    Node at;
    std::vector<Step> way;
  };

  // Round and round: nobody owns, somebody claims, and nobody is kept from taking a step that is
  // possible all the time (weak fairness). The one that can be reached soonest.
  std::optional<Cycle> livelock() const;
  // Round and round, as fairly: and all the while somebody lives whose parent has ended, on whom it
  // depends.
  std::optional<Cycle> orphan() const;
  // One process goes round alone, by calls that never pause: it burns its processor for as long as
  // nobody else changes anything.
  std::optional<Cycle> hot_spin() const;

 private:
  struct Point {
    std::uint32_t first = 0;  // of its steps
    std::uint32_t count = 0;
    bool claims = false;
    bool owned = false;
    Places orphans = 0;
  };
  // The steps that a cycle may take.
  using Allowed = std::function<bool(Node from, const Step& step)>;
  // Of the strongly connected parts, those in which one can go round; by node, kNobody elsewhere.
  // The number of a part is that of the first node of it in order_.
  std::vector<Node> parts(const Allowed& allowed) const;
  // The way from `from`, inside its part, to the nearest step that is `wanted`, with that step;
  // empty: there is none.
  std::vector<Step> way(Node from, const std::vector<Node>& part, const Allowed& allowed,
                        const Allowed& wanted) const;
  std::span<const Step> steps(Node node) const {
    return {steps_.data() + nodes_[node].first, nodes_[node].count};
  }
  // By fair rounds, in which a node comes that is `wanted`.
  using Wanted = bool (*)(const Point& point);
  bool is_fair(Node part, const std::vector<Node>& parts, const Allowed& allowed,
               Wanted wanted) const;
  Cycle go_round(Node at, const std::vector<Node>& parts, const Allowed& allowed,
                 Wanted wanted) const;
  std::optional<Cycle> fair_round(const Allowed& allowed, Wanted wanted) const;

  std::vector<Point> nodes_;
  std::vector<Step> steps_;
  std::vector<Node> order_;  // of their expansion: the nearest to the start first
};

}  // namespace lockproof
