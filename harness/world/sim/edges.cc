// SPDX-License-Identifier: Apache-2.0
#include "sim/edges.h"

#include <algorithm>
#include <cassert>

namespace lockproof::sim {

// The first places are no row's: what is asked of a situation that has none is looked for there.
Edges::Edges() : places_end_(std::size_t{1} << kLineBits), kinds_(1) {}

Result<> Edges::add(const Edge& edge) {
  const auto next = static_cast<std::uint32_t>(kinds_.size());
  const auto [kind, fresh] = numbers_.try_emplace(edge, next);
  if (fresh && next == kKinds)
    return environment_error(ErrorCode::kTooMany, "the search has too many kinds of steps");
  if (fresh) kinds_.push_back(edge);
  Row& row = rows_[edge.from];
  rows_end_ = std::max<std::size_t>(rows_end_, edge.from + std::size_t{1});
  // Where an eighth is free, one that is not there is found out after few looks.
  if (row.taken + 1u > size(row) - size(row) / 8 - 1) grow(row);
  Place& place = places_[find_in(row, key_of(edge.asked()))];
  assert(!place.taken());
  place.key = key_of(edge.asked()) & ((std::uint64_t{1} << 37) - 1);
  place.kind = kind->second & (kKinds - 1);
  place.asleep = edge.asleep;
  place.to = edge.to & 0x0fffffff;
  place.node = edge.node & 0x0fffffff;
  place.sleep_known = edge.sleep_known;
  ++row.taken;
  ++size_;
  return Nothing{};
}

void Edges::note_sleep(const Asked& wanted, Places known, Places asleep) {
  Place& place = places_[find_in(rows_[wanted.from], key_of(wanted))];
  assert(place.taken());
  place.sleep_known |= known;
  place.asleep |= asleep;
}

// The places that it leaves are taken by the next row of that size.
void Edges::grow(Row& row) {
  const Row old = row;
  row.bits = old.taken == 0 ? kLineBits : (old.bits + 1) & 31u;
  longest_ = std::max<unsigned>(longest_, row.bits);
  if (auto& outgrown = outgrown_[row.bits]; !outgrown.empty()) {
    row.line = outgrown.back();
    outgrown.pop_back();
  } else {
    assert(places_end_ + size(row) <= kPlaces);
    row.line = static_cast<std::uint32_t>(places_end_ >> kLineBits);
    places_end_ += size(row);
  }
  if (old.taken == 0) return;
  for (std::size_t at = begin(old); at < begin(old) + size(old); ++at) {
    if (!places_[at].taken()) continue;
    places_[find_in(row, places_[at].key)] = places_[at];
    places_[at] = Place{};
  }
  outgrown_[old.bits].push_back(old.line);
}

}  // namespace lockproof::sim
