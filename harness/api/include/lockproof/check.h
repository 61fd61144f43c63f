// SPDX-License-Identifier: Apache-2.0
// lockproof in a test of your own:
//
//   const auto result = lockproof::check("lock.toml");
//   EXPECT_TRUE(result.holds()) << result;
//
// Each call runs the program `lockproof check` and reads its report, so what it says is what the
// command says, and a defect of either cannot take your test process down. Needs C++17 and nothing
// else; find_package(lockproof) and the target lockproof::check, or pkg-config lockproof.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#ifndef LOCKPROOF_PROGRAM  // the target lockproof::check says where it is installed
#define LOCKPROOF_PROGRAM "lockproof"
#endif

namespace lockproof {

// What is checked, as the command line says it.
struct Subject {
  Subject(const char* scenario) : words{scenario} {}         // NOLINT: implicit on purpose
  Subject(const std::string& scenario) : words{scenario} {}  // NOLINT: likewise
  std::vector<std::string> words;  // a name, a file, a folder; or an option and its command

 private:
  Subject(const char* option, const std::string& command) : words{option, command} {}
  friend Subject wrapper(const std::string& command);
  friend Subject worker(const std::string& command);
  friend Subject daemon(const std::string& command);
};

// A lock of yours in one line, as for --wrapper, --worker and --daemon: {dir} is the directory of a
// run, {critical} what a wrapper runs while it holds its lock.
inline Subject wrapper(const std::string& command) { return {"--wrapper", command}; }
inline Subject worker(const std::string& command) { return {"--worker", command}; }
inline Subject daemon(const std::string& command) { return {"--daemon", command}; }

struct Options {
  int processes = 0;                        // 0: as the scenario says; of one line, 2
  int kills = -1;                           // -1: likewise
  std::string budget = "60s";               // after which it is inconclusive; "": none
  std::vector<std::string> others;          // more words of the command line
  std::string program = LOCKPROOF_PROGRAM;  // a path, or a name that is looked for in PATH
};

// What was found about one scenario: members of the JSON report (docs/REPORTS.md).
struct Finding {
  std::string scenario;
  std::string verdict;    // holds, violated, inconclusive, skipped
  std::string reason;     // why it does not hold
  std::string invariant;  // of the first broken promise: its name, and what it promises
  std::string sentence;
  std::string replay;  // the command that does it again
};

struct Outcome {
  int status = -1;                // the exit code of the command; -1: it could not be run
  std::vector<Finding> findings;  // one a scenario
  std::string text;               // what the command printed, for people
  std::string messages;           // what it said on standard error; or why it could not be run

  // Only if there was something to check, and all of it holds. What was not shown does not.
  bool holds() const;
  bool skipped() const { return status == 77; }  // the host lacks what is needed: GTEST_SKIP()
};

// For people: what was printed; where there is no result, the messages.
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

// Blocks until the command has ended. Never throws but for memory: what goes wrong is an outcome
// that does not hold, with `messages`. May be called by several threads at once. If the process or
// the calling thread dies meanwhile, the command is ended with it, and nothing of it remains.
Outcome check(const Subject& subject, const Options& options = {});

}  // namespace lockproof
