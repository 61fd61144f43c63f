// SPDX-License-Identifier: Apache-2.0
// Stage: a scenario made ready for the simulated kernel: its cast as programs, what lies in the
// directory before, which faults may happen how often.
//
// The cast of a scenario that asks for recovery gets one more contender: a late one, which begins
// when nobody else can take a step, and sees what the others left behind.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "check/left_behind.h"
#include "check/stand_in.h"
#include "explore/moves.h"
#include "explore/record.h"
#include "learned/limits.h"
#include "program/native.h"
#include "sim/sim_space.h"
#include "sim/viewed_program.h"
#include "subject/scenario.h"

namespace lockproof {

// Where runs are made.
enum class InWorld {
  kAuto,  // the simulated kernel; a run that breaks something is made on Linux, too
  kSim,   // the simulated kernel only
  kLive   // Linux
};

struct StageOptions {
  // 0: the scenario's cast; else that many contenders, who do in turn what those of the cast do
  int processes = 0;
  int kills = -1;  // -1: as the scenario says
  TimeMode time = TimeMode::kAnyTime;
  std::string owner{};  // the program that {critical} stands for
  // A command is learned by running it (learned/learned.h), for the simulated kernel; else its
  // stage is for the live world only.
  bool learns = false;
  LearningLimits learning{};
  int patience_ms = 10'000;       // with a command (program/command.h)
  bool pids_as_they_are = false;  // to learned programs, too: they are no names (sim/views.h)
};

class LearnedProgram;
class Tree;

class Stage {
 public:
  static constexpr int kMaxProcesses = 8;

  // `subject` is the scenario's, or one of its mutants. Errors: kUsage, the scenario asks for what
  // a search cannot do, in one sentence.
  static Result<std::unique_ptr<Stage>> make(const Scenario& scenario, const Builtin& subject,
                                             const StageOptions& options);
  // The scenario's own subject. kEnvironment: a command cannot be learned, why.
  static Result<std::unique_ptr<Stage>> make(const Scenario& scenario, const StageOptions& options);

  Texts& texts() { return texts_; }
  sim::Tables& tables() { return tables_; }

  sim::SpaceStart space(sim::Pids pids) const;

  // Whether learned programs are asked with names in place of pids.
  bool pids_are_names() const { return start_.cast != cast_; }
  // From now on they are asked with pids as they are: to them they are no names.
  void take_pids_as_they_are() { start_.cast = cast_; }

  // Equal for two scenarios of one run of the program: the same can happen in both, state by state,
  // whatever they promise.
  std::string what_can_happen() const;

  // The same for a world that is driven step by step.
  const Start& start() {
    start_.deaths_are_seen = tables_.states_are_seen;
    return start_;
  }
  const Rules& rules() const { return rules_; }
  const Outside& outside() const { return outside_; }

  // "3 processes and a late one, 2 kills": what is explored.
  std::string bounds() const;
  const std::vector<std::string>& notes() const { return notes_; }
  // Its programs, as far as they were learned; 0 of subjects that are built in.
  struct Learned {
    std::size_t nodes = 0;
    std::uint64_t merged = 0;  // LearnedProgram::merged()
    bool goes_round = false;   // a program may go on for ever
    bool sets_alarms = false;
  };
  Learned learned() const;
  // Of the command that is learned. Null: there is none.
  const Tree* tree() const;
  // Faults that the scenario asks for and a search does not know.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  Stage(const Builtin& subject, const StageOptions& options, std::unique_ptr<StandIn> stand_in);
  static Result<std::unique_ptr<Stage>> furnish(std::unique_ptr<Stage> stage,
                                                const Scenario& scenario);
  Result<LeftBehind> left(const std::string& name, const std::string& state) const;
  Result<> set_cast(const Scenario& scenario);
  Result<> set_namespaces(const Scenario& scenario);
  Result<> set_faults(const Scenario& scenario);
  Result<> set_files(const Scenario& scenario);
  Result<> try_setup(const Scenario& scenario);
  Result<> set_views(const Scenario& scenario);
  Result<Program*> program_of(const std::vector<std::string>& verbs);
  Command command(const std::vector<std::string>& verbs) const;
  Program* keep(const std::vector<std::string>& verbs, std::unique_ptr<Program> program);
  std::vector<std::vector<std::string>> contenders(const Scenario& scenario) const;
  int pid_of_self() const;

  const std::unique_ptr<StandIn> stand_in_;  // of a command; null: the subject is built in
  const Builtin& subject_;
  const StageOptions options_;
  Texts texts_;
  sim::Tables tables_{texts_};
  std::vector<std::pair<std::vector<std::string>, std::unique_ptr<Program>>> programs_;
  std::vector<const LearnedProgram*> learned_;
  sim::Naming naming_{texts_};
  std::vector<std::unique_ptr<sim::ViewedProgram>> viewed_;  // learned ones, one a process
  std::vector<Program*> cast_;                               // the programs themselves
  Start start_;
  Rules rules_;
  Outside outside_;
  std::vector<Role> roles_;  // of the cast
  bool late_ = false;
  bool launches_ = false;       // sim::Steps::Rules
  bool asks_for_ever_ = false;  // an invariant does, about what goes on
  sim::Remember remember_;      // what invariants ask for
  bool owns_at_once_ = false;
  std::vector<std::string> notes_;
  std::vector<std::string> left_out_;
};

}  // namespace lockproof
