// SPDX-License-Identifier: Apache-2.0
#include "invariants/invariant.h"

#include <cassert>
#include <iterator>
#include <utility>

#include "invariants/claims.h"

namespace lockproof {

void Invariant::report(std::string why, std::vector<Event> events) {
  assert(info_ != nullptr);
  if (findings_.size() >= kFindings) return;
  findings_.push_back({std::string(info_->name), std::string(info_->sentence), info_->finding_class,
                       std::move(why), std::move(events)});
}

std::unique_ptr<Invariant> InvariantInfo::create(const Bounds& bounds) const {
  std::unique_ptr<Invariant> invariant = make(bounds);
  invariant->info_ = this;
  return invariant;
}

const std::vector<InvariantInfo>& all_invariants() {
  static const std::vector<InvariantInfo> all = {
#define LOCKPROOF_INVARIANT(name, finding_class, needs_beginning, sentence) \
  {#name, sentence, FindingClass::finding_class, needs_beginning, &make_##name},
#include "invariants/invariants.def"
#undef LOCKPROOF_INVARIANT
  };
  return all;
}

const InvariantInfo* find_invariant(std::string_view name) {
  for (const InvariantInfo& info : all_invariants()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::vector<Finding> check(const History& history, const std::vector<std::string>& names,
                           const Bounds& bounds) {
  std::vector<Finding> findings;
  for (const std::string& name : names) {
    const InvariantInfo* info = find_invariant(name);
    assert(info != nullptr);
    if (history.excerpt && info->needs_beginning) continue;
    const std::unique_ptr<Invariant> invariant = info->create(bounds);
    for (const Event& event : history.events) invariant->see(event);
    invariant->end();
    findings.insert(findings.end(), invariant->findings().begin(), invariant->findings().end());
  }
  return findings;
}

}  // namespace lockproof
