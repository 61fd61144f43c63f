// SPDX-License-Identifier: Apache-2.0
// What the verbs have in common: where the state is, and how failure is said.
#pragma once

#include <cstdio>
#include <string>

#include "exit_codes.h"
#include "port/sys.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo::tool {

inline std::string state_path(port::Sys& sys, const std::string& given) {
  return given.empty() ? default_state_dir(sys.geteuid()) : given;
}

// On stderr; the exit code.
inline int fail(const Error& error) {
  std::fprintf(stderr, "solo: %s\n", error.describe().c_str());
  return kFailed;
}

}  // namespace solo::tool
