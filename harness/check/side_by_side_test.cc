// SPDX-License-Identifier: Apache-2.0
#include "world/side_by_side.h"

#include <csignal>

#include "program/script.h"
#include "sim/sim_world.h"
#include "world/contract.h"

namespace lockproof {
namespace {

// Two worlds that are the same, until one is touched behind the other's back.
class SideBySideTest : public testing::Test {
 protected:
  void begin(const std::vector<std::vector<std::string>>& scripts) {
    start_.texts = &texts_;
    for (const auto& lines : scripts) {
      auto program = ScriptProgram::parse(lines, texts_);
      ASSERT_TRUE(program.ok()) << program.error().sentence;
      programs_.push_back(std::make_unique<ScriptProgram>(std::move(*program)));
      start_.cast.push_back(programs_.back().get());
    }
    ASSERT_TRUE(both_.reset(start_).ok());
  }
  std::string why() const { return both_.apart() ? both_.apart()->why : "the same"; }

  Texts texts_;
  std::vector<std::unique_ptr<Program>> programs_;
  Start start_;
  sim::SimWorld believed_;
  sim::SimWorld other_;
  SideBySide both_{believed_, other_};
};

TEST_F(SideBySideTest, WhatIsTheSameIsNotApart) {
  begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", "fstat 3", "flock 3 LOCK_EX"}});
  for (int i = 0; i < 3; ++i) both_.perform(0);
  EXPECT_EQ(both_.file("f")->content, "");
  EXPECT_EQ(both_.locked("f"), World::Locked::kYes);
  EXPECT_EQ(why(), "the same");
}

TEST_F(SideBySideTest, AnotherAnswerIsADifference) {
  begin({{"clock_gettime CLOCK_REALTIME", "getppid"}});
  other_.inject(Fault::kWallClock, 0, 5);
  EXPECT_EQ(both_.perform(0).value, 0) << "the first one is believed";
  EXPECT_EQ(why(), "process 0, 'clock_gettime CLOCK_REALTIME': 0 in sim, 0 value=5 in sim");
  both_.perform(0);
  EXPECT_EQ(other_.pending(0).op, Op::kGetppid) << "it is left alone";
}

TEST_F(SideBySideTest, SoIsAnotherState) {
  begin({{"getppid"}, {"getppid"}});
  other_.inject(Fault::kSignal, 1, SIGSTOP);
  both_.perform(0);
  EXPECT_EQ(why(), "process 1: it is ready in sim, stopped in sim");
}

TEST_F(SideBySideTest, AnotherWord) {
  begin({{"getppid", "say owns", "hold"}, {"getppid"}});
  other_.perform(0);
  both_.perform(1);
  EXPECT_EQ(why(), "process 0: it says nothing in sim, owns in sim");
}

TEST_F(SideBySideTest, AnotherCall) {
  begin({{"getppid", "hold"}, {"getppid"}});
  other_.perform(0);
  both_.perform(1);
  EXPECT_EQ(why(), "process 0: it asks getppid in sim, hold in sim");
}

TEST_F(SideBySideTest, WhoCanGoOn) {
  const std::vector<std::string> script = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX",
                                           "getppid"};
  begin({script, script});
  both_.perform(0);
  both_.perform(1);
  other_.perform(1);
  EXPECT_TRUE(both_.enabled(0));
  EXPECT_EQ(why(), "process 0, 'flock 3 LOCK_EX': it can go on in sim, and not in sim");
}

TEST_F(SideBySideTest, WhetherADeathMakesADifference) {
  begin({{"getppid"}, {"pidfd_open 1001"}});
  ASSERT_TRUE(both_.inject(Fault::kSignal, 0, SIGKILL));
  both_.step_death(0);
  EXPECT_TRUE(both_.death_is_unnoticed(0));
  other_.perform(1);
  EXPECT_TRUE(both_.death_is_unnoticed(0)) << "the first one is believed";
  EXPECT_EQ(why(), "process 0: its death makes a difference in sim only");
}

TEST_F(SideBySideTest, HowFarADeathIs) {
  begin({{"getppid"}});
  ASSERT_TRUE(both_.inject(Fault::kSignal, 0, SIGKILL));
  other_.step_death(0);
  both_.step_death(0);
  EXPECT_EQ(why(), "process 0: it is released in sim, zombie in sim");
  ASSERT_TRUE(both_.reset(start_).ok());
  ASSERT_TRUE(both_.inject(Fault::kSignal, 0, SIGKILL));
  while (other_.can_step_death(0)) other_.step_death(0);
  both_.step_death(0);
  EXPECT_EQ(why(), "process 0: it goes on dying in sim only");
}

TEST_F(SideBySideTest, AnotherContentOrLock) {
  begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", R"(write 3 "x")", "flock 3 LOCK_EX"}});
  both_.perform(0);
  other_.perform(0);
  both_.file("g");
  EXPECT_EQ(why(), "the same");
  both_.file("f");
  EXPECT_EQ(why(), R"(file 'f': "" in sim, "x" in sim)");
  ASSERT_TRUE(both_.reset(start_).ok());
  EXPECT_EQ(why(), "the same") << "a reset begins anew";
  both_.perform(0);
  both_.perform(0);
  other_.perform(0);
  both_.locked("f");
  EXPECT_EQ(why(), "file 'f': not locked in sim, locked in sim");
}

TEST_F(SideBySideTest, WhatTheOtherRefusesEndsTheComparison) {
  begin({{"getppid"}, {"kill 1001 99"}});
  EXPECT_EQ(both_.perform(1).outcome, Outcome::kRefused);
  EXPECT_EQ(why(), "the same") << "nothing to compare";
  ASSERT_TRUE(both_.reset(start_).ok());
  other_.inject(Fault::kSignal, 0, SIGKILL);
  while (other_.can_step_death(0)) other_.step_death(0);
  ASSERT_TRUE(both_.inject(Fault::kExecChild, 0, 0));
  ASSERT_TRUE(both_.apart());
  EXPECT_EQ(both_.apart()->how, SideBySide::Apart::How::kRefused) << why();
}

TEST_F(SideBySideTest, InodeNumbersAreNames) {
  begin({{R"(open cwd "f" O_RDWR|O_CREAT 0600)", "fstat 3", "fstat 3"},
         {R"(open cwd "g" O_RDWR|O_CREAT 0600)"}});
  believed_.perform(1);
  other_.perform(0);
  other_.perform(1);
  believed_.perform(0);
  EXPECT_NE(believed_.file("f")->inode, other_.file("f")->inode);
  both_.perform(0);
  EXPECT_EQ(why(), "the same");
}

}  // namespace

// Two of one kind, as one world: it keeps the contract.
struct TwoWorlds {};
template <>
struct Maker<TwoWorlds> {
  struct Owned {
    sim::SimWorld believed;
    sim::SimWorld compared;
  };
  static std::unique_ptr<World> make() {
    static std::vector<std::unique_ptr<Owned>> owned;
    owned.push_back(std::make_unique<Owned>());
    return std::make_unique<SideBySide>(owned.back()->believed, owned.back()->compared);
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(SideBySide, WorldContract, TwoWorlds);

}  // namespace lockproof
