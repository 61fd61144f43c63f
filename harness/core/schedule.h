// SPDX-License-Identifier: Apache-2.0
// A schedule: the choices that make a run, as a short string that can be pasted into a chat.
//
//   memtomem/unlink_at_exit@v1:AABACAB.1C~5e21c0d4
//   scenario ------------- version  choices  check
//
// A choice is an actor and one of its alternatives: A to Z are processes, by place; a to k the
// faults, in the order of all_faults() (a kill, b term, c stop, ...), z the clock; `.N` picks
// alternative N of what that actor could do (0 is not written). The check is a 32-bit FNV-1a over
// all that stands before the `~`: a string that was cut or mistyped is refused and can never replay
// a different run. Only letters, digits and `_/@.:~-` occur, so no shell needs quotes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace lockproof {

struct Choice {
  std::uint8_t actor = 0;  // 0..25: processes A..Z; 26..51: faults and the clock, a..z
  std::uint16_t alternative = 0;

  bool operator==(const Choice&) const = default;
};

struct Schedule {
  std::string scenario;  // "family/file"
  int version = 1;       // of the rules that give choices their meaning
  std::vector<Choice> choices;

  bool operator==(const Schedule&) const = default;
};

inline constexpr std::size_t kScheduleBytes = 64 * 1024;  // longer strings are refused unread

// REQUIRES: scenario holds only letters, digits and `_/-.`, every actor is below 52.
std::string encode(const Schedule& schedule);

// Exactly the strings that encode() gives; anything else is a usage error that says where it went
// wrong.
Result<Schedule> decode(std::string_view text);

}  // namespace lockproof
