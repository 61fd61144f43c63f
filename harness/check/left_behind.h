// SPDX-License-Identifier: Apache-2.0
// What lies in the directory before a run begins, as a scenario's `files` says it in a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "subject/builtin.h"

namespace lockproof {

struct LeftBehind {
  std::optional<std::string> content;  // nothing: there is no such file
  bool clock_read = false;             // who wrote it looked at a clock, or at a start time
};

// Who left the files, and has ended; no process of a run is given its pid.
inline constexpr int kFormerPid = 1251;

// What lies at the name `name`. `state`:
//   absent    no file
//   dead      what an owner leaves that was killed: the subject itself runs until it owns
//   recycled  the same; its pid is a stranger's now (which is the caller's to arrange)
//   self      the same, of an owner that had the pid `self`
//   torn      the first half of what a dead one leaves
//   empty     nothing in it
//   garbage   ten bytes that no program writes
//   'text'    that text
// Errors: kUsage, another word, or a subject that alone does not come to own.
Result<LeftBehind> left_behind(const Builtin& subject, std::string_view name,
                               std::string_view state, int self);

}  // namespace lockproof
