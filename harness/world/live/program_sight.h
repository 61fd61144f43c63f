// SPDX-License-Identifier: Apache-2.0
// What becomes of a call of a program of somebody else (docs/LIVE.md).
#pragma once

#include <string>
#include <utility>

#include "live/live_world.h"

namespace lockproof::live {

struct LiveWorld::Sight {
  enum class What {
    kPasses,    // the kernel makes it, and nobody else can notice
    kAnswered,  // the world does, likewise
    kStep,      // the process stands before it: process.call says what it is
    kUnknown    // what others could notice of it is not known
  } what = What::kPasses;
  std::int64_t result = 0;  // kAnswered
  std::string why;          // kUnknown: "makes the call ..."

  static Sight passes() { return {}; }
  static Sight answered(std::int64_t result) { return {What::kAnswered, result, {}}; }
  static Sight step() { return {What::kStep, 0, {}}; }
  static Sight unknown(std::string why) { return {What::kUnknown, 0, std::move(why)}; }
};

inline constexpr std::size_t kMostTextBytes = 1000;

}  // namespace lockproof::live
