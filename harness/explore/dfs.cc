// SPDX-License-Identifier: Apache-2.0
#include "explore/dfs.h"

namespace lockproof {

Result<std::optional<std::size_t>> Dfs::resume(Execution&) {
  using Depth = std::optional<std::size_t>;
  if (!begun_) {
    begun_ = true;
    return Depth(0);
  }
  while (!frames_.empty() && frames_.back().next == frames_.back().choices.size()) {
    frames_.pop_back();
  }
  if (frames_.empty()) return Depth();
  return Depth(frames_.size() - 1);
}

std::optional<Choice> Dfs::choose(Execution& run, const Possible& possible) {
  if (frames_.size() == run.depth()) {
    Frame frame{possible.steps, 0};
    frame.choices.insert(frame.choices.end(), possible.faults.begin(), possible.faults.end());
    frames_.push_back(std::move(frame));
  }
  Frame& frame = frames_.back();
  if (frame.next == frame.choices.size()) return std::nullopt;
  return frame.choices[frame.next++];
}

}  // namespace lockproof
