// SPDX-License-Identifier: Apache-2.0
// All interleavings, depth first, without any reduction. What others are compared with.
#pragma once

#include "explore/strategy.h"

namespace lockproof {

class Dfs final : public Strategy {
 public:
  Result<std::optional<std::size_t>> resume(Execution& run) override;
  std::optional<Choice> choose(Execution& run, const Possible& possible) override;
  void took(Execution&) override {}

 private:
  struct Frame {
    std::vector<Choice> choices;
    std::size_t next = 0;
  };
  std::vector<Frame> frames_;  // by depth
  bool begun_ = false;
};

}  // namespace lockproof
