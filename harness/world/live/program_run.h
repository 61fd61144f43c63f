// SPDX-License-Identifier: Apache-2.0
// For tests: programs of somebody else in the live world, gone through step by step.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "live/live_world.h"
#include "program/command.h"

namespace lockproof {

class ProgramTest : public testing::Test {
 protected:
  using Run = std::vector<std::string>;
  static constexpr unsigned kMostSteps = 500;

  void add(std::vector<std::string> argv, Command::Hears hears = Command::Hears::kOwner,
           int patience_ms = 20'000) {
    Command command;
    command.argv = std::move(argv);
    command.directory = "/mnt";
    command.hears = hears;
    command.busy_exit = {1};
    command.acquired = "acquired";
    command.busy = "busy";
    command.released = "released";
    command.patience_ms = patience_ms;
    programs_.push_back(std::make_unique<CommandProgram>(std::move(command)));
    start_.cast.push_back(programs_.back().get());
  }
  // Its owners are those who rest, and whose command line is like the pattern.
  void daemon(const std::string& code, const std::string& owners) {
    Command command;
    command.argv = {"/usr/bin/perl", "-e", code};
    command.directory = "/mnt";
    command.hears = Command::Hears::kRest;
    command.owners = *Pattern::make(owners);
    programs_.push_back(std::make_unique<CommandProgram>(std::move(command)));
    start_.cast.push_back(programs_.back().get());
  }
  void shell(const std::string& script, int patience_ms = 20'000) {
    add({"/bin/dash", "-c", script, "/bin/dash", owner_}, Command::Hears::kOwner, patience_ms);
  }
  std::string begin() {
    start_.texts = &texts_;
    const auto begun = world_.reset(start_);
    return begun.ok() ? "" : begun.error().sentence;
  }

  // Each shell begins so: who is its parent, and what becomes of signals; its children execute
  // another program; python looks at clocks.
  std::string begin_runtime(unsigned place = 0) {
    std::string last;
    for (;;) {
      const Op op = world_.pending(place).op;
      if (op != Op::kSigaction && op != Op::kGetppid && op != Op::kExecvp &&
          op != Op::kClockGettime) {
        return last;
      }
      last = go(place);
      if (last.find("refused") != last.npos) return last;
    }
  }

  // "A claims open cwd "f" O_RDONLY 0 -> 3", and what it said then.
  std::string go(unsigned place) {
    std::string line(1, static_cast<char>('A' + place));
    if (world_.can_step_death(place)) {
      world_.step_death(place);
      return line + " dies";
    }
    const Call call = world_.pending(place);
    const Answer answer = world_.perform(place);
    line += " " + format(call, texts_) + " -> " + format(answer, texts_);
    if (answer.outcome == Outcome::kRefused) return line + ": " + world_.refusal();
    if (world_.state(place) >= ProcessState::kDying) return line;
    for (const Said& said : world_.said(place)) line += fmt::format(" {}", name(said.kind));
    return line;
  }
  bool can_go(unsigned place) {
    const bool runs = world_.state(place) == ProcessState::kReady ||
                      world_.state(place) == ProcessState::kWaiting;
    return world_.can_step_death(place) || (runs && world_.enabled(place));
  }
  // By the last place that can go on, until nobody can.
  Run to_the_end() {
    Run run;
    while (run.size() < kMostSteps) {
      unsigned place = world_.processes();
      while (place > 0 && !can_go(place - 1)) --place;
      if (place == 0) return run;
      run.push_back(go(place - 1));
      if (run.back().find("refused") != std::string::npos) return run;
    }
    run.push_back("and so on");
    return run;
  }

  const std::string owner_ = std::string(LOCKPROOF_BIN) + "/lockproof-owner";
  Texts texts_;
  std::vector<std::unique_ptr<Program>> programs_;
  Start start_;
  live::LiveWorld world_{live::LiveWorld::Programs::kKept};
};

}  // namespace lockproof
