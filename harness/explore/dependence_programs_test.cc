// SPDX-License-Identifier: Apache-2.0
// What calls of programs of somebody else touch: descriptors under other numbers, and names that
// are only asked for.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include "explore/dependence.h"
#include "program/script.h"
#include "sim/sim_world.h"

namespace lockproof {
namespace {

class DependencePrograms : public testing::Test {
 protected:
  void SetUp() override {
    auto script = ScriptProgram::parse({"getppid"}, texts_);
    program_ = std::make_unique<ScriptProgram>(std::move(*script));
    start_ = {&texts_, {program_.get(), program_.get()}, {{"f", ""}, {"g", ""}}};
    ASSERT_TRUE(world_.reset(start_).ok());
    known_.emplace(start_, world_.directory(), true, std::vector<std::string>{});
  }
  // A call of a process, and its result.
  Footprint after(std::uint8_t process, const char* line, std::int64_t result) {
    Step step;
    step.choice.actor = step.process = process;
    step.call = *parse_call(line, texts_);
    step.answer = done(result);
    return known_->follow(world_, step, false, false);
  }
  void both_open() {
    after(0, R"(open cwd "f" O_RDWR|O_CLOEXEC 0)", 3);
    after(1, R"(open cwd "f" O_RDWR 0)", 3);
  }

  Texts texts_;
  std::unique_ptr<Program> program_;
  Start start_;
  sim::SimWorld world_;
  std::optional<Dependence> known_;
};

TEST_F(DependencePrograms, ALockIsHeldByADescriptorOfAnotherNumber) {
  both_open();
  after(0, "dup2 3 9 0", 9);
  after(0, "close 3", 0);
  const Footprint locks = after(0, "flock 9 LOCK_EX", 0);
  const Footprint others = after(1, "flock 3 LOCK_EX|LOCK_NB", -EWOULDBLOCK);
  EXPECT_TRUE(dependent(locks, others));
  EXPECT_TRUE(dependent(after(0, "close 9", 0), others)) << "it was the last one";
}

TEST_F(DependencePrograms, WhatIsPutInPlaceOfADescriptorClosesIt) {
  both_open();
  after(0, R"(open cwd "g" O_RDWR 0)", 4);
  after(0, "flock 3 LOCK_EX", 0);
  const Footprint others = after(1, "flock 3 LOCK_EX|LOCK_NB", -EWOULDBLOCK);
  EXPECT_TRUE(dependent(after(0, "dup2 4 3 0", 3), others));
}

TEST_F(DependencePrograms, ADuplicateKeepsTheLock) {
  both_open();
  after(0, "flock 3 LOCK_EX", 0);
  const Footprint others = after(1, "flock 3 LOCK_EX|LOCK_NB", -EWOULDBLOCK);
  EXPECT_FALSE(dependent(after(0, "dup 3 10", 10), others));
  EXPECT_FALSE(dependent(after(0, "close 3", 0), others));
  EXPECT_TRUE(dependent(after(0, "close 10", 0), others));
}

TEST_F(DependencePrograms, ExecClosesWhatIsMarkedByThen) {
  both_open();
  after(0, "flock 3 LOCK_EX", 0);
  const Footprint others = after(1, "flock 3 LOCK_EX|LOCK_NB", -EWOULDBLOCK);
  after(0, "close_on_exec 3 0", 0);
  EXPECT_FALSE(dependent(after(0, R"(exec "p")", 0), others));
  after(0, "close_on_exec 3 1", 0);
  EXPECT_TRUE(dependent(after(0, R"(exec "p")", 0), others));
}

TEST_F(DependencePrograms, WhoAsksWhetherItMayReadsTheName) {
  const Footprint asks = after(0, R"(access cwd "f" 4)", 0);
  const Footprint other = after(1, R"(unlink cwd "g" 0)", 0);
  EXPECT_FALSE(dependent(asks, other));
  EXPECT_TRUE(dependent(asks, after(1, R"(unlink cwd "f" 0)", 0)));
}

TEST_F(DependencePrograms, TheEndOfAFileIsItsContent) {
  both_open();
  const Footprint writes = after(1, R"(write 3 "x")", 1);
  EXPECT_TRUE(dependent(after(0, "seek 3 0 2", 1), writes));
}

TEST_F(DependencePrograms, AnyOtherCallTouchesEverythingFromThenOn) {
  const Footprint asks = after(1, R"(access cwd "f" 4)", 0);
  EXPECT_TRUE(dependent(after(0, R"(other "getdents64")", 0), asks));
  EXPECT_TRUE(dependent(after(0, R"(access cwd "g" 4)", 0), asks));
}

}  // namespace
}  // namespace lockproof
