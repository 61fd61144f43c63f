// SPDX-License-Identifier: Apache-2.0
// A trial: a lock of somebody else's is tried once, before a scenario is written for it. One
// process owns, and another one comes meanwhile.
//
// It says what the program does, and judges nothing: that two owned at once is an answer, too.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "subject/scenario.h"

namespace lockproof {

struct Trial {
  // What the second one did while the first one owned. kOwned: owned, too.
  enum class Second { kEnded, kSaidBusy, kWaited, kOwned };
  Second second = Second::kWaited;
  int status = 0;           // its exit status, of kEnded and kSaidBusy; -N: signal N ended it
  bool left_child = false;  // of a daemon that owns by itself: it left one more process behind
  // The command lines of the processes that live once both starts have ended, each once, with
  // {dir} for the run's directory and {here} for the scenario's: of a daemon that owns by itself.
  std::vector<std::string> living;
  // A file below the run's directory that holds the owner's pid as text: "{dir}/NAME"; "": none.
  std::string record;
};

// How long the trial waits. A program that starts slowly is none that waits for its turn, nor one
// that does not work.
struct Patience {
  int start_ms = 10'000;  // until the first one owns, and for an end that must come
  int turn_ms = 2'000;    // who has not ended by then waits for its turn
};

// Blocks for as long as that, in a cage (trace/cage.h): nothing of the trial survives it. `helper`
// is the program behind {critical}.
//
// Errors: kUsage, when it is no lock of its kind: what it did, what it printed, what was expected;
// kEnvironment where the host refuses a cage. REQUIRES: the subject is a command.
Result<Trial> try_once(const Scenario& scenario, const std::string& helper,
                       const Patience& patience = {});

}  // namespace lockproof
