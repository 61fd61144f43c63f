// SPDX-License-Identifier: Apache-2.0
// BothWorlds: one run of a stage in the simulated kernel and with real processes, in step
// (world/side_by_side.h), with a look at the files of the subject after each step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "check/stage.h"
#include "core/result.h"
#include "live/live_world.h"
#include "sim/sim_world.h"
#include "world/side_by_side.h"

namespace lockproof {

struct Comparison {
  enum class Outcome {
    kSame,
    kDiffers,  // the kernels, or what the program did
    kNotMade   // what the live world, or this host, cannot do
  } outcome = Outcome::kSame;
  std::string why;  // one sentence, which names the step; "": kSame
};

inline ErrorCode code_of(Comparison::Outcome outcome) {
  switch (outcome) {
    case Comparison::Outcome::kSame:
      return ErrorCode::kNone;
    case Comparison::Outcome::kDiffers:
      return ErrorCode::kModelDiffers;
    case Comparison::Outcome::kNotMade:
      break;
  }
  return ErrorCode::kNotOnLinux;
}

class BothWorlds {
 public:
  // `stage` outlives this.
  explicit BothWorlds(Stage& stage);
  // With another simulated kernel, which outlives this. REQUIRES: simulated() is not asked for.
  BothWorlds(Stage& stage, World& kernel);

  // To where the setup is done. Errors: as Moves, and kEnvironment: the simulated kernel refuses.
  Result<> begin();
  // `looks`: at the files, afterwards. REQUIRES: begin(), and the worlds are not apart. Errors:
  // kUsage, it is not possible in the simulated kernel; kEnvironment, that refuses.
  Result<> take(Choice choice, bool looks = true);

  Moves& moves() { return moves_; }
  // The simulated one of the two: it can go back.
  sim::SimWorld& simulated() { return sim_; }
  std::uint64_t steps() const { return steps_; }  // since the setup
  // A SIGTERM to a program that blocks it: real processes die of it later.
  bool is_held_back(Choice choice) const;
  bool is_apart() const { return world_.apart().has_value(); }
  Comparison comparison() const;

 private:
  Result<> apply(Choice choice, bool looks);

  sim::SimWorld sim_;
  live::LiveWorld live_{live::LiveWorld::Programs::kKept};
  SideBySide world_;
  Stage& stage_;
  Moves moves_;
  std::uint64_t steps_ = 0;
};

}  // namespace lockproof
