// SPDX-License-Identifier: Apache-2.0
// SimWorld: the simulated kernel behind the contract of world.h. Snapshots are copies.
#pragma once

#include <algorithm>
#include <cassert>
#include <memory>

#include "sim/home.h"
#include "world/world.h"

namespace lockproof::sim {

// At most kProcesses processes of a run exist at once, and 16 in all.
class SimWorld : public World {
 public:
  std::string_view name() const override { return "sim"; }
  std::string_view directory() const override { return kHomePath; }
  Result<> reset(const Start& start) override;

  unsigned processes() const override { return state_.count; }
  ProcessState state(unsigned process) const override;
  int pid(unsigned process) const override { return state_.actors[process].pid; }
  int own_pid(unsigned process) const override {
    return static_cast<int>(sim::own_pid(state_.kernel, pid(process)));
  }
  std::int64_t meant_by(unsigned process, std::int64_t pid) const override {
    return sim::pid_meant(state_.kernel, this->pid(process), pid);
  }
  int wait_status(unsigned process) const override { return state_.actors[process].status; }
  const Call& pending(unsigned process) const override;
  std::span<const Said> said(unsigned process) const override;
  const Texts& texts() const override { return tables_->texts; }

  bool enabled(unsigned process) override;
  Answer perform(unsigned process) override;
  std::string refusal() const override { return refusal_; }

  unsigned steps_of_death() const override { return 2; }
  bool can_step_death(unsigned process) const override;
  void step_death(unsigned process) override;
  bool death_is_unnoticed(unsigned process) const override {
    return sim::death_is_unnoticed(state_.kernel, *tables_, state_.actors[process].slot);
  }

  // Somebody has looked at how far others are in dying, since the reset (Start).
  bool deaths_are_seen() const { return tables_ && tables_->states_are_seen; }

  bool pid_is_free(int pid) const override { return sim::pid_is_free(state_.kernel, pid); }
  bool inject(Fault fault, unsigned process, std::int64_t value) override;
  std::int64_t wakes_at(unsigned process) const override;

  std::optional<File> file(std::string_view path) const override;

  Locked locked(std::string_view path) const override;

  // What is the same whenever all is where it was: files, locks, processes and where each is in its
  // program. Only of one reset.
  std::uint64_t where() const;

  bool can_restore() const override { return true; }
  Snapshot snapshot() override;
  void restore(Snapshot snapshot) override { state_ = snapshots_[snapshot]; }
  void drop(Snapshot snapshot) override { snapshots_.resize(snapshot); }

 private:
  static constexpr unsigned kActors = 16;
  struct Actor {
    std::uint8_t slot = kNone;  // kNone: gone
    bool waiting = false;
    bool begun = false;        // has made a step
    std::uint8_t program = 0;  // in programs_
    std::uint16_t status = 0;  // dying or later
    Node node = 0;
    int pid = 0;
    std::uint8_t said_count = 0;
    std::array<Said, 8> said{};  // on the way to `node`
  };
  struct State {
    Kernel kernel;
    std::array<Actor, kActors> actors;
    unsigned count;
  };

  bool runs(unsigned process) const;
  Program& program_of(unsigned process) const { return *programs_[state_.actors[process].program]; }
  void add(std::uint8_t slot, std::uint8_t program, Node node);
  void add_idle(std::uint8_t slot);
  Answer refuse_because(unsigned process, const Call& call, Refusal refusal, std::string_view why);
  void note_deaths();
  Result<> pass(Actor& actor);

  bool send_signal(unsigned process, std::int64_t signal);
  bool let_time_pass(unsigned process);
  bool fail_call(unsigned process, std::int64_t error);
  bool restart();
  bool add_stranger(std::int64_t pid);
  bool add_exec_child(unsigned process);

  std::unique_ptr<Tables> tables_;
  std::unique_ptr<Program> idle_;  // what a stranger runs; the first of programs_
  std::vector<Program*> programs_;
  std::string refusal_;
  State state_{};
  std::vector<State> snapshots_;
};

}  // namespace lockproof::sim
