// SPDX-License-Identifier: Apache-2.0
#include "sim/edges.h"

#include <cassert>
#include <utility>

namespace lockproof::sim {

const Edge* Edges::add(const Edge& edge) {
  assert(edge.outcome != Edge::Outcome::kUnknown && find(asked(edge)) == nullptr);
  if ((count_ + 1) * 4 > (mask_ + 1) * 3) grow();
  ++count_;
  return place(edge);
}

Edge* Edges::place(const Edge& edge) {
  std::size_t at = hash(asked(edge)) & mask_;
  while (table_[at].outcome != Edge::Outcome::kUnknown) at = (at + 1) & mask_;
  table_[at] = edge;
  return &table_[at];
}

void Edges::grow() {
  const std::size_t old_size = mask_ + 1;
  const Mapped<Edge> old = std::exchange(table_, Mapped<Edge>(old_size * 2));
  mask_ = old_size * 2 - 1;
  for (std::size_t i = 0; i < old_size; ++i) {
    if (old[i].outcome != Edge::Outcome::kUnknown) place(old[i]);
  }
}

}  // namespace lockproof::sim
