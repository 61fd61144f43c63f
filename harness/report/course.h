// SPDX-License-Identifier: Apache-2.0
// The course of a run: its rows, and what is so after each: who owns, who holds a lock, what the
// record says. The timeline, the trace, SARIF and `explain` are made from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/verdict.h"
#include "report/rows.h"

namespace lockproof {

struct Moment {
  Row row;
  std::vector<Event> events;  // those that the row stands for
  bool fault = false;         // the harness did something to somebody
  // After it:
  std::vector<Life> owners;   // told that they own, and neither dead nor about to give up
  std::vector<Life> holders;  // got a lock by a call of theirs, and have not let go: see below
  std::string record;         // what outsiders read in the record, in words; "": not looked at yet
};

// What is so after each of the rows of a run. Whoever has a lock is told as course_of() says.
std::vector<Moment> moments_of(std::vector<Row> rows, const History& history, const Cast& cast);

struct Course {
  bool steps = false;  // the rows are steps of a schedule; else they are events
  Cast cast;           // who has a lane; what others do belongs to none
  std::vector<Moment> moments;
};

// Of the first finding; of a result without one, of its history alone. A holder is told by the
// texts of calls: a lock that somebody inherited, or has by other means (a name, a port), is not
// seen. Nothing is known of it where calls are not recorded (stress).
Course course_of(const RunResult& result);

}  // namespace lockproof
