// SPDX-License-Identifier: Apache-2.0
// Packing: states with all that they name, so that they mean the same in another process.
//
// A state's words are numbers of what this process has met so far: situations, nodes of programs,
// texts. They are packed with what they stand for, each once a batch: a text is its bytes, a node
// the answer that leads to it from another node, a situation its kernel. A process that unpacks
// them runs its programs along these answers, and so gets to know them.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "core/bytes.h"
#include "sim/nodes.h"
#include "sim/store.h"
#include "world/space.h"

namespace lockproof::sim {

class Packing {
 public:
  Packing(const Tables& tables, const Store& store, const Nodes& nodes)
      : tables_(tables), store_(store), nodes_(nodes) {}
  void pack(std::span<const State> states, ByteWriter& out);

 private:
  std::uint32_t text(Text text);
  std::uint32_t node(NodeRef ref);
  std::uint32_t situation(SituationId id);

  const Tables& tables_;
  const Store& store_;
  const Nodes& nodes_;
  // By their numbers here, those of the batch.
  std::unordered_map<Text, std::uint32_t> texts_;
  std::unordered_map<NodeRef, std::uint32_t> node_numbers_;
  std::unordered_map<SituationId, std::uint32_t> situations_;
  ByteWriter text_bytes_, node_bytes_, situation_bytes_;
};

class Unpacking {
 public:
  Unpacking(Tables& tables, Store& store, Nodes& nodes)
      : tables_(tables), store_(store), nodes_(nodes) {}
  // Errors: kUsage, it is nothing that pack() wrote; as Program::next().
  Result<std::vector<State>> unpack(ByteReader& in);

 private:
  void take_texts(ByteReader& in);
  Result<> take_nodes(ByteReader& in);
  void take_situations(ByteReader& in);
  State take_state(ByteReader& in) const;

  Tables& tables_;
  Store& store_;
  Nodes& nodes_;
  std::vector<Text> texts_;
  std::vector<NodeRef> node_refs_;
  std::vector<SituationId> situations_;
};

}  // namespace lockproof::sim
