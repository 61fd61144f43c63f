// SPDX-License-Identifier: Apache-2.0
// Remembered: what processes have said that a promise about two of them depends on, and that is
// not in where they are in their programs: whose act began within whose.
//
// It belongs to a situation as the kernel does, so it is learned once, and no state is larger for
// it. Only what the invariants of a search ask for is remembered: nothing tells two states apart
// that nobody asks about.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "program/program.h"
#include "world/space.h"

namespace lockproof::sim {

// What is remembered.
struct Remember {
  bool stops = false;   // who stops, and which automatic starts began during it
  bool owners = false;  // who owns, and which destructive commands began meanwhile
};

// By slot; places are slots.
struct Remembered {
  // Of who starts one by itself: whose stop was under way when it began to, and has been since.
  std::array<Places, kPlaces> in_stop_of;
  // Of who runs a destructive command: who owned when it began to, and has since.
  std::array<Places, kPlaces> owned_by;
  Places stopping;
  Places starting;
  Places owning;
  Places destroying;
  // By its next call.
  Places about_to_start;
  Places about_to_destroy;
  std::array<std::uint8_t, 2> zero;

  bool operator==(const Remembered&) const = default;
  bool empty() const { return *this == Remembered{}; }
};
static_assert(std::is_trivially_copyable_v<Remembered> && sizeof(Remembered) == 24);

// The process in `slot` says `said`. Gives what it breaks by that. What begins with its next call
// (begins_with_a_call()) begins with goes_on().
Breaks hear(Remembered& all, unsigned slot, const Said& said, const Remember& what);
// It makes its call.
void goes_on(Remembered& all, unsigned slot);
// Of these nothing is left: they have ended.
void forget(Remembered& all, Places gone);
// The process in slot order[i] goes to slot i.
void permute(Remembered& all, const std::array<std::uint8_t, kPlaces>& order);

}  // namespace lockproof::sim
