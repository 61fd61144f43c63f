// SPDX-License-Identifier: Apache-2.0
#include "stress/ledger.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

namespace lockproof {
namespace {

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string dir = testing::TempDir() + "ledger.XXXXXX";
    ASSERT_NE(::mkdtemp(dir.data()), nullptr);
    auto witness = Witness::create(dir + "/page");
    ASSERT_TRUE(witness.ok());
    std::filesystem::remove_all(dir);
    witness_.emplace(*witness);
    ledger_ = std::make_unique<Ledger>(*witness_, std::vector<std::string>{"one_owner"}, Bounds{},
                                       [this](const Event& event) { heard_.push_back(event); });
  }

  void say(Life life, Kind kind, std::int64_t value = 0) {
    witness_->append({kind, Phase::kPoint, Object::kNone, life, value});
  }

  std::optional<Witness> witness_;
  std::unique_ptr<Ledger> ledger_;
  std::vector<Event> heard_;
};

TEST_F(LedgerTest, what_the_engine_notes_stands_where_it_was_noted) {
  say(1, Kind::kClaim);
  ledger_->note({.kind = Kind::kFault, .target = 1, .value = SIGKILL, .detail = "kill"});
  say(2, Kind::kClaim);
  EXPECT_EQ(ledger_->drain(), 3u);
  ASSERT_EQ(heard_.size(), 3u);
  EXPECT_EQ(heard_[0].life, 1u);
  EXPECT_EQ(heard_[1].target, 1u);
  EXPECT_EQ(heard_[1].detail, "kill");
  EXPECT_EQ(heard_[2].life, 2u);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(heard_[i].seq, i + 1);
}

TEST_F(LedgerTest, a_start_gets_the_parent_and_role_that_it_was_introduced_with) {
  ledger_->introduce(5, {2, "contender"});
  say(5, Kind::kStart, 41);
  say(6, Kind::kStart, 42);
  ledger_->drain();
  EXPECT_EQ(heard_[0].target, 2u);
  EXPECT_EQ(heard_[0].detail, "contender");
  EXPECT_EQ(heard_[1].detail, "");
}

TEST_F(LedgerTest, a_process_that_says_it_kills_itself_is_the_target_of_that_fault) {
  say(7, Kind::kFault, SIGKILL);
  ledger_->drain();
  EXPECT_EQ(heard_[0].target, 7u);
}

TEST_F(LedgerTest, an_excerpt_begins_with_who_they_are_and_ends_with_the_breach) {
  say(1, Kind::kStart, 41);
  say(2, Kind::kStart, 42);
  say(1, Kind::kOwns);
  for (int i = 0; i < 100'000; ++i) {
    say(3, Kind::kClaim);
    if (i % 1000 == 0) ledger_->drain();
  }
  say(2, Kind::kOwns);
  say(1, Kind::kGivesUp);
  ledger_->drain();
  ledger_->end();
  ASSERT_TRUE(ledger_->violated());
  const Finding finding = ledger_->findings().front();
  const std::vector<Event> excerpt = ledger_->excerpt(finding, 50);
  ASSERT_GE(excerpt.size(), 4u);
  EXPECT_LE(excerpt.size(), 54u);
  EXPECT_EQ(excerpt[0].value, 41);
  EXPECT_EQ(excerpt[1].value, 42);
  EXPECT_EQ(excerpt[2].kind, Kind::kOwns);
  EXPECT_EQ(excerpt[2].life, 1u);
  EXPECT_EQ(excerpt.back().seq, finding.events.back().seq);
  for (std::size_t i = 1; i < excerpt.size(); ++i) EXPECT_LT(excerpt[i - 1].seq, excerpt[i].seq);
}

TEST_F(LedgerTest, an_excerpt_leaves_out_what_came_before_the_breach) {
  say(1, Kind::kStart, 41);
  say(2, Kind::kStart, 42);
  say(3, Kind::kClaim);
  say(1, Kind::kOwns);
  say(2, Kind::kOwns);
  say(1, Kind::kGivesUp);
  ledger_->drain();
  ledger_->end();
  ASSERT_TRUE(ledger_->violated());
  std::vector<std::uint64_t> seqs;
  for (const Event& event : ledger_->excerpt(ledger_->findings().front(), 50)) {
    seqs.push_back(event.seq);
  }
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{1, 2, 4, 5}));
}

}  // namespace
}  // namespace lockproof
