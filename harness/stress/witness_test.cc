// SPDX-License-Identifier: Apache-2.0
#include "stress/witness.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <vector>

namespace lockproof {
namespace {

// A witness in a file that has no name any more.
Witness make_witness() {
  std::string dir = testing::TempDir() + "witness.XXXXXX";
  EXPECT_NE(::mkdtemp(dir.data()), nullptr);
  auto witness = Witness::create(dir + "/page");
  EXPECT_TRUE(witness.ok());
  std::filesystem::remove_all(dir);
  return *witness;
}

std::vector<Mark> drain_all(Witness& witness, std::size_t limit = 1 << 21) {
  std::vector<Mark> marks;
  witness.drain(limit, [&](std::uint64_t, const Mark& mark) { marks.push_back(mark); });
  return marks;
}

Mark mark_of(Life life, std::int64_t value) {
  return {Kind::kClaim, Phase::kPoint, Object::kNone, life, value};
}

TEST(Witness, keeps_order_and_content) {
  Witness witness = make_witness();
  witness.append({Kind::kChange, Phase::kBegin, Object::kLock, 7, 3});
  witness.append({Kind::kLook, Phase::kEnd, Object::kRecord, 4'000'000, -5});
  witness.append({Kind::kEnded, Phase::kPoint, Object::kNone, 1, 4'194'304});
  std::vector<std::uint64_t> seqs;
  std::vector<Mark> marks;
  witness.drain(10, [&](std::uint64_t seq, const Mark& mark) {
    seqs.push_back(seq);
    marks.push_back(mark);
  });
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(marks[0].kind, Kind::kChange);
  EXPECT_EQ(marks[0].phase, Phase::kBegin);
  EXPECT_EQ(marks[0].object, Object::kLock);
  EXPECT_EQ(marks[0].life, 7u);
  EXPECT_EQ(marks[0].value, 3);
  EXPECT_EQ(marks[1].life, 4'000'000u);
  EXPECT_EQ(marks[1].value, -5);
  EXPECT_EQ(marks[2].value, 4'194'304);
}

TEST(Witness, holds_several_laps_when_it_is_drained) {
  Witness witness = make_witness();
  std::int64_t next = 0;
  const std::uint64_t total = 3 * Witness::kSlots + 17;
  for (std::uint64_t i = 0; i < total; ++i) {
    ASSERT_TRUE(witness.try_append(mark_of(1, static_cast<std::int64_t>(i % 1'000'000))));
    if (i % 1000 != 0) continue;
    for (const Mark& mark : drain_all(witness)) ASSERT_EQ(mark.value, next++ % 1'000'000);
  }
  for (const Mark& mark : drain_all(witness)) ASSERT_EQ(mark.value, next++ % 1'000'000);
  EXPECT_EQ(static_cast<std::uint64_t>(next), total);
}

TEST(Witness, a_full_ring_refuses_and_goes_on_when_drained) {
  Witness witness = make_witness();
  for (std::uint64_t i = 0; i < Witness::kSlots; ++i)
    ASSERT_TRUE(witness.try_append(mark_of(1, 1)));
  EXPECT_FALSE(witness.try_append(mark_of(1, 2)));
  EXPECT_EQ(drain_all(witness, 1).size(), 1u);
  EXPECT_TRUE(witness.try_append(mark_of(1, 2)));
  EXPECT_FALSE(witness.try_append(mark_of(1, 2)));
}

// Writers are killed at any instruction. Whatever they had written before is there, in their order,
// without a hole that would stop the others.
TEST(Witness, killed_writers_leave_no_hole) {
  Witness witness = make_witness();
  constexpr int kWriters = 4;
  constexpr std::int64_t kRounds = 40;
  std::map<Life, std::int64_t> last;
  const Life self = witness.new_life();
  for (std::int64_t round = 0; round < kRounds; ++round) {
    std::vector<pid_t> writers;
    for (int i = 0; i < kWriters; ++i) {
      const Life life = witness.new_life();
      const pid_t pid = ::fork();
      ASSERT_GE(pid, 0);
      if (pid == 0) {
        for (std::int64_t value = 1;; ++value) witness.append(mark_of(life, value % 4'000'000));
      }
      writers.push_back(pid);
    }
    // Some drains' worth of running, then the kill, wherever they are.
    for (std::size_t seen = 0; seen < 20'000;) {
      seen += witness.drain(1 << 20, [&](std::uint64_t, const Mark& mark) {
        ASSERT_EQ(mark.value, ++last[mark.life]);
      });
    }
    for (pid_t pid : writers) ::kill(pid, SIGKILL);
    for (pid_t pid : writers) ::waitpid(pid, nullptr, 0);
    witness.drain(1 << 21, [&](std::uint64_t, const Mark& mark) {
      ASSERT_EQ(mark.value, ++last[mark.life]);
    });
    witness.append(mark_of(self, 1));
    EXPECT_EQ(drain_all(witness).size(), 1u) << "round " << round;
  }
}

RC_GTEST_PROP(Witness, gives_back_what_was_said, ()) {
  static Witness witness = make_witness();
  const auto value = *rc::gen::inRange<std::int64_t>(-8, (1 << 23) - 8);
  const auto life = *rc::gen::inRange<Life>(0, Witness::kLives);
  const auto kind = static_cast<Kind>(*rc::gen::inRange(0, 19));
  const auto phase = static_cast<Phase>(*rc::gen::inRange(0, 3));
  const auto object = static_cast<Object>(*rc::gen::inRange(0, 5));
  witness.append({kind, phase, object, life, value});
  const auto marks = drain_all(witness);
  RC_ASSERT(marks.size() == 1u);
  RC_ASSERT(marks[0].kind == kind);
  RC_ASSERT(marks[0].phase == phase);
  RC_ASSERT(marks[0].object == object);
  RC_ASSERT(marks[0].life == life);
  RC_ASSERT(marks[0].value == value);
}

}  // namespace
}  // namespace lockproof
