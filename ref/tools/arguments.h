// SPDX-License-Identifier: Apache-2.0
// The command line of `solo`, read as a whole before anything is done.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "solo/name.h"
#include "solo/result.h"

namespace solo::tool {

struct RunArguments {
  Name name;
  std::string state_dir;  // empty: the default
  int busy_exit = 0;
  std::vector<std::string> command;  // at least one word
};

struct StatusArguments {
  Name name;
  std::string state_dir;
  bool json = false;
};

struct Help {};
struct Version {};

using Arguments = std::variant<RunArguments, StatusArguments, Help, Version>;

// `words` without the program's own name. Options stand anywhere before "--", as "--x V" or
// "--x=V". An error is one clear sentence.
Result<Arguments> parse_arguments(const std::vector<std::string_view>& words);

}  // namespace solo::tool
