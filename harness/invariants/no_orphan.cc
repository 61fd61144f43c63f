// SPDX-License-Identifier: Apache-2.0
// no_orphan: every live instance is tracked, and a failed start leaves nothing behind.
//
// Judged at rest (rest.h). Broken when an instance lives through the rest and the record, at a look
// within it, names nobody or another one; or when it lives through the rest although the attempt in
// which its launcher started it ended as `failed`.
#include <fmt/format.h>

#include <utility>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"
#include "invariants/rest.h"

namespace lockproof {
namespace {

class NoOrphan final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kFailed) note_failed_start(event);
    if (event.kind == Kind::kEnded) {
      std::erase_if(left_, [&](const auto& left) { return left.first == event.life; });
    }
    if (!rest_.ends(event, lives())) return;
    for (const auto& [life, failed] : left_) {
      const LiveLife* instance = lives().find(life);
      if (instance == nullptr || instance->start.seq > rest_.begin().seq) continue;
      suspect(
          {life}, event.seq,
          fmt::format("{} lived on at rest, although the start of it by life {} failed at event "
                      "{}",
                      called(*instance), failed.life, failed.seq),
          {instance->start, failed, event});
    }
    const auto& record = rest_.record();
    if (!record || record->value == seen::kUnknown) return;
    for (const auto& [life, instance] : lives().all()) {
      if (!rest_.counts(instance) || instance.pid() == 0 || instance.pid() == record->value) {
        continue;
      }
      suspect({life}, event.seq,
              fmt::format("{} lived on at rest, but the record {} at event {}", called(instance),
                          describe_seen(record->value), record->seq),
              {instance.start, *record, event});
    }
  }

  void note_failed_start(const Event& failed) {
    const LiveLife* launcher = lives().find(failed.life);
    if (launcher == nullptr || !launcher->claiming()) return;
    for (const auto& [life, instance] : lives().all()) {
      const bool its_own = instance.start.target == failed.life &&
                           instance.start.seq > launcher->turn.seq &&
                           instance.role() == role::kInstance;
      if (its_own) left_.emplace_back(life, failed);
    }
  }

  Rest rest_;
  std::vector<std::pair<Life, Event>> left_;  // live instances whose start failed
};

}  // namespace

std::unique_ptr<Invariant> make_no_orphan(const Bounds&) { return std::make_unique<NoOrphan>(); }

}  // namespace lockproof
