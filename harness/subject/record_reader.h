// SPDX-License-Identifier: Apache-2.0
// How a command's record names its owner: `read` of the table `record` (docs/SCENARIO.md).
#pragma once

#include <string>
#include <string_view>

#include "core/event.h"
#include "core/result.h"

namespace lockproof {

inline constexpr std::string_view kReadText = "text";

// text           as read_pid_text() has it
// json:.a.b      a JSON document; the pid is its member b of a, a number or a text of digits
// regex:PATTERN  the pid is what the pattern's first group matched, or all of it (core/pattern.h)
// Content that names nobody so is seen::kEmpty or seen::kTorn. Error: kUsage, what is wrong with
// `how`, as a sentence that goes on from the key's name.
Result<ReadPid> record_reader(std::string_view how);

}  // namespace lockproof
