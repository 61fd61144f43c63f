// SPDX-License-Identifier: Apache-2.0
#include "sim/remembered.h"

#include <utility>

namespace lockproof::sim {
namespace {

Places bit(unsigned slot) { return static_cast<Places>(1u << slot); }
bool has(Places places, unsigned slot) { return (places >> slot & 1) != 0; }
void remove(Places& from, Places places) { from &= static_cast<Places>(~places); }

void begin(unsigned slot, Places& under_way, Places& within, Places others) {
  if (has(under_way, slot)) return;
  under_way |= bit(slot);
  within = others;
  remove(within, bit(slot));
}

// Gives whose acts were under way all the while.
Places end(unsigned slot, Places& under_way, Places& within) {
  remove(under_way, bit(slot));
  return std::exchange(within, Places{0});
}

void end_for_all(unsigned slot, Places& under_way, std::array<Places, kPlaces>& within) {
  remove(under_way, bit(slot));
  for (Places& places : within) remove(places, bit(slot));
}

void begin_start(Remembered& all, unsigned slot) {
  if (!has(all.about_to_start, slot)) return;
  remove(all.about_to_start, bit(slot));
  begin(slot, all.starting, all.in_stop_of[slot], all.stopping);
}

void begin_destroy(Remembered& all, unsigned slot) {
  if (!has(all.about_to_destroy, slot)) return;
  remove(all.about_to_destroy, bit(slot));
  begin(slot, all.destroying, all.owned_by[slot], all.owning);
}

void hear_stop(Remembered& all, unsigned slot, const Said& said) {
  if (said.phase == Phase::kBegin) all.stopping |= bit(slot);
  if (said.phase == Phase::kEnd) end_for_all(slot, all.stopping, all.in_stop_of);
}

Breaks hear_start(Remembered& all, unsigned slot, const Said& said) {
  if (said.phase == Phase::kBegin) {
    all.about_to_start |= bit(slot);
    return 0;
  }
  begin_start(all, slot);
  const Places stops = end(slot, all.starting, all.in_stop_of[slot]);
  return said.value == 1 && stops != 0 ? kStartsInAStop : Breaks{0};
}

Breaks hear_destroy(Remembered& all, unsigned slot, const Said& said) {
  if (said.phase == Phase::kBegin) {
    all.about_to_destroy |= bit(slot);
    return 0;
  }
  begin_destroy(all, slot);
  const Places owners = end(slot, all.destroying, all.owned_by[slot]);
  return said.value == 1 && owners != 0 ? kDestroysTheOwned : Breaks{0};
}

Places permuted(Places places, const std::array<std::uint8_t, kPlaces>& order) {
  Places result = 0;
  for (unsigned slot = 0; slot < kPlaces; ++slot) {
    if (has(places, order[slot])) result |= bit(slot);
  }
  return result;
}

}  // namespace

Breaks hear(Remembered& all, unsigned slot, const Said& said, const Remember& what) {
  switch (said.kind) {
    case Kind::kStop:
      if (what.stops) hear_stop(all, slot, said);
      return 0;
    case Kind::kAutoStart:
      return what.stops ? hear_start(all, slot, said) : Breaks{0};
    case Kind::kDestroy:
      return what.owners ? hear_destroy(all, slot, said) : Breaks{0};
    case Kind::kOwns:
      if (!what.owners) return 0;
      end_for_all(slot, all.owning, all.owned_by);
      all.owning |= bit(slot);
      return 0;
    case Kind::kClaim:
    case Kind::kBusy:
    case Kind::kFailed:
    case Kind::kGivesUp:
    case Kind::kReleased:
      if (what.owners) end_for_all(slot, all.owning, all.owned_by);
      return 0;
    default:
      return 0;
  }
}

void goes_on(Remembered& all, unsigned slot) {
  begin_start(all, slot);
  begin_destroy(all, slot);
}

void forget(Remembered& all, Places gone) {
  remove(all.about_to_start, gone);
  remove(all.about_to_destroy, gone);
  for (unsigned slot = 0; slot < kPlaces; ++slot) {
    if (!has(gone, slot)) continue;
    end_for_all(slot, all.stopping, all.in_stop_of);
    end_for_all(slot, all.owning, all.owned_by);
    end(slot, all.starting, all.in_stop_of[slot]);
    end(slot, all.destroying, all.owned_by[slot]);
  }
}

void permute(Remembered& all, const std::array<std::uint8_t, kPlaces>& order) {
  const Remembered old = all;
  for (unsigned slot = 0; slot < kPlaces; ++slot) {
    all.in_stop_of[slot] = permuted(old.in_stop_of[order[slot]], order);
    all.owned_by[slot] = permuted(old.owned_by[order[slot]], order);
  }
  for (Places Remembered::*const places :
       {&Remembered::stopping, &Remembered::starting, &Remembered::owning, &Remembered::destroying,
        &Remembered::about_to_start, &Remembered::about_to_destroy}) {
    all.*places = permuted(old.*places, order);
  }
}

}  // namespace lockproof::sim
