// SPDX-License-Identifier: Apache-2.0
// All invariants against random histories: silent about a lock that keeps every promise, not silent
// about one that keeps none.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <set>

#include "invariants/history_builder.h"
#include "invariants/ideal_lock.h"

namespace lockproof::test {
namespace {

// Tight, so that every bound is reached often.
const Bounds kTight = {.recover_ms = 10, .wait_attempts = 2, .parent_ms = 5};

std::vector<std::string> every_name() {
  std::vector<std::string> names;
  for (const InvariantInfo& info : all_invariants()) names.emplace_back(info.name);
  return names;
}

std::string alarms(const History& history) {
  std::string text;
  for (const Finding& finding : check(history, every_name(), kTight)) {
    text += finding.invariant + ": " + finding.why + "\n";
  }
  return text;
}

std::vector<unsigned> random_choices(std::uint64_t seed, std::size_t length) {
  std::mt19937_64 random(seed);
  std::vector<unsigned> choices(length);
  for (unsigned& choice : choices) choice = random() % 4096;
  return choices;
}

// Is there a second `owns` inside an ownership whose holder nobody killed before and that speaks
// again afterwards? In other words than the invariant's, quadratic, and for histories that are
// whole.
bool two_owners_for_certain(const std::vector<Event>& events) {
  std::set<Life> killed;
  for (std::size_t a = 0; a < events.size(); ++a) {
    if (events[a].kind == Kind::kFault && events[a].value == SIGKILL) {
      killed.insert(events[a].target);
    }
    if (events[a].kind != Kind::kOwns || killed.contains(events[a].life)) continue;
    std::set<std::size_t> seconds;
    for (std::size_t b = a + 1; b < events.size(); ++b) {
      const bool own = events[b].life == events[a].life && events[b].kind != Kind::kEnded;
      if (own && !seconds.empty()) return true;
      if (own || (events[b].life == events[a].life)) break;
      if (events[b].kind == Kind::kFault && events[b].target == events[a].life &&
          events[b].value == SIGKILL && seconds.empty()) {
        break;
      }
      if (events[b].kind == Kind::kOwns) seconds.insert(b);
    }
  }
  return false;
}

RC_GTEST_PROP(Soundness, NothingIsSaidAboutAnIdealLock, ()) {
  const auto choices =
      *rc::gen::resize(600, rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0u, 4096u)));
  const std::string text = alarms(IdealLock().play(choices).history());
  RC_LOG() << text;
  RC_ASSERT(text.empty());
}

TEST(Soundness, NothingIsSaidAboutTwentyThousandHistoriesOfAnIdealLock) {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    const auto choices = random_choices(seed, 50 + seed % 500);
    ASSERT_EQ(alarms(IdealLock().play(choices).history()), "") << "seed " << seed;
  }
}

TEST(Soundness, ABrokenLockIsCaughtWheneverTwoOwnersAreCertain) {
  int certain = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto choices = random_choices(seed, 50 + seed % 500);
    const History history = IdealLock(true).play(choices).history();
    if (!two_owners_for_certain(history.events)) continue;
    ++certain;
    ASSERT_FALSE(check(history, {"one_owner"}).empty()) << "seed " << seed;
  }
  EXPECT_GT(certain, 500);
}

TEST(Soundness, ABrokenLockHasAWrongRecordToo) {
  int caught = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const History history = IdealLock(true).play(random_choices(seed, 500)).history();
    caught += check(history, {"only_the_owner_clears", "record_names_owner"}).empty() ? 0 : 1;
  }
  EXPECT_GT(caught, 200);
}

// A generator that never reaches a case proves nothing about it.
TEST(Soundness, TheHistoriesOfTheIdealLockReachEveryKindOfTrouble) {
  int owners = 0, losers = 0, killed_owners = 0, silent = 0, looks_while_owned = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const History history = IdealLock().play(random_choices(seed, 500)).history();
    Life owner = 0;
    for (const Event& event : history.events) {
      if (event.kind == Kind::kOwns) owner = event.life, ++owners;
      if (event.kind == Kind::kGivesUp) owner = 0;
      if (event.kind == Kind::kBusy) ++losers;
      if (event.kind == Kind::kFault && event.target == owner && event.value == SIGKILL) {
        ++killed_owners;
      }
      if (event.kind == Kind::kEnded && event.value == 0) ++silent;
      if (event.kind == Kind::kLook && owner != 0) ++looks_while_owned;
    }
  }
  for (int count : {owners, losers, killed_owners, silent, looks_while_owned}) {
    EXPECT_GT(count, 50);
  }
}

TEST(Registry, NamesAreFoundAndSafetyComesFirst) {
  bool liveness = false;
  std::set<std::string_view> names;
  for (const InvariantInfo& info : all_invariants()) {
    EXPECT_EQ(find_invariant(info.name), &info);
    EXPECT_TRUE(names.insert(info.name).second);
    EXPECT_FALSE(info.sentence.empty());
    liveness = liveness || info.finding_class == FindingClass::kLiveness;
    EXPECT_EQ(info.finding_class == FindingClass::kLiveness, liveness) << info.name;
  }
  EXPECT_EQ(find_invariant("no_such_claim"), nullptr);
}

TEST(Registry, AnEmptyHistoryBreaksNothing) { EXPECT_EQ(alarms(History{}), ""); }

}  // namespace
}  // namespace lockproof::test
