// SPDX-License-Identifier: Apache-2.0
// Five invariants are no claims, because no subject says what they are about:
//
//   one_survivor, no_orphan, user_managed_spared: who is an instance, and whose. A verb has no role
//     (role:: in core/event.h), and who is forked is a child. The first one also asks whether
//     anything was stopped, failed or was struck since the last rest.
//   no_stale_side_file: a subject names no side file, and not how one is read.
//   parent_death_noticed: who depends on its parent; and how long it is dead is in no state.
#include "explore/claims.h"

#include <bit>

namespace lockproof {
namespace {

bool has(Places places, unsigned place) { return place < kPlaces && (places >> place & 1) != 0; }
Places others(Places places, unsigned place) {
  return static_cast<Places>(places & ~(1u << place));
}

unsigned record_change(const Transition& step) { return step.changed & 15u; }
unsigned lock_change(const Transition& step) { return step.changed >> 4; }
constexpr unsigned code(Change change) { return 1 + static_cast<unsigned>(change); }
bool clears(unsigned change) {
  return change == code(Change::kUnlink) || change == code(Change::kTruncate) ||
         change == code(Change::kReplace);
}

bool one_owner(const Facts&, const Transition&, const Facts& after) {
  return std::popcount(after.owns) > 1;
}

bool record_names_owner(const Facts&, const Transition&, const Facts& after) {
  return after.owns != 0 &&
         (after.record < 0 || !has(after.owns, static_cast<unsigned>(after.record)));
}

// Creating the lock file is no change of anything: invariants/losers_touch_nothing.cc.
bool losers_touch_nothing(const Facts& before, const Transition& step, const Facts&) {
  if (step.said_busy && step.touched) return true;
  const bool harmless = record_change(step) == 0 && lock_change(step) == code(Change::kCreate);
  return step.changed != 0 && !harmless && has(before.busy, step.place) &&
         others(before.owns, step.place) != 0;
}

bool only_the_owner_clears(const Facts& before, const Transition& step, const Facts&) {
  return (clears(record_change(step)) || clears(lock_change(step))) &&
         !has(before.owns, step.place) && others(before.owns, step.place) != 0;
}

bool no_stranger_signalled(const Facts& before, const Transition& step, const Facts&) {
  return has(before.strangers, step.signalled);
}

bool no_lock_leak(const Facts& before, const Transition& step, const Facts&) {
  const unsigned children = before.present & ~(before.cast | before.strangers);
  return step.late_lost && before.lock == kLockHeld && children != 0;
}

bool no_unlocked_owner(const Facts&, const Transition&, const Facts& after) {
  return after.owns != 0 && after.lock != kLockHeld;
}

bool probes_change_nothing(const Facts& before, const Transition& step, const Facts&) {
  return step.tree_changed && has(before.probing, step.place);
}

bool refuses_while_owned(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kDestroysTheOwned) != 0;
}

bool clean_exit(const Facts&, const Transition& step, const Facts&) { return step.exits_in_error; }

bool stop_respected(const Facts&, const Transition& step, const Facts&) {
  return (step.breaks & kStartsInAStop) != 0;
}

bool recovers(const Facts&, const Transition& step, const Facts&) { return step.late_lost; }

bool nothing(const Facts&, const Transition&, const Facts&) { return false; }

bool somebody_waits(const Facts& facts) { return facts.claiming != 0 && facts.owns == 0; }

}  // namespace

const std::vector<Claim>& all_claims() {
  static const std::vector<Claim> claims = {
      {"one_owner", one_owner},
      {"record_names_owner", record_names_owner},
      {"losers_touch_nothing", losers_touch_nothing},
      {"only_the_owner_clears", only_the_owner_clears},
      {"no_stranger_signalled", no_stranger_signalled},
      {"no_lock_leak", no_lock_leak},
      {"no_unlocked_owner", no_unlocked_owner},
      {"probes_change_nothing", probes_change_nothing},
      {"refuses_while_owned", refuses_while_owned},
      {"clean_exit", clean_exit},
      {"stop_respected", stop_respected},
      {"recovers", recovers, somebody_waits},
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
