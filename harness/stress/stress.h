// SPDX-License-Identifier: Apache-2.0
// Stress: many real processes at full speed over one directory, killed, stopped and slowed down all
// the while, judged by the same invariants on the same kind of history as every other run.
//
// What it can show is a violation. What it cannot show is that there is none: `holds` here means
// that nothing was seen.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/verdict.h"
#include "subject/scenario.h"
#include "trace/cage.h"

namespace lockproof {

struct StressProgress {
  std::uint64_t owners = 0;
  std::uint64_t faults = 0;
  std::int64_t elapsed_ms = 0;
  std::int64_t left_ms = 0;
};

struct StressOptions {
  int processes = 32;
  std::int64_t duration_ms = 30'000;
  std::uint64_t seed = 1;
  std::vector<std::string> faults;  // names; {} for none
  std::uint32_t faults_per_second = 50;
  bool perturb = true;                // delays at system calls, built-in subjects only
  std::uint32_t hold_us_max = 2'000;  // an owner owns for up to that long
  // A pause of up to that long between attempts. kThinkByNumber: for each process 50 us, or 2 ms
  // where an attempt is a program to be started; so that all together try about as often as two
  // cores can carry, however many they are.
  static constexpr std::uint32_t kThinkByNumber = ~0u;
  std::uint32_t think_us_max = kThinkByNumber;
  std::string helper;                                   // path of the program behind {critical}
  std::function<void(const StressProgress&)> progress;  // called a few times a second
};

// Runs in the engine of a cage, and returns when all of the run's processes have ended: after the
// duration, at the first violation, or when the end was asked for. Never throws; what goes wrong is
// an inconclusive result with its reason.
RunResult run_stress(const Scenario& scenario, const StressOptions& options, const Cage& cage);

// The faults that stress knows, in the order of the documentation.
const std::vector<std::string>& stress_faults();

// Why this cannot be judged here ("setlock is not installed; it is in Debian's package
// daemontools"), "" when it can.
std::string missing_program(const Scenario& scenario);

}  // namespace lockproof
