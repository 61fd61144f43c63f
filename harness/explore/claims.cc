// SPDX-License-Identifier: Apache-2.0
#include "explore/claims.h"

#include <bit>

namespace lockproof {
namespace {

bool has(Places places, unsigned place) { return place < kPlaces && (places >> place & 1) != 0; }
Places others(Places places, unsigned place) {
  return static_cast<Places>(places & ~(1u << place));
}

unsigned record_change(const Transition& step) { return step.changed & 15u; }
unsigned lock_change(const Transition& step) { return step.changed >> 4 & 15u; }
unsigned side_change(const Transition& step) { return step.changed >> 8 & 15u; }
constexpr unsigned code(Change change) { return 1 + static_cast<unsigned>(change); }
bool clears(unsigned change) {
  return change == code(Change::kUnlink) || change == code(Change::kTruncate) ||
         change == code(Change::kReplace);
}

bool one_owner(const Facts&, const Transition&, const Facts& after) {
  return std::popcount(after.owns) > 1;
}

bool record_names_owner(const Facts&, const Transition&, const Facts& after) {
  return after.owns != 0 && after.record != kRecordNone &&
         (after.record < 0 || !has(after.owns, static_cast<unsigned>(after.record)));
}

// Creating the lock file is no change of anything: invariants/losers_touch_nothing.cc.
bool losers_touch_nothing(const Facts& before, const Transition& step, const Facts&) {
  if (step.said_busy && step.touched) return true;
  const bool harmless = step.changed == code(Change::kCreate) << 4;
  return step.changed != 0 && !harmless && has(before.busy, step.place) &&
         others(before.owns, step.place) != 0;
}

bool only_the_owner_clears(const Facts& before, const Transition& step, const Facts&) {
  const bool some =
      clears(record_change(step)) || clears(lock_change(step)) || clears(side_change(step));
  return some && !has(before.owns, step.place) && others(before.owns, step.place) != 0;
}

bool no_stranger_signalled(const Facts& before, const Transition& step, const Facts&) {
  return has(before.strangers, step.signalled);
}

bool user_managed_spared(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kSignalsUnasked) != 0;
}

bool ready_spared(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kSignalsTheReady) != 0;
}

bool no_former_owner_signalled(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kSignalsTheFormer) != 0;
}

bool no_lock_leak(const Facts& before, const Transition& step, const Facts&) {
  const unsigned children = before.present & ~(before.cast | before.strangers);
  return step.late_lost && before.lock == kLockHeld && children != 0;
}

bool no_unlocked_owner(const Facts&, const Transition&, const Facts& after) {
  return after.owns != 0 && after.lock != kLockHeld;
}

bool probes_change_nothing(const Facts& before, const Transition& step, const Facts&) {
  return step.tree_changed && (step.probing || has(before.probing, step.place));
}

bool refuses_while_owned(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kDestroysTheOwned) != 0;
}

bool clean_exit(const Facts&, const Transition& step, const Facts&) { return step.exits_in_error; }

bool stop_respected(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kStartsInAStop) != 0;
}

bool no_needless_start(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kStartsNeedlessly) != 0;
}

bool no_stale_side_file(const Facts&, const Transition&, const Facts& after) {
  const bool names_a_process = after.side >= 0 || after.side == kRecordOther;
  return after.owns != 0 && names_a_process &&
         (after.side < 0 || !has(after.owns, static_cast<unsigned>(after.side)));
}

bool recovers(const Facts&, const Transition& step, const Facts&) { return step.late_lost; }

bool nothing(const Facts&, const Transition&, const Facts&) { return false; }

bool somebody_waits(const Facts& facts, const Rest&) {
  return facts.claiming != 0 && facts.owns == 0;
}

bool nobody_got_in(const Facts& facts, const Rest& rest) {
  return facts.owns == 0 && (facts.claiming != 0 || rest.launched);
}

// The record does not name all of them.
bool is_untracked(const Facts& facts, Places instances) {
  if (facts.record == kRecordNone) return false;
  return (facts.record >= 0 ? others(instances, static_cast<unsigned>(facts.record)) : instances) !=
         0;
}

bool one_survivor(const Facts& facts, const Rest& rest) {
  if (!rest.calm) return false;
  const int count = std::popcount(rest.instances);
  if (count == 0) return rest.started && !rest.on_purpose;
  return count > 1 || is_untracked(facts, rest.instances);
}

bool no_orphan(const Facts& facts, const Rest& rest) {
  if (!rest.calm) return false;
  return (rest.left_behind & facts.alive) != 0 || is_untracked(facts, rest.instances);
}

bool is_orphaned(const Facts& facts, const Rest&) { return facts.orphans != 0; }

}  // namespace

const std::vector<Claim>& all_claims() {
  static const std::vector<Claim> claims = {
      {"one_owner", one_owner},
      {"record_names_owner", record_names_owner},
      {"losers_touch_nothing", losers_touch_nothing},
      {"only_the_owner_clears", only_the_owner_clears},
      {"no_stranger_signalled", no_stranger_signalled},
      {"user_managed_spared", user_managed_spared},
      {"ready_spared", ready_spared},
      {"no_former_owner_signalled", no_former_owner_signalled},
      {"no_lock_leak", no_lock_leak},
      {"no_unlocked_owner", no_unlocked_owner},
      {"probes_change_nothing", probes_change_nothing},
      {"refuses_while_owned", refuses_while_owned},
      {"one_survivor", nothing, one_survivor},
      {"clean_exit", clean_exit},
      {"no_orphan", nothing, no_orphan},
      {"stop_respected", stop_respected},
      {"no_needless_start", no_needless_start},
      {"no_stale_side_file", no_stale_side_file},
      {"parent_death_noticed", nothing, is_orphaned, ForEver::kOrphan},
      {"recovers", recovers, nobody_got_in},
      {"no_livelock", nothing, somebody_waits, ForEver::kLivelock},
      {"no_hot_spin", nothing, nullptr, ForEver::kHotSpin},
  };
  return claims;
}

const Claim* find_claim(std::string_view invariant) {
  for (const Claim& claim : all_claims()) {
    if (claim.invariant == invariant) return &claim;
  }
  return nullptr;
}

}  // namespace lockproof
