// SPDX-License-Identifier: Apache-2.0
#include "stress/ledger.h"

#include <algorithm>
#include <cassert>

namespace lockproof {
namespace {

// A slot of the ring that stands for an engine event: `value` is its index in notes_.
constexpr Kind kNote = static_cast<Kind>(30);
constexpr std::uint32_t kNotes = 1 << 14;
constexpr std::size_t kDrainLimit = 1 << 18;

}  // namespace

Ledger::Ledger(Witness witness, const std::vector<std::string>& invariants, const Bounds& bounds,
               Listener listener)
    : witness_(witness), listener_(std::move(listener)), notes_(kNotes), recent_(kRecent) {
  for (const std::string& name : invariants) {
    const InvariantInfo* info = find_invariant(name);
    assert(info != nullptr);
    invariants_.push_back(info->create(bounds));
  }
}

void Ledger::introduce(Life life, Origin origin) { origins_[life] = std::move(origin); }

void Ledger::note(Event event) {
  const std::uint32_t index = next_note_++ % kNotes;
  notes_[index] = std::move(event);
  const Mark mark{kNote, Phase::kPoint, Object::kNone, kHarness, index};
  while (!witness_.try_append(mark)) drain();
}

std::size_t Ledger::drain() {
  return witness_.drain(kDrainLimit,
                        [this](std::uint64_t seq, const Mark& mark) { see(seq, mark); });
}

void Ledger::see(std::uint64_t seq, const Mark& mark) {
  Event& event = recent_[seq % kRecent];
  if (mark.kind == kNote) {
    event = notes_[static_cast<std::size_t>(mark.value)];
  } else {
    event.life = mark.life;
    event.kind = mark.kind;
    event.phase = mark.phase;
    event.object = mark.object;
    event.value = mark.value;
    event.target = kHarness;
    event.detail.clear();
    if (mark.kind == Kind::kFault) event.target = mark.life;  // a helper that kills itself
  }
  event.seq = seq;
  seq_ = seq;
  if (event.kind == Kind::kStart) {
    if (const auto origin = origins_.find(event.life); origin != origins_.end()) {
      event.target = origin->second.parent;
      event.detail = origin->second.role;
      origins_.erase(origin);
    }
    starts_[event.life] = event;
    if (starts_.size() > kStarts) starts_.erase(starts_.begin());
  }
  listener_(event);
  for (const auto& invariant : invariants_) invariant->see(event);
}

void Ledger::end() {
  for (const auto& invariant : invariants_) invariant->end();
}

bool Ledger::violated() const {
  return std::any_of(invariants_.begin(), invariants_.end(),
                     [](const auto& invariant) { return !invariant->findings().empty(); });
}

std::vector<Finding> Ledger::findings() const {
  std::vector<Finding> first;
  for (const auto& invariant : invariants_) {
    if (!invariant->findings().empty()) first.push_back(invariant->findings().front());
  }
  return first;
}

std::vector<Event> Ledger::excerpt(const Finding& finding, std::size_t limit) const {
  if (finding.events.empty()) return {};
  const std::uint64_t last = finding.events.back().seq;
  const std::uint64_t oldest = seq_ >= kRecent ? seq_ - kRecent + 1 : 1;
  std::uint64_t first = std::max(oldest, finding.events.front().seq);
  if (last - first >= limit) first = last - limit + 1;

  std::map<std::uint64_t, Event> events;  // by seq
  for (const Event& event : finding.events) {
    events[event.seq] = event;
    for (Life life : {event.life, event.target}) {
      const auto start = starts_.find(life);
      if (start != starts_.end() && start->second.seq <= last) {
        events[start->second.seq] = start->second;
      }
    }
  }
  for (std::uint64_t seq = first; seq <= last; ++seq) events[seq] = recent_[seq % kRecent];

  std::vector<Event> in_order;
  for (auto& [seq, event] : events) in_order.push_back(std::move(event));
  return in_order;
}

}  // namespace lockproof
