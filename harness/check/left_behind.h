// SPDX-License-Identifier: Apache-2.0
// What lies in the directory before a run begins, as a scenario's `files` says it in a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "subject/builtin.h"

namespace lockproof {

// The content of the file `name`; nothing: there is none. `state`:
//   absent    no file
//   dead      what an owner leaves that was killed: the subject itself runs until it owns
//   torn      the first half of that
//   empty     nothing in it
//   garbage   ten bytes that no program writes
//   'text'    that text
// Errors: kUsage, another word, or a subject that alone does not come to own.
Result<std::optional<std::string>> left_behind(const Builtin& subject, std::string_view name,
                                               std::string_view state);

}  // namespace lockproof
