// SPDX-License-Identifier: Apache-2.0
// Events and processes in words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/verdict.h"

namespace lockproof {

// The processes of one finding, each with a letter: the columns of its table.
class Cast {
 public:
  // Those that the finding's events name, in the order in which they act. Pids come from the
  // `start` events of the finding and of `history`.
  Cast(const Finding& finding, const History& history);

  // Those that take a step of the run or are named by the finding, in the order of their birth: A
  // is the process that the schedule calls A.
  static Cast of_run(const Finding& finding, const History& history,
                     const std::vector<RunStep>& run);

  const std::vector<Life>& lives() const { return lives_; }
  bool has(Life life) const;
  // The column an event belongs to: what the harness does to a process stands with the process.
  Life column(const Event& event) const;

  std::string title(Life life) const;                // "A pid 41 life 3"
  std::string in_words(Life life) const;             // "A", "pid 41", "life 3"
  std::string pid_in_words(std::int64_t pid) const;  // "pid 41 (A)"

 private:
  Cast() = default;

  std::string letter(Life life) const;  // "" for a life without a column

  bool by_birth_ = false;
  std::vector<Life> lives_;
  std::map<Life, std::int64_t> pids_;
};

// "the time budget of 5 s was reached (LP0601)", by which `lockproof explain` knows more.
std::string with_code(const Reason& reason);

// What a look saw, at its end: "pid 41 (A)", "empty", "held".
std::string seen_in_words(const Event& event, const Cast& cast);

// What happened, as the column's process would say it, without its phase: "reads record: pid 41".
std::string act_in_words(const Event& event, const Cast& cast);
// The same with the phase: "claims ..." begins, "... claims" ends.
std::string in_words(const Event& event, const Cast& cast);

}  // namespace lockproof
