// SPDX-License-Identifier: Apache-2.0
// The strongly connected parts of a graph: where one can go from each node to each other one.
//
// Tarjan: Depth-first search and linear graph algorithms, SIAM J. Comput. 1972, without recursion.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace lockproof {

inline constexpr std::uint32_t kNoNode = 0xffffffff;

// By node: one node of its part, the same for all of it. Nodes are 0 to `size` - 1, and begun with
// in the order of `starts`; what cannot be reached from there is no part: kNoNode.
// `count(node)`: how many steps it has; `target(node, i)`: where the i-th leads; kNoNode: it does
// not count.
template <class Starts, class Count, class Target>
std::vector<std::uint32_t> strong_parts(std::size_t size, const Starts& starts, const Count& count,
                                        const Target& target) {
  using Node = std::uint32_t;
  struct Frame {
    Node node;
    std::uint32_t next;  // of its steps
  };
  std::vector<Node> part(size, kNoNode), index(size, kNoNode), low(size, kNoNode);
  std::vector<Node> stack;
  std::vector<Frame> frames;
  Node entered = 0;
  const auto enter = [&](Node node) {
    index[node] = low[node] = entered++;
    stack.push_back(node);
    frames.push_back({node, 0});
  };
  for (const Node start : starts) {
    if (index[start] == kNoNode) enter(start);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const Node node = frame.node;
      if (frame.next < count(node)) {
        const Node to = target(node, frame.next++);
        if (to == kNoNode) continue;
        if (index[to] == kNoNode) {
          enter(to);
        } else if (part[to] == kNoNode) {
          low[node] = std::min(low[node], index[to]);
        }
        continue;
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[node]);
      if (low[node] != index[node]) continue;
      for (Node last = kNoNode; last != node; stack.pop_back()) {
        last = stack.back();
        part[last] = node;
      }
    }
  }
  return part;
}

}  // namespace lockproof
