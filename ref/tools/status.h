// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "arguments.h"
#include "port/sys.h"
#include "solo/probe.h"

namespace solo::tool {

// `solo status`: prints the answer on stdout, changes nothing. Returns the exit code.
int status(port::Sys& sys, const StatusArguments& arguments);

// The answer as one line each. `lock_path` is for the hint how to find a holder that is not known.
std::string status_text(const std::string& name, const ProbeResult& result,
                        const std::string& lock_path);
std::string status_json(const std::string& name, const ProbeResult& result,
                        const std::string& lock_path);

// "2026-11-20T22:14:41Z".
std::string utc_time(std::uint64_t unix_ms);

}  // namespace solo::tool
