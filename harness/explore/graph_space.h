// SPDX-License-Identifier: Apache-2.0
// Test only: a space that is a graph written down.
#pragma once

#include <bit>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "world/space.h"

namespace lockproof::test {

// In the order of the places.
inline Numbers numbers_in(const Facts& facts) {
  Numbers numbers;
  for (std::uint8_t place = 0; place < kPlaces; ++place) numbers.of[place] = place;
  numbers.born = static_cast<std::uint8_t>(std::popcount(facts.present));
  return numbers;
}

class GraphSpace : public Space {
 public:
  static constexpr std::array<std::uint8_t, kPlaces> kStay = {0, 1, 2, 3, 4, 5, 6, 7};

  GraphSpace& edge(std::uint32_t from, std::uint32_t to, Transition step = {},
                   std::array<std::uint8_t, kPlaces> order = kStay) {
    edges_[from].push_back({state(to), print(to), step, order});
    return *this;
  }
  GraphSpace& at(std::uint32_t node, const Facts& facts) {
    facts_[node] = facts;
    return *this;
  }
  GraphSpace& asks(std::uint32_t from, std::uint32_t to, std::uint64_t kernel,
                   std::uint64_t program) {
    asks_as_[{from, to}] = {{kernel << 32, 0}, {program << 32, 1}};
    return *this;
  }
  void refuse(std::string sentence) { refusals_.push_back(std::move(sentence)); }

  static State state(std::uint32_t node) {
    State state;
    state.words[0] = node;
    return state;
  }
  static Fingerprint print(std::uint32_t node) {
    return {(node + 1) * 0x9e3779b97f4a7c15u, ~std::uint64_t{node}};
  }

  State first() const override { return state(0); }
  Numbers numbers() const override { return numbers_in(facts(first())); }
  Fingerprint fingerprint(const State& state) const override { return print(state.words[0]); }
  Result<> expand(const State& state, Places asleep, std::vector<Successor>& out) override {
    known_.insert(state.words[0]);
    expand_known(state, asleep, out);
    return Nothing{};
  }
  bool expand_known(const State& state, Places /*asleep*/,
                    std::vector<Successor>& out) const override {
    if (!known_.contains(state.words[0])) return false;
    const auto edges = edges_.find(state.words[0]);
    if (edges != edges_.end()) out.insert(out.end(), edges->second.begin(), edges->second.end());
    return true;
  }
  // Two steps between the same nodes are one question.
  Questions questions(const State& from, const Successor& next) const override {
    const std::pair step{from.words[0], next.state.words[0]};
    const auto other = asks_as_.find(step);
    const Fingerprint own{(step.first + 1) * 0x9e3779b97f4a7c15u + step.second, step.second};
    return other == asks_as_.end() ? Questions{own, own} : other->second;
  }
  Facts facts(const State& state) const override {
    const auto known = facts_.find(state.words[0]);
    return known == facts_.end() ? Facts{} : known->second;
  }
  void prefetch(const State&) const override {}
  const std::vector<std::string>& refusals() const override { return refusals_; }
  void pack(std::span<const State> states, ByteWriter& out) const override {
    out.put(std::uint64_t{states.size()});
    for (const State& state : states) out.put(state.words);
  }
  Result<std::vector<State>> unpack(ByteReader& in) override {
    std::vector<State> states(in.get_count(sizeof(State)));
    for (State& state : states) state.words = in.get<decltype(State::words)>();
    if (!in.ok()) return usage_error(ErrorCode::kInternal, "no states");
    return states;
  }
  std::size_t bytes() const override { return 0; }
  std::size_t bytes_to_grow() const override { return growth; }

  std::size_t growth = 0;

 private:
  std::map<std::uint32_t, std::vector<Successor>> edges_;
  std::map<std::uint32_t, Facts> facts_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Questions> asks_as_;
  std::set<std::uint32_t> known_;  // were expanded once
  std::vector<std::string> refusals_;
};

// The call of the process at `place`.
inline Transition call_of(std::uint8_t place) {
  Transition step;
  step.choice = {place, 0};
  step.place = place;
  return step;
}

inline Transition fault_on(std::uint8_t place) {
  Transition step = call_of(place);
  step.choice = {26, place};
  step.kind = Transition::Kind::kFault;
  return step;
}

}  // namespace lockproof::test
