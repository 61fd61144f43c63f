// SPDX-License-Identifier: Apache-2.0
// A baseline: failures that are known and, until a day, allowed. What is not among them is new;
// what is among them and does not happen any more is stale, and an error, so that the list only
// shrinks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/verdict.h"

namespace lockproof {

class Baseline {
 public:
  // `today`: "2026-01-31". Errors: kUsage, the file, the line and what was expected.
  static Result<Baseline> read(const std::filesystem::path& file, const std::string& today);

  // Says in `result.known` why it is violated, if that is known: each promise that broke, by this
  // schedule. An entry whose day is over is a note, and the failure counts as new.
  void judge(RunResult& result);
  // One sentence each, "FILE:LINE: ...": entries whose scenario was judged and did not fail so.
  std::vector<std::string> stale() const;

 private:
  struct Entry {
    std::uint32_t line = 0;
    std::string scenario, invariant, schedule, reason, expires;
    bool judged = false;
    bool matched = false;
  };
  std::string where_;
  std::string today_;
  std::vector<Entry> entries_;
};

// The day that it is, in UTC.
std::string today();

}  // namespace lockproof
