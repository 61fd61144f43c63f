// SPDX-License-Identifier: Apache-2.0
// SimWorld: the simulated kernel behind the contract of world.h. Snapshots are copies.
#pragma once

#include <algorithm>
#include <cassert>
#include <memory>

#include "sim/kernel.h"
#include "world/world.h"

namespace lockproof::sim {

// At most kProcesses processes of a run exist at once, and 16 in all.
class SimWorld final : public World {
 public:
  std::string_view name() const override { return "sim"; }
  Result<> reset(const Start& start) override;

  unsigned processes() const override { return state_.count; }
  ProcessState state(unsigned process) const override;
  int pid(unsigned process) const override { return state_.actors[process].pid; }
  const Call& pending(unsigned process) const override;
  const Texts& texts() const override { return tables_->texts; }

  bool enabled(unsigned process) override;
  Answer perform(unsigned process) override;

  unsigned steps_of_death() const override { return 2; }
  bool can_step_death(unsigned process) const override;
  void step_death(unsigned process) override;

  bool inject(Fault fault, unsigned process, std::int64_t value) override;

  bool can_restore() const override { return true; }
  Snapshot snapshot() override;
  void restore(Snapshot snapshot) override { state_ = snapshots_[snapshot]; }

 private:
  static constexpr unsigned kActors = 16;
  struct Actor {
    std::uint8_t slot = kNone;  // kNone: gone
    bool waiting = false;
    std::uint16_t script = 0;
    std::uint16_t at = 0;  // its next call there
    int pid = 0;
  };
  struct State {
    Kernel kernel;
    std::array<Actor, kActors> actors;
    unsigned count;
  };

  bool runs(unsigned process) const;
  void add(std::uint8_t slot, std::uint16_t script, std::uint16_t at);
  void forget_the_reaped();
  Result<> put_file(const StartFile& file, std::uint8_t slot);

  std::unique_ptr<Tables> tables_ = std::make_unique<Tables>();
  std::vector<std::vector<Call>> scripts_;
  State state_{};
  std::vector<State> snapshots_;
};

}  // namespace lockproof::sim
