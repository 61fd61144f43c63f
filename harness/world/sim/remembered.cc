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

void begin_start(Remembered& all, unsigned slot, const Remember& what) {
  if (!has(all.about_to_start, slot)) return;
  remove(all.about_to_start, bit(slot));
  if (what.needless && !has(all.starting, slot)) {
    all.beside[slot] = all.owning;
    remove(all.beside[slot], bit(slot));
  }
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

Breaks hear_start(Remembered& all, unsigned slot, const Said& said, const Remember& what) {
  if (said.phase == Phase::kBegin) {
    all.about_to_start |= bit(slot);
    return 0;
  }
  begin_start(all, slot, what);
  const Places owners = std::exchange(all.beside[slot], Places{0});
  const Places stops = end(slot, all.starting, all.in_stop_of[slot]);
  if (said.value != 1) return 0;
  return static_cast<Breaks>((stops != 0 ? kStartsInAStop : 0) |
                             (owners != 0 ? kStartsNeedlessly : 0));
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

void end_owning(Remembered& all, unsigned slot) {
  end_for_all(slot, all.owning, all.owned_by);
  for (Places& places : all.beside) remove(places, bit(slot));
}

// What picks have to know of an attempt.
void hear_attempt(Remembered& all, unsigned slot, Kind kind) {
  if (kind == Kind::kOwns) {
    all.may_own |= bit(slot);
    remove(all.past, bit(slot));
    for (Places& places : all.former) remove(places, bit(slot));
  } else if (kind != Kind::kGivesUp && has(all.may_own, slot)) {
    remove(all.may_own, bit(slot));
    all.past |= bit(slot);
  }
}

bool is(const Remembered& all, unsigned slot, Role role) {
  return all.role[slot] == static_cast<std::uint8_t>(role);
}

void note_start(Remembered& all, unsigned slot) {
  if (is(all, slot, Role::kInstance) || is(all, slot, Role::kLauncher)) all.started = 1;
}

// Why no instance may be left in the end.
bool ends_on_purpose(const Said& said) {
  return said.kind == Kind::kGivesUp || said.kind == Kind::kFailed || said.kind == Kind::kStop ||
         (said.kind == Kind::kDestroy && said.phase == Phase::kEnd);
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
  if (what.starts && ends_on_purpose(said)) all.on_purpose = 1;
  if (what.picks && is_of_an_attempt(said.kind)) hear_attempt(all, slot, said.kind);
  if (is_of_an_attempt(said.kind)) remove(all.in_use, bit(slot));
  const bool owners = what.owners || what.needless;
  switch (said.kind) {
    case Kind::kStop:
      if (what.stops || what.starts) hear_stop(all, slot, said);
      return 0;
    case Kind::kAutoStart:
      return what.stops || what.starts || what.needless ? hear_start(all, slot, said, what)
                                                        : Breaks{0};
    case Kind::kDestroy:
      return what.owners || what.starts ? hear_destroy(all, slot, said) : Breaks{0};
    case Kind::kOwns:
      if (!owners) return 0;
      end_owning(all, slot);
      all.owning |= bit(slot);
      return 0;
    case Kind::kReady:
      if (what.ready) all.in_use |= bit(slot);
      return 0;
    case Kind::kPick:
      if (what.picks) all.former[slot] = all.past;
      return 0;
    case Kind::kClaim:
    case Kind::kBusy:
    case Kind::kFailed:
    case Kind::kGivesUp:
    case Kind::kReleased:
      if (owners) end_owning(all, slot);
      return 0;
    default:
      return 0;
  }
}

void goes_on(Remembered& all, unsigned slot, bool first, const Remember& what) {
  if (first && what.starts) note_start(all, slot);
  begin_start(all, slot, what);
  if (has(all.about_to_destroy, slot) && what.starts) all.on_purpose = 1;
  begin_destroy(all, slot);
}

void is_born(Remembered& all, unsigned slot, Role role, bool in_attempt, const Remember& what) {
  if (what.roles) all.role[slot] = static_cast<std::uint8_t>(role);
  if (!what.starts) return;
  note_start(all, slot);
  if (in_attempt) all.in_attempt |= bit(slot);
}

void hear_parent(Remembered& all, Places children, Kind kind) {
  for (unsigned child = 0; child < kPlaces; ++child) {
    const bool its_own = has(children & all.in_attempt, child);
    if (kind == Kind::kFailed && its_own && is(all, child, Role::kInstance)) {
      all.left_behind |= bit(child);
    }
  }
  remove(all.in_attempt, children);
}

Breaks sends(Remembered& all, unsigned slot, unsigned target, const Remember& what) {
  if (what.starts) all.on_purpose = 1;
  const bool asked = is(all, slot, Role::kStopper) || is(all, slot, Role::kRemover);
  if (slot == target) return 0;
  Breaks breaks = has(all.former[slot], target) ? kSignalsTheFormer : Breaks{0};
  if (!asked && is(all, target, Role::kUserInstance)) breaks |= kSignalsUnasked;
  if (!asked && has(all.in_use, target)) breaks |= kSignalsTheReady;
  return breaks;
}

void forget(Remembered& all, Places gone) {
  remove(all.about_to_start, gone);
  remove(all.about_to_destroy, gone);
  remove(all.in_attempt, gone);
  remove(all.left_behind, gone);
  remove(all.in_use, gone);
  remove(all.may_own, gone);
  remove(all.past, gone);
  for (Places& places : all.former) remove(places, gone);
  for (unsigned slot = 0; slot < kPlaces; ++slot) {
    if (!has(gone, slot)) continue;
    all.role[slot] = 0;
    end_for_all(slot, all.stopping, all.in_stop_of);
    end_owning(all, slot);
    all.former[slot] = all.beside[slot] = 0;
    end(slot, all.starting, all.in_stop_of[slot]);
    end(slot, all.destroying, all.owned_by[slot]);
  }
}

void permute(Remembered& all, const std::array<std::uint8_t, kPlaces>& order) {
  const Remembered old = all;
  for (unsigned slot = 0; slot < kPlaces; ++slot) {
    all.role[slot] = old.role[order[slot]];
    all.in_stop_of[slot] = permuted(old.in_stop_of[order[slot]], order);
    all.owned_by[slot] = permuted(old.owned_by[order[slot]], order);
    all.beside[slot] = permuted(old.beside[order[slot]], order);
    all.former[slot] = permuted(old.former[order[slot]], order);
  }
  for (Places Remembered::*const places :
       {&Remembered::stopping, &Remembered::starting, &Remembered::owning, &Remembered::destroying,
        &Remembered::about_to_start, &Remembered::about_to_destroy, &Remembered::in_attempt,
        &Remembered::left_behind, &Remembered::in_use, &Remembered::may_own, &Remembered::past}) {
    all.*places = permuted(old.*places, order);
  }
}

}  // namespace lockproof::sim
