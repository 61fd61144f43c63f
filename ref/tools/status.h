// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "arguments.h"
#include "holders.h"
#include "port/sys.h"
#include "solo/probe.h"

namespace solo::tool {

// `solo status`: prints the answer on stdout, changes nothing. Returns the exit code.
int status(port::Sys& sys, const StatusArguments& arguments);

// What is said about it: who holds a lock that is not in a record, and whether the lock file was
// replaced under somebody, who then believes to own.
struct Status {
  std::string name;
  ProbeResult result;
  std::string lock_path;  // for the hint how to find a holder that is not known
  Holders holders;
};

// The answer as one line each.
std::string status_text(const Status& status);
std::string status_json(const Status& status);
int status_code(const Status& status);

// "2026-11-20T22:14:41Z".
std::string utc_time(std::uint64_t unix_ms);

}  // namespace solo::tool
