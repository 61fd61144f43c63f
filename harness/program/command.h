// SPDX-License-Identifier: Apache-2.0
// Command: a program of somebody else's, as a live world starts it and hears it. Data only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/pattern.h"
#include "program/program.h"

namespace lockproof {

// Where the wall clock of a run begins, for programs of somebody else: they take 1970 for a clock
// that was never set. Answers count from there.
inline constexpr std::int64_t kEpochNs = 1'700'000'000'000'000'000;
// All times of each file, of which no world keeps any: a day later, so that no file is ever old.
inline constexpr std::int64_t kFileSeconds = kEpochNs / 1'000'000'000 + 86'400;

struct Command {
  // Who owns. kOwner: who executes the helper that makes OwnCall::kOwner, until that returns.
  // kWords: who prints these words, each as a line of its own; it gives up when it looks for input,
  // of which there is none. kRest: who has come to rest (rest_call.h), and whose command line is
  // like `owners`; kReady: who prints the line `ready`. These two may be children, and own until
  // they have ended or a handler of SIGTERM has run.
  enum class Hears { kOwner, kWords, kRest, kReady };
  // What it is there for: to own, or to start who does; to end who does; to tell who does.
  enum class Does { kStart, kStop, kAsk };

  std::vector<std::string> argv;  // nothing is left to fill in
  std::string directory;          // of the run: absolute, exists on the host, and is covered there
  Hears hears = Hears::kOwner;
  // Exit statuses that mean "another one owns"; empty: any but 0 and could_not_run().
  std::vector<int> busy_exit;
  std::string acquired, busy, released;
  Does does = Does::kStart;
  std::optional<Pattern> owners;
  std::string ready;
  bool loser_stays = false;   // kReady: who comes to rest without that line was told busy
  bool loser_reuses = false;  // who ends with 0, and has made no child, was told busy
  // From one call that others notice to the next one; learning it, all that it computes.
  int patience_ms = 10'000;
};

// How shells, env, timeout and their like end when there is no such command, or it is none: nobody
// was told anything.
inline bool could_not_run(int exit_status) { return exit_status == 126 || exit_status == 127; }

// What it asks is found out by running it, in a live world; nothing else can go through it.
class CommandProgram final : public Program {
 public:
  explicit CommandProgram(Command command) : command_(std::move(command)) {}

  const Call& call(Node) const override { return call_; }
  std::span<const Said> said(Node) const override { return {}; }
  Result<Node> next(Node, const Answer&) override {
    return usage_error(ErrorCode::kNotTogether,
                       "what a program of somebody else asks is known to the live world only");
  }
  const Command* command() const override { return &command_; }

 private:
  const Command command_;
  const Call call_{.op = Op::kOther};
};

}  // namespace lockproof
