// SPDX-License-Identifier: Apache-2.0
// An invariant: a claim about histories. It names itself as a sentence, and names the events that
// break it.
//
// Contract, from the implementer's side:
//  1. see() gets every event of one run once, in order; end() comes once, after the last.
//  2. The findings depend on the history alone: no clock, no files, no global state.
//  3. Memory is bounded by the processes alive at once, not by the length of the run (a stress run
//  has no end in sight).
//  4. No false alarm. In real worlds an act lies somewhere between its begin and end events, and a
//  process that dies is
//     dead somewhere between its last sign of life and its `ended`. A finding is reported only when
//     every order of events that fits the history breaks the claim.
//  5. At most kFindings findings a run are kept; the first matters.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "core/verdict.h"

namespace lockproof {

// A time that never comes, in ms: where time is what sleeps and time-outs make of it, only for ever
// is too long.
inline constexpr std::int64_t kForEverMs = std::int64_t{1} << 60;

// What a scenario may set for its invariants.
struct Bounds {
  std::int64_t recover_ms =
      5000;  // recovers: after a crash, a later contender gets in within this time
  std::int64_t wait_attempts =
      20;  // no_lock_leak, recovers: that many attempts must have failed before it counts
  std::int64_t parent_ms =
      15000;  // parent_death_noticed: a dependant ends within this time after its parent

  bool operator==(const Bounds&) const = default;
};

class Invariant {
 public:
  static constexpr std::size_t kFindings = 16;

  virtual ~Invariant() = default;
  virtual void see(const Event& event) = 0;
  virtual void end() {}

  const std::vector<Finding>& findings() const { return findings_; }

 protected:
  // `events` in order; completes the finding with the invariant's own name and sentence.
  void report(std::string why, std::vector<Event> events);

 private:
  friend struct InvariantInfo;
  const struct InvariantInfo* info_ = nullptr;
  std::vector<Finding> findings_;
};

struct InvariantInfo {
  std::string_view name;
  std::string_view sentence;
  FindingClass finding_class;
  bool
      needs_beginning;  // it judges by what did not happen: a history cut at its front says nothing
  std::unique_ptr<Invariant> (*make)(const Bounds& bounds);

  std::unique_ptr<Invariant> create(const Bounds& bounds) const;
};

// All of them, safety first, in the order of the documentation.
const std::vector<InvariantInfo>& all_invariants();
const InvariantInfo* find_invariant(std::string_view name);

// The findings of the named invariants in a complete history; in an excerpt, those that need its
// beginning say nothing. REQUIRES: every name is known.
std::vector<Finding> check(const History& history, const std::vector<std::string>& names,
                           const Bounds& bounds = {});

}  // namespace lockproof
