// SPDX-License-Identifier: Apache-2.0
// only_the_owner_clears: nobody resets or removes what is another's.
//
// The record, the lock and the side files are the owner's. Broken when a life that does not own
// unlinks, truncates or replaces one of them, from begin to end inside the ownership of another:
// a former owner that cleans up late, a thief, a loser. (Where both own, that is one_owner's.)
//
// A stop intent is the stopper's that wrote it last. Broken when another life unlinks or truncates
// it, from begin to end inside that stop. Who wrote last is unknown when writes overlap or a writer
// died in one, and then nothing is said.
#include <fmt/format.h>

#include <utility>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class OnlyTheOwnerClears final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kStop) {
      stops_.see(event);
    } else if (event.kind == Kind::kEnded) {
      const Event* torn = changes_.begun(event.life, Kind::kChange);
      if (torn != nullptr && torn->object == Object::kIntent) writer_ = kHarness;
      changes_.forget(event.life);
      stops_.forget(event.life);
    } else if (event.kind == Kind::kChange && event.life != kHarness) {
      judge_change(event);
    }
  }

  void judge_change(const Event& event) {
    const Event* begin = changes_.see(event);
    const auto change = static_cast<Change>(event.value);
    if (begin == nullptr || event.object == Object::kNone) return;
    if (event.object == Object::kIntent) return judge_intent(*begin, event, change);
    if (change != Change::kUnlink && change != Change::kTruncate && change != Change::kReplace) {
      return;
    }
    const LiveLife* author = lives().find(event.life);
    if (author != nullptr && author->owns()) return;
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      suspect({owner.life}, event.seq,
              fmt::format("{} cleared the {} ({}) {}, while {} owned since event "
                          "{} and was alive",
                          author == nullptr ? fmt::format("life {}", event.life) : called(*author),
                          name(event.object), name(change), when(*begin, event), called(owner),
                          owner.turn.seq),
              {owner.turn, event});
    });
  }

  void judge_intent(const Event& begin, const Event& event, Change change) {
    if (change != Change::kUnlink && change != Change::kTruncate) {
      const bool alone = written_ < begin.seq && !others_write();
      writer_ = alone ? event.life : kHarness;
      written_ = event.seq;
      return;
    }
    const Event* stop = writer_ == kHarness ? nullptr : stops_.begun(writer_, Kind::kStop);
    const LiveLife* stopper = lives().find(writer_);
    if (writer_ == event.life || stop == nullptr || stopper == nullptr || killed(*stopper)) return;
    if (stop->seq > begin.seq || written_ > begin.seq || others_write()) return;
    suspect({writer_}, event.seq,
            fmt::format("life {} cleared the stop intent ({}) of {} {}, whose stop "
                        "was under way since event {}",
                        event.life, name(change), called(*stopper), when(begin, event), stop->seq),
            {*stop, event});
  }

  bool others_write() const {
    for (const Event& open : changes_.open()) {
      if (open.object == Object::kIntent) return true;
    }
    return false;
  }

  Intervals changes_;
  Intervals stops_;
  Life writer_ = kHarness;     // of the stop intent; kHarness: unknown or nobody
  std::uint64_t written_ = 0;  // when it had done so
};

}  // namespace

std::unique_ptr<Invariant> make_only_the_owner_clears(const Bounds&) {
  return std::make_unique<OnlyTheOwnerClears>();
}

}  // namespace lockproof
