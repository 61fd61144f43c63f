// SPDX-License-Identifier: Apache-2.0
#include "explore/wakeup_tree.h"

#include <algorithm>
#include <cassert>

namespace lockproof {

bool may_come_first(const KnownStep& first, const Sequence& sequence) {
  for (const KnownStep& step : sequence) {
    if (step.actor == first.actor) return step.choice == first.choice;
    if (dependent(step.footprint, first.footprint)) return false;
  }
  return !first.optional;
}

// To the first branch that may begin such a run; what it has of the sequence is taken out.
std::vector<WakeupTree::Branch>::const_iterator WakeupTree::descend(Sequence& sequence) const {
  const auto next = std::find_if(branches_.begin(), branches_.end(), [&](const Branch& branch) {
    return may_come_first(branch.first, sequence);
  });
  if (next == branches_.end()) return next;
  const auto same = std::find_if(sequence.begin(), sequence.end(), [&](const KnownStep& step) {
    return step.actor == next->first.actor;
  });
  if (same != sequence.end()) sequence.erase(same);
  return next;
}

bool WakeupTree::covers(Sequence sequence) const {
  const WakeupTree* at = this;
  while (!sequence.empty()) {
    const auto next = at->descend(sequence);
    if (next == at->branches_.end()) return false;
    at = &next->rest;
    if (at->empty()) return true;
  }
  return true;
}

bool WakeupTree::insert(Sequence sequence) {
  WakeupTree* at = this;
  while (!sequence.empty()) {
    const auto next = at->descend(sequence);
    if (next == at->branches_.end()) break;
    at = &at->branches_[static_cast<std::size_t>(next - at->branches_.begin())].rest;
    if (at->empty()) return false;
  }
  const bool missing = !sequence.empty();
  for (KnownStep& step : sequence) {
    at->branches_.push_back({std::move(step), {}});
    at = &at->branches_.back().rest;
  }
  return missing;
}

WakeupTree::Branch WakeupTree::take_first() {
  assert(!empty());
  Branch first = std::move(branches_.front());
  branches_.erase(branches_.begin());
  return first;
}

}  // namespace lockproof
