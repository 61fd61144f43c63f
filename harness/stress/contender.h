// SPDX-License-Identifier: Apache-2.0
// A contender: the process that lives a built-in subject's attempts, again and again, until it is
// told to end or is killed.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "stress/witness.h"
#include "subject/builtin.h"

namespace lockproof {

// What the engine asks of a contender, as signals: they arrive without any help of the contender's
// code.
namespace ask {
inline constexpr int kTerm = SIGTERM;      // give up and exit
inline constexpr int kFork = SIGUSR1;      // when it owns: fork a child that lives on
inline constexpr int kForkExec = SIGUSR2;  // the same, and the child executes another program
int slow_term();                           // give up and exit, but drain for kDrainMs first
inline constexpr int kDrainMs = 200;
}  // namespace ask

struct ContenderPlan {
  const Builtin* subject = nullptr;
  std::vector<std::string> verbs;  // of the cast, done in turn, over and over
  std::string dir;
  std::string helper;  // the program that a kForkExec child becomes
  Life life = kHarness;
  std::uint64_t seed = 0;
  bool perturb = true;
  std::uint32_t think_us_max = 0;  // pause between attempts, drawn each time
};

// Never returns. To be called in a freshly forked child. Ends with _exit: 0, or 70 when the plan
// cannot be carried out.
[[noreturn]] void live_as_contender(const ContenderPlan& plan, Witness witness);

}  // namespace lockproof
