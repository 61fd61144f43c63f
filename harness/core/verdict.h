// SPDX-License-Identifier: Apache-2.0
// What a run may say at the end, and the data that every report is made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event.h"
#include "core/history.h"
#include "core/result.h"

namespace lockproof {

// Only kHolds is success. A bound that was reached, an interruption, a run in which nothing
// happened: kInconclusive.
enum class Verdict { kHolds, kViolated, kInconclusive, kSkipped };

// Three classes of findings, never mixed.
enum class FindingClass { kSafety, kLiveness, kDesign };

std::string_view name(Verdict verdict);
std::string_view name(FindingClass finding_class);

// One broken promise.
struct Finding {
  std::string invariant;  // its name
  std::string sentence;   // the promise
  FindingClass finding_class = FindingClass::kSafety;
  std::string why;  // what happened instead, one sentence
  std::vector<Event>
      events;              // the events that break it, in order, the last one completing the breach
  std::uint64_t line = 0;  // of RunResult::file: where the promise is asked for; 0: not known
};

// A figure of the run, in the order in which people want to read them ("owners", 18231).
using Count = std::pair<std::string, std::uint64_t>;

// What real processes made of a run that was found in the simulated kernel.
struct OnLinux {
  std::optional<bool> confirmed;  // each call and answer was the same; nothing: it was not made
  std::string difference;         // where not confirmed: the first one, or why it was not made
  bool operator==(const OnLinux&) const = default;
};

struct MutantResult {
  std::string name;
  bool caught = false;
  std::string invariant;    // by which it was caught, or must be
  std::uint64_t steps = 0;  // of the shortest run that shows it; 0: not known
  OnLinux on_linux{};       // that run
};

// One step of a run that was made choice by choice.
struct RunStep {
  Life life = kHarness;    // who took it, or to whom it was done; kHarness: the clock, a reboot
  std::uint64_t last = 0;  // the `seq` of the last event until its end
  // The last step before of another process with which its order counts: in the other order one of
  // them would find something else. 0: none, or not known.
  std::uint64_t after = 0;
};

// Everything about one scenario judged in one way.
struct RunResult {
  std::string scenario;
  std::string file;  // the scenario's, as a person would open it; "": there is none
  std::string subject;
  std::string world;     // stress, sim, live
  std::string strategy;  // stress: "random faults at full speed"
  Verdict verdict = Verdict::kInconclusive;
  Reason reason;       // why not `holds`, one sentence; empty when it holds
  std::string bounds;  // what was tried, in words: "32 processes, 30s, kill,term,stop"
  // Holds: what of all runs within the bounds was seen, in words; "": nothing was exhausted.
  std::string exhausted;
  std::vector<std::string> invariants;
  std::vector<Finding> findings;  // the first of each invariant
  std::vector<Count> counts;
  std::vector<std::string> notes;  // what was left out or looked strange
  std::string replay;              // one line that does it again
  std::uint64_t steps = 0;         // of the run that is shown, where it was made in steps
  bool shortest = false;           // no run with fewer steps breaks a promise
  OnLinux on_linux;                // the run that is shown
  // The last so many steps come back to where they began, and can go on for ever; 0: they do not.
  std::uint64_t round = 0;
  // The step, counted from 1, that makes the critical pair with the next one: in the other order
  // the promise is kept. 0: there is none, or it is not known.
  std::uint64_t pair = 0;
  std::vector<std::string> swapped;  // its two calls in the other order, with their answers
  std::string known;  // violated: why that is expected for now (a baseline says so); "": it is new
  double seconds = 0;
  std::uint64_t seed = 0;
  std::string version;  // of Lockproof; "": not said
  std::vector<MutantResult> mutants;
  History history;           // violated: the excerpt around the first finding; else empty
  std::vector<RunStep> run;  // the steps of the history; empty: it was not made in steps
};

std::uint64_t count_of(const RunResult& result, std::string_view name);

// Of several scenarios the worst: violated, then inconclusive, then holds; skipped only if all
// were.
Verdict worst(const std::vector<RunResult>& results);

// The exit codes of every command.
enum ExitCode {
  kExitHolds = 0,
  kExitViolated = 1,
  kExitUsage = 2,
  kExitInconclusive = 3,
  kExitInternal = 4,
  kExitSkipped = 77
};
ExitCode exit_code(Verdict verdict);

}  // namespace lockproof
