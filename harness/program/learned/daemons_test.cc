// SPDX-License-Identifier: Apache-2.0
// Daemons, learned: who of a start's processes owns, since when, and until when.
#include <gtest/gtest.h>

#include <algorithm>

#include "learned/learned.h"

namespace lockproof {
namespace {

using Hears = Command::Hears;

class Daemons : public testing::Test {
 protected:
  static Command perl(const std::string& code, Hears hears, const std::string& owners) {
    Command command;
    command.argv = {"/usr/bin/perl", "-e", code};
    command.directory = "/srv";
    command.hears = hears;
    if (hears == Hears::kRest) command.owners = *Pattern::make(owners);
    if (hears == Hears::kReady) command.ready = owners;
    return command;
  }
  void start(const Command& command) {
    auto started = LearnedProgram::start(command, texts_, {});
    ASSERT_TRUE(started.ok()) << started.error().sentence;
    program_ = std::move(*started);
    hear(0);
  }
  // On to the next call of this kind, as the child of each fork, or as the parent.
  void go_to(Op op, bool as_child) {
    while (program_->call(node_).op != op && program_->call(node_).op != Op::kExit) {
      const bool forks = program_->call(node_).op == Op::kFork;
      answer(forks && !as_child ? "1002" : "0");
    }
    EXPECT_EQ(program_->call(node_).op, op) << format(program_->call(node_), texts_);
  }
  void answer(std::string_view text) {
    const auto next = program_->next(node_, *parse_answer(text, texts_));
    ASSERT_TRUE(next.ok()) << next.error().sentence;
    hear(*next);
  }
  std::string asks() const { return format(program_->call(node_), texts_); }

  Texts texts_;
  std::unique_ptr<LearnedProgram> program_;
  Node node_ = 0;
  std::string said_;  // since the beginning

 private:
  void hear(Node node) {
    node_ = node;
    for (const Said& word : program_->said(node)) {
      said_ += (said_.empty() ? "" : " ") + std::string(name(word.kind));
      said_ += word.phase == Phase::kBegin ? "+" : word.phase == Phase::kEnd ? "-" : "";
    }
  }
};

TEST_F(Daemons, WhoRestsAndIsLikeThePatternOwns) {
  start(perl("fork and exit; mkdir '/srv/d'; sleep", Hears::kRest, "^/usr/bin/perl -e fork"));
  go_to(Op::kMkdirat, true);
  EXPECT_EQ(said_, "claim");
  go_to(Op::kPoll, true);
  EXPECT_EQ(asks(), "poll -1 -1 -1 -1") << "it waits for a signal, for ever";
  EXPECT_EQ(said_, "claim owns");
}

TEST_F(Daemons, WhoStartsOneSaysNothing) {
  start(perl("fork and exit; sleep", Hears::kRest, "perl"));
  go_to(Op::kExit, false);
  EXPECT_EQ(said_, "claim") << "its child may be the owner, sooner or later";
}

TEST_F(Daemons, WhoRestsUnderAnotherNameDoesNotOwn) {
  start(perl("$0 = 'helper'; mkdir '/srv/d'; sleep", Hears::kRest, "perl"));
  go_to(Op::kPoll, true);
  EXPECT_EQ(said_, "claim");
}

// A title that a server gives itself is what the kernel shows then.
TEST_F(Daemons, WhoRestsUnderANameOfItsOwnOwns) {
  start(perl("$0 = 'served: master'; mkdir '/srv/d'; sleep", Hears::kRest, "^served: master$"));
  go_to(Op::kPoll, true);
  EXPECT_EQ(said_, "claim owns");
}

TEST_F(Daemons, WhoWaitsForATimeOrAChildIsNotAtRest) {
  start(perl("fork or sleep 3600; wait; sleep 5; mkdir '/srv/d'", Hears::kRest, "perl"));
  go_to(Op::kWaitpid, false);
  answer("1002");
  go_to(Op::kMkdirat, false);
  EXPECT_EQ(said_, "claim");
}

TEST_F(Daemons, WhoIsToldToEndGivesUp) {
  start(perl("mkdir '/srv/d'; $SIG{TERM} = sub {}; sleep; mkdir '/srv/e'; sleep", Hears::kRest,
             "perl"));
  go_to(Op::kPoll, true);
  answer("EINTR caught=16");
  go_to(Op::kMkdirat, true);
  EXPECT_EQ(said_, "claim owns gives_up");
  go_to(Op::kPoll, true);
  EXPECT_EQ(said_, "claim owns gives_up") << "what rests again drains, and does not own again";
}

TEST_F(Daemons, AnotherSignalIsNotTheEnd) {
  start(perl("mkdir '/srv/d'; $SIG{CHLD} = sub {}; sleep; mkdir '/srv/e'", Hears::kRest, "perl"));
  go_to(Op::kPoll, true);
  answer("EINTR caught=32");
  go_to(Op::kMkdirat, true);
  EXPECT_EQ(said_, "claim owns");
}

TEST_F(Daemons, WhoPrintsTheLineOwns) {
  start(
      perl("$| = 1; fork and exit; mkdir '/srv/d'; print qq(now up\\nup\\n); "
           "$SIG{TERM} = sub {}; sleep 9; mkdir '/srv/e'",
           Hears::kReady, "up"));
  go_to(Op::kMkdirat, true);
  EXPECT_EQ(said_, "claim");
  answer("0");
  EXPECT_EQ(said_, "claim owns");
  go_to(Op::kSleep, true);
  answer("EINTR caught=16");
  EXPECT_EQ(said_, "claim owns gives_up");
}

TEST_F(Daemons, ALoserThatStaysIsToldWhenItRests) {
  Command stays = perl("mkdir '/srv/d'; sleep", Hears::kReady, "up");
  start(stays);
  go_to(Op::kPoll, true);
  EXPECT_EQ(said_, "claim");
  said_.clear();
  stays.loser_stays = true;
  start(stays);
  go_to(Op::kPoll, true);
  EXPECT_EQ(said_, "claim busy");
}

TEST_F(Daemons, ALoserThatReusesEndsWithZero) {
  const auto told = [&](const std::string& code, bool reuses, bool as_child) {
    Command command = perl(code, Hears::kRest, "served");
    command.busy_exit = {7};
    command.loser_reuses = reuses;
    said_.clear();
    start(command);
    go_to(Op::kExit, as_child);
    return said_;
  };
  EXPECT_EQ(told("exit 0", true, true), "claim busy");
  EXPECT_EQ(told("exit 0", false, true), "claim failed");
  EXPECT_EQ(told("exit 7", true, true), "claim busy");
  EXPECT_EQ(told("exit 1", true, true), "claim failed");
  EXPECT_EQ(told("fork; exit 0", true, false), "claim") << "what it has started may own";
}

TEST_F(Daemons, WhoStopsOrAsksDoesNotClaim) {
  Command command = perl("exit 3", Hears::kRest, "served");
  command.does = Command::Does::kStop;
  start(command);
  go_to(Op::kExit, true);
  EXPECT_EQ(said_, "stop+ stop-");
  said_.clear();
  command.does = Command::Does::kAsk;
  start(command);
  go_to(Op::kExit, true);
  EXPECT_EQ(said_, "probe+ probe-");
}

TEST_F(Daemons, WhoRestsAtOnceIsNotLearned) {
  const auto started = LearnedProgram::start(perl("sleep", Hears::kRest, "perl"), texts_, {});
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().sentence,
            "the program comes to rest before any call that others could notice");
}

}  // namespace
}  // namespace lockproof
