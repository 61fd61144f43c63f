// SPDX-License-Identifier: Apache-2.0
// Results as runs really leave them, for the tests of this folder.
#pragma once

#include <csignal>

#include "core/verdict.h"

namespace lockproof::samples {

inline RunResult stress_result(const std::string& scenario) {
  RunResult result;
  result.scenario = scenario;
  result.subject = "naive_pidfile";
  result.world = "stress";
  result.strategy = "random faults at full speed";
  result.bounds = "8 processes, 15s, kill,term,stop";
  result.invariants = {"one_owner", "record_names_owner", "only_the_owner_clears"};
  result.seed = 42;
  return result;
}

inline RunResult holds() {
  RunResult result = stress_result("control/solo");
  result.subject = "solo";
  result.verdict = Verdict::kHolds;
  result.bounds = "32 processes, 15s, kill,term,stop";
  result.invariants = {"one_owner",    "record_names_owner", "losers_touch_nothing",
                       "no_lock_leak", "one_survivor",       "only_the_owner_clears",
                       "clean_exit",   "recovers",           "no_unlocked_owner"};
  result.counts = {{"owners", 18'231}, {"kills", 812}, {"terms", 790}, {"stops", 401}};
  result.replay = "lockproof stress control/solo --seed 42 --processes 32 --duration 15s";
  result.seconds = 15.0;
  return result;
}

// Two owners: B removes the record that A has just written.
inline RunResult violated() {
  RunResult result = stress_result("memtomem/unlink_at_exit");
  result.verdict = Verdict::kViolated;
  result.reason = {ErrorCode::kNone, "at no time two owners: broken"};
  result.counts = {{"owners", 311}, {"kills", 1}, {"terms", 12}};
  result.replay = "lockproof stress memtomem/unlink_at_exit --seed 42 --processes 8 --duration 15s";
  result.seconds = 0.83;
  using enum Kind;
  using enum Phase;
  const auto record = Object::kRecord;
  const auto write = static_cast<std::int64_t>(Change::kWrite);
  const auto unlink = static_cast<std::int64_t>(Change::kUnlink);
  result.history = {"memtomem/unlink_at_exit",
                    "naive_pidfile",
                    "stress",
                    true,
                    {
                        {1201, 17, kStart, kPoint, Object::kNone, 0, 41'321, "contender"},
                        {1202, 18, kStart, kPoint, Object::kNone, 0, 41'322, "contender"},
                        {1203, 19, kStart, kPoint, Object::kNone, 0, 41'323, "contender"},
                        {1204, 17, kClaim, kBegin, Object::kNone, 0, 0, ""},
                        {1205, 17, kOwns, kPoint, Object::kNone, 0, 0, ""},
                        {1206, 17, kChange, kBegin, record, 0, write, ""},
                        {1207, 17, kChange, kEnd, record, 0, write, ""},
                        {1208, 18, kClaim, kBegin, Object::kNone, 0, 0, ""},
                        {1209, 19, kClaim, kBegin, Object::kNone, 0, 0, ""},
                        {1210, kHarness, kFault, kPoint, Object::kNone, 17, SIGSTOP, "stall"},
                        {1211, 18, kLook, kBegin, record, 0, 0, ""},
                        {1212, 18, kLook, kEnd, record, 0, 41'321, ""},
                        {1213, 18, kLook, kBegin, record, 0, 0, ""},
                        {1214, 18, kLook, kEnd, record, 0, 41'321, ""},
                        {1215, 18, kChange, kBegin, record, 0, unlink, ""},
                        {1216, 19, kBusy, kPoint, Object::kNone, 0, 0, ""},
                        {1217, 18, kChange, kEnd, record, 0, unlink, ""},
                        {1218, kHarness, kFault, kPoint, Object::kNone, 17, SIGCONT, "stall"},
                        {1219, 18, kOwns, kPoint, Object::kNone, 0, 0, ""},
                        {1220, 17, kGivesUp, kBegin, Object::kNone, 0, 0, ""},
                    }};
  result.findings = {
      {"one_owner",
       "at no time two owners",
       FindingClass::kSafety,
       "life 18 was told that it owns while life 17 owned and had not begun to give up",
       {result.history.events[4], result.history.events[18]}},
      {"only_the_owner_clears",
       "nobody removes what is another's",
       FindingClass::kSafety,
       "life 18 removed the record of life 17",
       {result.history.events[14]}}};
  return result;
}

// What a search says that has seen all.
inline RunResult searched() {
  RunResult result;
  result.scenario = "control/flock";
  result.subject = "control/flock";
  result.world = "sim";
  result.strategy = "search";
  result.verdict = Verdict::kHolds;
  result.bounds = "3 processes and a late one, 1 kill, time-outs at any time";
  result.exhausted = "every run, with any number of retries";
  result.invariants = {"one_owner", "recovers"};
  result.counts = {{"states", 1'234}, {"transitions", 5'678}};
  result.mutants = {{"no_lock", true, "one_owner", 2, {true, ""}}};
  result.version = "0.1.0";
  result.seconds = 0.018;
  return result;
}

// Two owners, step by step: B looks before A has made the file.
inline RunResult stepped() {
  RunResult result = searched();
  result.scenario = "wild/looks_first";
  result.subject = "wild/looks_first";
  result.verdict = Verdict::kViolated;
  result.exhausted = "";
  result.mutants.clear();
  result.replay = "lockproof replay wild/looks_first@v1:ACAC~5e21c0d4";
  result.steps = 4;
  result.shortest = true;
  result.on_linux = {false, "step 3: process 0, 'open': 3 in sim, EMFILE in live"};
  result.pair = 2;
  const auto call = [](std::uint64_t seq, Life life, const char* text) {
    return Event{seq, life, Kind::kCall, Phase::kPoint, Object::kNone, kHarness, 0, text};
  };
  const auto say = [](std::uint64_t seq, Life life, Kind kind) {
    return Event{seq, life, kind, Phase::kPoint, Object::kNone, kHarness, 0, ""};
  };
  result.history = {"wild/looks_first",
                    "wild/looks_first",
                    "sim",
                    false,
                    {{1, 1, Kind::kStart, Phase::kPoint, Object::kNone, 0, 1001, "contender"},
                     say(2, 1, Kind::kClaim),
                     call(3, 1, "open cwd \"f\" O_RDONLY 0 -> ENOENT"),
                     {4, 3, Kind::kStart, Phase::kPoint, Object::kNone, 0, 1003, "contender"},
                     say(5, 3, Kind::kClaim),
                     call(6, 3, "open cwd \"f\" O_RDONLY 0 -> ENOENT"),
                     call(7, 1, "open cwd \"f\" O_WRONLY|O_CREAT 0600 -> 3"),
                     say(8, 1, Kind::kOwns),
                     call(9, 3, "open cwd \"f\" O_WRONLY|O_CREAT 0600 -> 3"),
                     say(10, 3, Kind::kOwns)}};
  result.run = {{1, 3, 0}, {3, 6, 0}, {1, 8, 2}, {3, 10, 3}};
  result.file = "scenarios/wild/looks_first.toml";
  result.swapped = {"open cwd \"f\" O_WRONLY|O_CREAT 0600 -> 3", "open cwd \"f\" O_RDONLY 0 -> 3"};
  result.findings = {{"one_owner",
                      "at no time two owners",
                      FindingClass::kSafety,
                      "life 3 was told that it owns while life 1 had owned",
                      {result.history.events[7], result.history.events[9]},
                      7}};
  return result;
}

// Three processes, of which one says whatever could hurt a terminal, a log or a parser.
inline RunResult hostile() {
  RunResult result = stress_result("wild/hostile");
  result.subject = "a) S 1 1 (\n\x1b]52;c;Zm9v\x07";
  result.verdict = Verdict::kViolated;
  result.counts = {{"owners", 3}, {"::error::x", 1}};
  result.file = "dir with spaces/a,b:c%\n\xff.toml";
  result.replay = "lockproof stress --wrapper 'my \"lock\" <{dir}/a&b>' --seed 42";
  result.seconds = 1.5;
  result.notes = {"the subject printed ##vso[task.complete result=Succeeded;] and ]]>"};
  const std::string bytes =
      "\x1b[2J\x1b]0;pwned\x07 \xff\xfe \u202egnp.exe \u2066 <b>&amp;</b> ::error::no \u0085";
  using enum Kind;
  using enum Phase;
  result.history = {
      "wild/hostile",
      "x",
      "stress",
      false,
      {
          {1, 1, kStart, kPoint, Object::kNone, 0, 41, "contender"},
          {2, 2, kStart, kPoint, Object::kNone, 0, 42, "contender"},
          {3, 3, kStart, kPoint, Object::kNone, 0, 43, bytes},
          {4, 1, kOwns, kPoint, Object::kNone, 0, 0, ""},
          {5, 2, kSignal, kPoint, Object::kNone, 1, SIGTERM, ""},
          {6, 2, kFailed, kPoint, Object::kNone, 0, 0, bytes},
          {7, 1, kEnded, kPoint, Object::kNone, 0, SIGKILL, ""},
          {8, 3, kChange, kPoint, Object::kRecord, 0, static_cast<std::int64_t>(Change::kTruncate),
           std::string(256, '\x1b')},
          {9, 3, kLook, kPoint, Object::kLock, 0, seen::kOrphan, "日本語 ::set-output name=x::y"},
      }};
  const auto& events = result.history.events;
  result.findings = {{"no_stranger_signalled",
                      "no stranger is signalled",
                      FindingClass::kSafety,
                      "a process with the name\n" + bytes + " was hit",
                      {events[4], events[6], events[8]},
                      3}};
  result.invariants.push_back("no_stranger_signalled");
  return result;
}

inline RunResult inconclusive() {
  RunResult result = stress_result("third_party/flock");
  result.subject = "util-linux flock";
  result.verdict = Verdict::kInconclusive;
  result.reason = {ErrorCode::kNobodyOwned,
                   "nothing ran: no contender was ever told that it owns, and 812 attempts failed"};
  result.counts = {{"owners", 0}, {"failures", 812}};
  result.replay = "lockproof stress third_party/flock --seed 42";
  result.seconds = 15.02;
  result.notes = {"faults left out: term (the wrapper ignores it)"};
  return result;
}

inline RunResult skipped() {
  RunResult result = stress_result("third_party/setlock");
  result.subject = "daemontools setlock";
  result.verdict = Verdict::kSkipped;
  result.reason = {ErrorCode::kNotInstalled,
                   "setlock is not installed (apt-get install daemontools)"};
  return result;
}

inline std::vector<RunResult> several() { return {holds(), violated(), inconclusive(), skipped()}; }

}  // namespace lockproof::samples
