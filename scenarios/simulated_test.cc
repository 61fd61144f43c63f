// SPDX-License-Identifier: Apache-2.0
// Built-in subjects on the simulated kernel: the code that runs under stress, unchanged, on a
// fiber, answered by the model.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>

#include "program/native.h"
#include "sim/kernel.h"
#include "subject/builtin.h"

namespace lockproof {
namespace {

constexpr std::uint8_t kDirectory = 1;  // the inode of /run

// Some processes of one subject over one directory.
class Machine {
 public:
  Machine(std::string_view subject, std::string_view verb) {
    const Builtin* builtin = find_builtin(subject);
    for (const Verb& candidate : builtin->verbs) {
      if (candidate.name != verb) continue;
      program_ = std::make_unique<NativeProgram>(candidate.act, "/run", tables_.texts);
    }
    kernel_ = sim::boot();
    kernel_.inodes[sim::kRoot].nlink = 3;
    kernel_.inodes[kDirectory] = {S_IFDIR | 0700, kEmptyText, tables_.user, 2};
    kernel_.names[0] = {sim::kRoot, kDirectory, tables_.texts.intern("run")};
  }

  std::uint8_t start() { return sim::spawn(kernel_, kDirectory); }

  // One call of the process at `node`. Where it is then; nowhere when it waits or something is
  // wrong.
  std::optional<Node> step(std::uint8_t slot, Node node) {
    const Call& call = program_->call(node);
    const Answer answer = sim::step(kernel_, tables_, slot, call);
    EXPECT_NE(answer.outcome, Outcome::kRefused)
        << format(call, tables_.texts) << ": " << sentence(answer.refusal);
    if (answer.outcome != Outcome::kDone) return std::nullopt;
    const auto next = program_->next(node, answer);
    EXPECT_TRUE(next.ok()) << (next.ok() ? "" : next.error().sentence);
    return next.ok() ? std::optional(*next) : std::nullopt;
  }

  // Lets it go on until it has said `kind`, exits, or cannot go on.
  Node run_until(std::uint8_t slot, Node node, Kind kind) {
    while (program_->call(node).op != Op::kExit) {
      const auto next = step(slot, node);
      if (!next) return node;
      node = *next;
      if (says(node, kind)) return node;
    }
    return node;
  }

  bool says(Node node, Kind kind) const {
    for (const Said& said : program_->said(node)) {
      if (said.kind == kind) return true;
    }
    return false;
  }

  void kill(std::uint8_t slot) {
    sim::send(kernel_, slot, SIGKILL);
    while (sim::can_advance_death(kernel_, slot)) sim::advance_death(kernel_, slot);
  }

 private:
  Texts texts_;
  sim::Tables tables_{texts_};
  sim::Kernel kernel_{};
  std::unique_ptr<NativeProgram> program_;
};

class SimulatedLock : public testing::TestWithParam<const char*> {};

TEST_P(SimulatedLock, LetsOneInAndTheNextOneAfterIt) {
  Machine machine(GetParam(), "run");
  const std::uint8_t a = machine.start();
  const std::uint8_t b = machine.start();
  const Node owner = machine.run_until(a, 0, Kind::kOwns);
  ASSERT_TRUE(machine.says(owner, Kind::kOwns));
  EXPECT_TRUE(machine.says(machine.run_until(b, 0, Kind::kBusy), Kind::kBusy));
  const Node released = machine.run_until(a, owner, Kind::kReleased);
  ASSERT_TRUE(machine.says(released, Kind::kReleased));
  EXPECT_TRUE(machine.says(machine.run_until(machine.start(), 0, Kind::kOwns), Kind::kOwns));
}

TEST_P(SimulatedLock, LetsTheNextOneInAfterAKill) {
  Machine machine(GetParam(), "run");
  const std::uint8_t a = machine.start();
  ASSERT_TRUE(machine.says(machine.run_until(a, 0, Kind::kOwns), Kind::kOwns));
  machine.kill(a);
  EXPECT_TRUE(machine.says(machine.run_until(machine.start(), 0, Kind::kOwns), Kind::kOwns));
}

INSTANTIATE_TEST_SUITE_P(Subjects, SimulatedLock, testing::Values("solo", "control/flock"));

TEST(Simulated, AStatusQueryOfSoloIsModelled) {
  Machine machine("solo", "status");
  const Node end = machine.run_until(machine.start(), 0, Kind::kTick);
  EXPECT_TRUE(machine.says(end, Kind::kProbe));
}

// The second bug of memtomem, by hand: B has opened the file before A removes it, C makes a new
// one.
TEST(Simulated, UnlinkAtExitMakesTwoOwners) {
  Machine machine("memtomem/unlink_at_exit", "run");
  const std::uint8_t a = machine.start();
  const std::uint8_t b = machine.start();
  const std::uint8_t c = machine.start();
  const Node owner = machine.run_until(a, 0, Kind::kOwns);
  const Node opened = *machine.step(b, 0);
  machine.run_until(a, owner, Kind::kReleased);
  EXPECT_TRUE(machine.says(machine.run_until(b, opened, Kind::kOwns), Kind::kOwns));
  EXPECT_TRUE(machine.says(machine.run_until(c, 0, Kind::kOwns), Kind::kOwns));
}

}  // namespace
}  // namespace lockproof
