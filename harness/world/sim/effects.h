// SPDX-License-Identifier: Apache-2.0
// Effects: what a call does to a situation, whichever node it is asked from.
//
// A program asks the same of the kernel at many nodes, after other answers. What the kernel makes
// of it depends on the situation, on who asks and on the call, so a second node need only be told
// what the first one was.
#pragma once

#include <unordered_map>
#include <vector>

#include "sim/edges.h"

namespace lockproof::sim {

class Effects {
 public:
  struct Answered {
    Answer answer;
    std::uint64_t hash;  // as Nodes::next() takes it
  };

  // The edge of the first one that asked the call of that number (NodeAbout) there, without where
  // it and its child went in their programs. kUnknown: there was none.
  Edge find(SituationId from, std::uint8_t slot, std::uint32_t call) const {
    return edges_.find({from, call, slot, Act::kCall});
  }
  // By the node of what find() gave.
  const Answered& answered(std::uint32_t number) const { return answers_[number]; }

  // Unless it is known. REQUIRES: `edge` is of kCall
  Result<> keep(Edge edge, std::uint32_t call, const Answered& answered) {
    if (find(edge.from, edge.slot, call).taken()) return Nothing{};
    const auto number = static_cast<std::uint32_t>(answers_.size());
    const auto [known, fresh] = numbers_.try_emplace(answered.answer, number);
    if (fresh) answers_.push_back(answered);
    edge.what = call;
    edge.node = known->second;
    edge.says = 0;
    edge.child_node = 0;
    return edges_.add(edge);
  }

  std::size_t bytes() const { return edges_.bytes(); }
  std::size_t bytes_to_grow() const { return edges_.bytes_to_grow(); }

 private:
  Edges edges_;
  std::vector<Answered> answers_;
  std::unordered_map<Answer, std::uint32_t, HashBytes> numbers_;
};

}  // namespace lockproof::sim
