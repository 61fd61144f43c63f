// SPDX-License-Identifier: Apache-2.0
#include "world/fingerprints.h"

#include <cmath>

namespace lockproof {
namespace {

constexpr std::size_t kFirstSlots = 1 << 12;

std::uint32_t tag_of(const Fingerprint& fingerprint) {
  return static_cast<std::uint32_t>(fingerprint.high >> 32);
}

}  // namespace

Fingerprints::Fingerprints(std::size_t most)
    : fingerprints_(most), index_(kFirstSlots), mask_(kFirstSlots - 1) {}

std::pair<Fingerprints::Id, bool> Fingerprints::insert(const Fingerprint& fingerprint) {
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
  if (size_ * 4 > (mask_ + 1) * 3)
    grow();
  else
    place(fingerprint, id);
  return {id, true};
}

void Fingerprints::place(const Fingerprint& fingerprint, Id id) {
  std::size_t at = fingerprint.low & mask_;
  while (index_[at].id_plus_one != 0) at = (at + 1) & mask_;
  index_[at] = {tag_of(fingerprint), id + 1};
}

void Fingerprints::grow() {
  const std::size_t slots = (mask_ + 1) * 2;
  index_ = Mapped<Slot>(slots);
  mask_ = slots - 1;
  for (std::size_t id = 0; id < size_; ++id) place(fingerprints_[id], static_cast<Id>(id));
}

std::size_t Fingerprints::bytes() const {
  return size_ * sizeof(Fingerprint) + (mask_ + 1) * sizeof(Slot);
}

std::size_t Fingerprints::bytes_to_grow() const {
  const std::size_t slots = mask_ + 1;
  return size_ * 4 > slots * 3 - slots / 4 ? 2 * slots * sizeof(Slot) : 0;
}

// n of them, 2^128 fingerprints: at most n^2 / 2^129.
double collision_chance(std::uint64_t many) {
  return std::ldexp(static_cast<double>(many) * static_cast<double>(many), -129);
}

}  // namespace lockproof
