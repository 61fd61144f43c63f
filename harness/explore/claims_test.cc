// SPDX-License-Identifier: Apache-2.0
// Each claim as a table: a step that breaks it, and those next to it that do not.
#include "explore/claims.h"

#include <gtest/gtest.h>

#include "invariants/invariant.h"

namespace lockproof {
namespace {

constexpr std::uint8_t code(Change change) {
  return static_cast<std::uint8_t>(1 + static_cast<int>(change));
}
constexpr std::uint8_t record(Change change) { return code(change); }
constexpr std::uint16_t lock(Change change) {
  return static_cast<std::uint16_t>(code(change) << 4);
}
constexpr std::uint16_t side(Change change) {
  return static_cast<std::uint16_t>(code(change) << 8);
}

constexpr Facts kIdle = {.present = 7, .alive = 7, .cast = 7};
constexpr Facts owned_by(Places who) { return {.present = 7, .alive = 7, .cast = 7, .owns = who}; }

struct Row {
  const char* what;
  const char* claim;
  bool broken;
  Facts before;
  Transition step;
  Facts after;
};
using K = Change;

const Row kRows[] = {
    {"one owner", "one_owner", false, kIdle, {}, owned_by(2)},
    {"two owners", "one_owner", true, owned_by(2), {}, owned_by(3)},

    {"the record names the owner",
     "record_names_owner",
     false,
     kIdle,
     {},
     {.owns = 2, .record = 1}},
    {"it names another", "record_names_owner", true, kIdle, {}, {.owns = 2, .record = 0}},
    {"it is absent", "record_names_owner", true, kIdle, {}, {.owns = 2, .record = kRecordAbsent}},
    {"it is torn", "record_names_owner", true, kIdle, {}, {.owns = 1, .record = kRecordTorn}},
    {"nobody owns", "record_names_owner", false, kIdle, {}, {.record = kRecordTorn}},
    {"there is none", "record_names_owner", false, kIdle, {}, {.owns = 1, .record = kRecordNone}},

    {"a side file of the owner", "no_stale_side_file", false, kIdle, {}, {.owns = 2, .side = 1}},
    {"of another", "no_stale_side_file", true, kIdle, {}, {.owns = 2, .side = 0}},
    {"of a dead one", "no_stale_side_file", true, kIdle, {}, {.owns = 2, .side = kRecordOther}},
    {"of nobody", "no_stale_side_file", false, kIdle, {}, {.owns = 2, .side = kRecordTorn}},
    {"an empty one", "no_stale_side_file", false, kIdle, {}, {.owns = 2, .side = kRecordEmpty}},
    {"none", "no_stale_side_file", false, kIdle, {}, {.owns = 2, .side = kRecordAbsent}},
    {"nobody owns", "no_stale_side_file", false, kIdle, {}, {.side = 1}},

    {"a user's instance is signalled",
     "user_managed_spared",
     true,
     kIdle,
     {.choice = {}, .breaks = kSignalsUnasked},
     kIdle},
    {"one that is ready is signalled",
     "ready_spared",
     true,
     kIdle,
     {.choice = {}, .breaks = kSignalsTheReady},
     kIdle},
    {"one that a user started is",
     "ready_spared",
     false,
     kIdle,
     {.choice = {}, .breaks = kSignalsUnasked},
     kIdle},
    {"one that had given up is signalled",
     "no_former_owner_signalled",
     true,
     kIdle,
     {.choice = {}, .breaks = kSignalsTheFormer},
     kIdle},
    {"one that is ready is",
     "no_former_owner_signalled",
     false,
     kIdle,
     {.choice = {}, .breaks = kSignalsTheReady},
     kIdle},
    {"a start beside an owner",
     "no_needless_start",
     true,
     kIdle,
     {.choice = {}, .breaks = kStartsNeedlessly},
     kIdle},
    {"a start in a stop",
     "no_needless_start",
     false,
     kIdle,
     {.choice = {}, .breaks = kStartsInAStop},
     kIdle},
    {"another promise is broken",
     "user_managed_spared",
     false,
     kIdle,
     {.choice = {}, .breaks = kStartsInAStop},
     kIdle},

    {"a loser had touched",
     "losers_touch_nothing",
     true,
     owned_by(2),
     {.choice = {}, .place = 0, .touched = true, .said_busy = true},
     owned_by(2)},
    {"it had touched nothing",
     "losers_touch_nothing",
     false,
     owned_by(2),
     {.choice = {}, .place = 0, .said_busy = true},
     owned_by(2)},
    {"who touched is not told busy",
     "losers_touch_nothing",
     false,
     owned_by(2),
     {.choice = {}, .place = 0, .touched = true},
     owned_by(2)},
    {"a loser writes later",
     "losers_touch_nothing",
     true,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 0, .changed = record(K::kWrite)},
     {}},
    {"a loser unlinks the lock later",
     "losers_touch_nothing",
     true,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 0, .changed = lock(K::kUnlink)},
     {}},
    {"it creates the lock file",
     "losers_touch_nothing",
     false,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 0, .changed = lock(K::kCreate)},
     {}},
    {"and the side file with it",
     "losers_touch_nothing",
     true,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 0, .changed = lock(K::kCreate) | side(K::kCreate)},
     {}},
    {"and the record with it",
     "losers_touch_nothing",
     true,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 0, .changed = lock(K::kCreate) | record(K::kCreate)},
     {}},
    {"one that was not told busy writes",
     "losers_touch_nothing",
     false,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 2, .changed = record(K::kWrite)},
     {}},
    {"nobody owns any more",
     "losers_touch_nothing",
     false,
     {.busy = 1},
     {.choice = {}, .place = 0, .changed = record(K::kWrite)},
     {}},
    {"the owner writes",
     "losers_touch_nothing",
     false,
     {.busy = 1, .owns = 2},
     {.choice = {}, .place = 1, .changed = record(K::kWrite)},
     {}},

    {"another unlinks the record",
     "only_the_owner_clears",
     true,
     owned_by(2),
     {.choice = {}, .place = 0, .changed = record(K::kUnlink)},
     {}},
    {"another truncates it",
     "only_the_owner_clears",
     true,
     owned_by(2),
     {.choice = {}, .place = 0, .changed = record(K::kTruncate)},
     {}},
    {"another replaces the lock",
     "only_the_owner_clears",
     true,
     owned_by(2),
     {.choice = {}, .place = 0, .changed = lock(K::kReplace)},
     {}},
    {"another unlinks the side file",
     "only_the_owner_clears",
     true,
     owned_by(2),
     {.choice = {}, .place = 0, .changed = side(K::kUnlink)},
     {}},
    {"another writes",
     "only_the_owner_clears",
     false,
     owned_by(2),
     {.choice = {}, .place = 0, .changed = record(K::kWrite)},
     {}},
    {"another creates",
     "only_the_owner_clears",
     false,
     owned_by(2),
     {.choice = {}, .place = 0, .changed = lock(K::kCreate)},
     {}},
    {"the owner unlinks",
     "only_the_owner_clears",
     false,
     owned_by(2),
     {.choice = {}, .place = 1, .changed = record(K::kUnlink)},
     {}},
    {"nobody owns",
     "only_the_owner_clears",
     false,
     kIdle,
     {.choice = {}, .place = 0, .changed = record(K::kUnlink)},
     {}},
    {"one of two owners unlinks",
     "only_the_owner_clears",
     false,
     owned_by(6),
     {.choice = {}, .place = 1, .changed = record(K::kUnlink)},
     {}},

    {"a stranger is signalled",
     "no_stranger_signalled",
     true,
     {.strangers = 4},
     {.choice = {}, .signalled = 2},
     {}},
    {"another is",
     "no_stranger_signalled",
     false,
     {.strangers = 4},
     {.choice = {}, .signalled = 1},
     {}},
    {"nobody is", "no_stranger_signalled", false, {.strangers = 0xff}, {}, {}},

    {"a child keeps the lock",
     "no_lock_leak",
     true,
     {.present = 6, .cast = 2, .lock = kLockHeld},
     {.choice = {}, .late_lost = true},
     {}},
    {"there is no child",
     "no_lock_leak",
     false,
     {.present = 2, .cast = 2, .lock = kLockHeld},
     {.choice = {}, .late_lost = true},
     {}},
    {"there is a stranger",
     "no_lock_leak",
     false,
     {.present = 6, .cast = 2, .strangers = 4, .lock = kLockHeld},
     {.choice = {}, .late_lost = true},
     {}},
    {"the lock is free",
     "no_lock_leak",
     false,
     {.present = 6, .cast = 2, .lock = kLockFree},
     {.choice = {}, .late_lost = true},
     {}},
    {"the late one has not lost",
     "no_lock_leak",
     false,
     {.present = 6, .cast = 2, .lock = kLockHeld},
     {},
     {}},

    {"an owner with the lock",
     "no_unlocked_owner",
     false,
     kIdle,
     {},
     {.owns = 1, .lock = kLockHeld}},
    {"without", "no_unlocked_owner", true, kIdle, {}, {.owns = 1, .lock = kLockFree}},
    {"on a file without a name",
     "no_unlocked_owner",
     true,
     kIdle,
     {},
     {.owns = 1, .lock = kLockOrphan}},
    {"nobody owns", "no_unlocked_owner", false, kIdle, {}, {.lock = kLockFree}},

    {"a probe changes a name",
     "probes_change_nothing",
     true,
     {.probing = 1},
     {.choice = {}, .place = 0, .tree_changed = true},
     {}},
    {"another changes it",
     "probes_change_nothing",
     false,
     {.probing = 1},
     {.choice = {}, .place = 1, .tree_changed = true},
     {}},
    {"a probe writes by its first step",
     "probes_change_nothing",
     true,
     {},
     {.choice = {}, .place = 0, .tree_changed = true, .probing = true},
     {}},
    {"a probe reads",
     "probes_change_nothing",
     false,
     {.probing = 1},
     {.choice = {}, .place = 0},
     {}},

    {"what is owned is destroyed",
     "refuses_while_owned",
     true,
     owned_by(2),
     {.choice = {}, .breaks = kDestroysTheOwned},
     owned_by(2)},
    {"another promise is broken",
     "refuses_while_owned",
     false,
     owned_by(2),
     {.choice = {}, .breaks = kStartsInAStop},
     owned_by(2)},

    {"a start in a stop",
     "stop_respected",
     true,
     kIdle,
     {.choice = {}, .breaks = kStartsInAStop},
     {}},
    {"another promise is broken",
     "stop_respected",
     false,
     kIdle,
     {.choice = {}, .breaks = kDestroysTheOwned},
     kIdle},
    {"an end in error", "clean_exit", true, kIdle, {.choice = {}, .exits_in_error = true}, {}},
    {"another end", "clean_exit", false, kIdle, {}, {}},

    {"the late one loses", "recovers", true, kIdle, {.choice = {}, .late_lost = true}, {}},
    {"another is told busy", "recovers", false, kIdle, {.choice = {}, .said_busy = true}, {}},
};

TEST(ClaimsTest, AreBrokenByThatStepAlone) {
  for (const Row& row : kRows) {
    const Claim* claim = find_claim(row.claim);
    ASSERT_NE(claim, nullptr) << row.claim;
    EXPECT_EQ(claim->broken(row.before, row.step, row.after), row.broken)
        << row.claim << ": " << row.what;
  }
}

TEST(ClaimsTest, WhoStillClaimsAtRestHasNotRecovered) {
  const Claim* recovers = find_claim("recovers");
  EXPECT_TRUE(recovers->broken_at_rest({.claiming = 1}, {}));
  EXPECT_FALSE(recovers->broken_at_rest({.claiming = 1, .owns = 2}, {}));
  EXPECT_FALSE(recovers->broken_at_rest({.busy = 1}, {}));
  EXPECT_TRUE(recovers->broken_at_rest({}, {.launched = true}));
  EXPECT_FALSE(recovers->broken_at_rest({.owns = 2}, {.launched = true}));
}

struct RestRow {
  const char* what;
  const char* claim;
  bool broken;
  Facts facts;
  Rest rest;
};
constexpr Facts kNoRecord = {.present = 7, .alive = 7, .cast = 7, .record = kRecordNone};
constexpr Facts names(std::int8_t who) {
  return {.present = 7, .alive = 7, .cast = 7, .record = who};
}

const RestRow kRestRows[] = {
    {"one lives", "one_survivor", false, kNoRecord, {.instances = 2, .calm = true}},
    {"two live", "one_survivor", true, kNoRecord, {.instances = 6, .calm = true}},
    {"it is no rest", "one_survivor", false, kNoRecord, {.instances = 6}},
    {"it is recorded", "one_survivor", false, names(1), {.instances = 2, .calm = true}},
    {"another is", "one_survivor", true, names(0), {.instances = 2, .calm = true}},
    {"nobody is", "one_survivor", true, names(kRecordAbsent), {.instances = 2, .calm = true}},
    {"none lives", "one_survivor", true, names(0), {.calm = true, .started = true}},
    {"on purpose",
     "one_survivor",
     false,
     names(0),
     {.calm = true, .started = true, .on_purpose = true}},
    {"none was started", "one_survivor", false, names(0), {.calm = true}},

    {"it is recorded", "no_orphan", false, names(1), {.instances = 2, .calm = true}},
    {"another is", "no_orphan", true, names(0), {.instances = 2, .calm = true}},
    {"one of two is", "no_orphan", true, names(1), {.instances = 6, .calm = true}},
    {"it is no rest", "no_orphan", false, names(0), {.instances = 2}},
    {"there is no record", "no_orphan", false, kNoRecord, {.instances = 2, .calm = true}},
    {"a failed start left one", "no_orphan", true, kNoRecord, {.left_behind = 2, .calm = true}},
    {"it is dead", "no_orphan", false, kNoRecord, {.left_behind = 8, .calm = true}},

    {"who depends lives on", "parent_death_noticed", true, {.orphans = 1}, {}},
    {"nobody does", "parent_death_noticed", false, kIdle, {}},
};

TEST(ClaimsTest, AtRestTheyAreBrokenByThatStateAlone) {
  for (const RestRow& row : kRestRows) {
    EXPECT_EQ(find_claim(row.claim)->broken_at_rest(row.facts, row.rest), row.broken)
        << row.claim << ": " << row.what;
  }
}

TEST(ClaimsTest, EachInvariantIsOneInTheirOrder) {
  const auto& invariants = all_invariants();
  ASSERT_EQ(all_claims().size(), invariants.size());
  for (std::size_t i = 0; i < invariants.size(); ++i) {
    EXPECT_EQ(all_claims()[i].invariant, invariants[i].name);
  }
  EXPECT_EQ(find_claim(""), nullptr);
}

}  // namespace
}  // namespace lockproof
