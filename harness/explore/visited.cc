// SPDX-License-Identifier: Apache-2.0
#include "explore/visited.h"

#include <cmath>

namespace lockproof {
namespace {

constexpr std::size_t kFirstSlots = 1 << 12;

std::uint32_t tag_of(const Fingerprint& fingerprint) {
  return static_cast<std::uint32_t>(fingerprint.high >> 32);
}

}  // namespace

Visited::Visited(std::size_t most)
    : fingerprints_(most), from_(most), index_(kFirstSlots), mask_(kFirstSlots - 1) {}

std::pair<Visited::Id, bool> Visited::insert(const Fingerprint& fingerprint, Id from) {
  const std::uint32_t tag = tag_of(fingerprint);
  for (std::size_t at = fingerprint.low & mask_;; at = (at + 1) & mask_) {
    const Slot slot = index_[at];
    if (slot.id_plus_one == 0) break;
    if (slot.tag == tag && fingerprints_[slot.id_plus_one - 1] == fingerprint) {
      return {slot.id_plus_one - 1, false};
    }
  }
  const auto id = static_cast<Id>(size_++);
  fingerprints_[id] = fingerprint;
  from_[id] = from;
  if (size_ * 4 > (mask_ + 1) * 3)
    grow();
  else
    place(fingerprint, id);
  return {id, true};
}

void Visited::place(const Fingerprint& fingerprint, Id id) {
  std::size_t at = fingerprint.low & mask_;
  while (index_[at].id_plus_one != 0) at = (at + 1) & mask_;
  index_[at] = {tag_of(fingerprint), id + 1};
}

void Visited::grow() {
  const std::size_t slots = (mask_ + 1) * 2;
  index_ = Mapped<Slot>(slots);
  mask_ = slots - 1;
  for (std::size_t id = 0; id < size_; ++id) place(fingerprints_[id], static_cast<Id>(id));
}

std::size_t Visited::bytes() const {
  return size_ * (sizeof(Fingerprint) + sizeof(Id)) + (mask_ + 1) * sizeof(Slot);
}

std::size_t Visited::bytes_to_grow() const {
  const std::size_t slots = mask_ + 1;
  return size_ * 4 > slots * 3 - slots / 4 ? 2 * slots * sizeof(Slot) : 0;
}

// n states, 2^128 fingerprints: at most n^2 / 2^129.
double collision_chance(std::uint64_t states) {
  return std::ldexp(static_cast<double>(states) * static_cast<double>(states), -129);
}

}  // namespace lockproof
