// SPDX-License-Identifier: Apache-2.0
// How far a program is learned, and who watches.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "core/clock.h"

namespace lockproof {

struct LearningProgress {
  std::size_t nodes = 0;
  double seconds = 0;  // of learning, all in all
};

struct LearningLimits {
  enum class By { kCopies, kStarts };  // kStarts: each answer by a process from the beginning

  std::size_t nodes = 20'000;
  double seconds = 5;  // of learning, all in all
  std::optional<Clock::time_point> deadline{};
  std::size_t standing = 500;  // processes that are kept
  unsigned generations = 100;
  By by = By::kCopies;
  bool merges = true;  // places that are alike are one
  // About ten times a second while something is learned; false ends that.
  std::function<bool(const LearningProgress&)> watch{};
};

}  // namespace lockproof
