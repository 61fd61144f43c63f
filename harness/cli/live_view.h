// SPDX-License-Identifier: Apache-2.0
// The line that a long exploration shows while it runs.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "check/judge.h"
#include "cli/outlook.h"

namespace lockproof {

class LiveView {
 public:
  explicit LiveView(std::string scenario) : scenario_(std::move(scenario)) {}

  // "genie/serve_pid: 51 989 states, 514 000/s, depth 48, growing, 8 MiB". To be called at each
  // look; one that has fewer states than the look before is a new search. What is not on a line of
  // 80 columns is no loss.
  std::string line(const SearchProgress& progress);
  std::string line(const RunsProgress& progress) const;
  // "wrapper/flock: learning, 362 nodes"
  std::string line(const LearningProgress& progress) const;

 private:
  struct Look {
    double seconds;
    std::uint64_t expanded;
  };

  double speed(const SearchProgress& progress);

  std::string scenario_;
  std::vector<Level> levels_;
  std::deque<Look> looks_{{0, 0}};  // of the last seconds
  std::uint64_t states_ = 0;
};

}  // namespace lockproof
