// SPDX-License-Identifier: Apache-2.0
// SideBySide: two worlds in step, as one. What the first one says is believed, and what the second
// one says is compared with it: each call, each answer, what processes say, who can go on, how far
// who is in dying, and every look at a file. So any run that is made here is a comparison.
//
// Where they first differ they come apart: that is told in one sentence, and the second one is left
// alone from then on. What the second one refuses is no difference, but the end of the comparison
// all the same.
//
// Inode numbers are compared as names: each world has its own. A number that the first one gives
// again may be another one in the second. Snapshots are not there: a run is made again.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "world/world.h"

namespace lockproof {

class SideBySide final : public World {
 public:
  // Both outlive this. REQUIRES: they take the same number of steps to die.
  SideBySide(World& believed, World& compared);

  struct Apart {
    enum class How { kDiffers, kRefused } how = How::kDiffers;
    std::string why;  // one sentence
  };
  // Since the last reset. Nothing: all was the same so far.
  const std::optional<Apart>& apart() const { return apart_; }

  std::string_view name() const override { return believed_.name(); }
  std::string_view directory() const override { return believed_.directory(); }
  Result<> reset(const Start& start) override;

  unsigned processes() const override { return believed_.processes(); }
  ProcessState state(unsigned process) const override { return believed_.state(process); }
  int pid(unsigned process) const override { return believed_.pid(process); }
  int own_pid(unsigned process) const override { return believed_.own_pid(process); }
  std::int64_t meant_by(unsigned process, std::int64_t pid) const override {
    return believed_.meant_by(process, pid);
  }
  int wait_status(unsigned process) const override { return believed_.wait_status(process); }
  const Call& pending(unsigned process) const override { return believed_.pending(process); }
  std::span<const Said> said(unsigned process) const override { return believed_.said(process); }
  const Texts& texts() const override { return believed_.texts(); }

  bool enabled(unsigned process) override;
  Answer perform(unsigned process) override;
  std::string refusal() const override { return believed_.refusal(); }

  unsigned steps_of_death() const override { return believed_.steps_of_death(); }
  bool can_step_death(unsigned process) const override { return believed_.can_step_death(process); }
  void step_death(unsigned process) override;
  bool death_is_unnoticed(unsigned process) const override;

  bool pid_is_free(int pid) const override;
  bool inject(Fault fault, unsigned process, std::int64_t value) override;
  std::int64_t wakes_at(unsigned process) const override { return believed_.wakes_at(process); }

  std::optional<File> file(std::string_view path) const override;
  Locked locked(std::string_view path) const override;

  bool can_restore() const override { return false; }
  Snapshot snapshot() override { return 0; }
  void restore(Snapshot) override {}
  void drop(Snapshot) override {}

 private:
  void differ(std::string what) const;
  void compare_answers(unsigned process, const Call& call, const Answer& ours, Answer theirs);
  void compare_processes();
  void compare_process(unsigned process);

  World& believed_;
  World& compared_;
  // Looks compare, too.
  mutable std::optional<Apart> apart_;
  std::map<std::uint32_t, std::uint32_t> inodes_;  // of the compared world -> of the believed one
};

}  // namespace lockproof
