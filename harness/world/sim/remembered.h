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
  bool stops = false;     // who stops, and which automatic starts began during it
  bool owners = false;    // who owns, and which destructive commands began meanwhile
  bool roles = false;     // what processes are
  bool starts = false;    // whether anything was started, whose start failed, and what ended it
  bool needless = false;  // who owns, and which automatic starts began meanwhile
  bool picks = false;     // who has owned, and had given up when somebody began to pick
  bool ready = false;     // who is in use

  bool anything() const { return stops || owners || roles || starts || needless || picks || ready; }
};

// By slot; places are slots.
struct Remembered {
  std::array<std::uint8_t, kPlaces> role;  // a Role
  // Of who starts one by itself: whose stop was under way when it began to, and has been since.
  std::array<Places, kPlaces> in_stop_of;
  // Of who runs a destructive command: who owned when it began to, and has since.
  std::array<Places, kPlaces> owned_by;
  // Of who starts one by itself: who owned when it began to, and has since.
  std::array<Places, kPlaces> beside;
  // Of who picks whom it signals: who had given up before.
  std::array<Places, kPlaces> former;
  Places stopping;
  Places starting;
  Places owning;
  Places destroying;
  // By its next call.
  Places about_to_start;
  Places about_to_destroy;
  Places in_attempt;   // its parent has forked it in the attempt that it is in
  Places left_behind;  // and that has failed
  Places in_use;       // is ready, and has not begun to give up
  Places may_own;      // has said so, and not that it has given up
  Places past;         // has said both
  // Of the whole run:
  std::uint8_t started;     // an instance or a launcher
  std::uint8_t on_purpose;  // something was stopped, failed, gave up, or got a signal
  std::array<std::uint8_t, 3> zero;

  bool operator==(const Remembered&) const = default;
  bool empty() const { return *this == Remembered{}; }
};
static_assert(std::is_trivially_copyable_v<Remembered> && sizeof(Remembered) == 56);

// The process in `slot` says `said`. Gives what it breaks by that. What begins with its next call
// (begins_with_a_call()) begins with goes_on().
Breaks hear(Remembered& all, unsigned slot, const Said& said, const Remember& what);
// It makes its call; its first one if it has not begun.
void goes_on(Remembered& all, unsigned slot, bool first, const Remember& what);
// It is born as a child, of one who claims or not, and says what it is.
void is_born(Remembered& all, unsigned slot, Role role, bool in_attempt, const Remember& what);
// The attempt in which `children` were forked goes on by a word, or has failed.
void hear_parent(Remembered& all, Places children, Kind kind);
// It sends a signal to `target`. Gives what it breaks by that.
Breaks sends(Remembered& all, unsigned slot, unsigned target, const Remember& what);
// Of these nothing is left: they have ended.
void forget(Remembered& all, Places gone);
// The process in slot order[i] goes to slot i.
void permute(Remembered& all, const std::array<std::uint8_t, kPlaces>& order);

}  // namespace lockproof::sim
