// SPDX-License-Identifier: Apache-2.0
// Test only: a space in which no kill sleeps. A search must find the same in it.
#pragma once

#include <string>
#include <vector>

#include "world/space.h"

namespace lockproof::test {

class Awake final : public Space {
 public:
  explicit Awake(Space& space) : space_(space) {}
  State first() const override { return space_.first(); }
  Numbers numbers() const override { return space_.numbers(); }
  Fingerprint fingerprint(const State& state) const override { return space_.fingerprint(state); }
  Result<> expand(const State& state, Places, std::vector<Successor>& out) override {
    return space_.expand(state, 0, out);
  }
  bool expand_known(const State& state, Places, std::vector<Successor>& out) const override {
    return space_.expand_known(state, 0, out);
  }
  Questions questions(const State& from, const Successor& next) const override {
    return space_.questions(from, next);
  }
  Facts facts(const State& state) const override { return space_.facts(state); }
  void prefetch(const State& state) const override { space_.prefetch(state); }
  const std::vector<std::string>& refusals() const override { return space_.refusals(); }
  void pack(std::span<const State> states, ByteWriter& out) const override {
    space_.pack(states, out);
  }
  Result<std::vector<State>> unpack(ByteReader& in) override { return space_.unpack(in); }
  std::size_t bytes() const override { return space_.bytes(); }
  std::size_t bytes_to_grow() const override { return space_.bytes_to_grow(); }

 private:
  Space& space_;
};

}  // namespace lockproof::test
