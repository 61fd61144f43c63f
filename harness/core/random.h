// SPDX-License-Identifier: Apache-2.0
// A small seeded generator (SplitMix64; Steele, Lea, Flood 2014): the same seed gives the same
// numbers everywhere, and any two seeds give independent streams. Not for secrets.
#pragma once

#include <cassert>
#include <cstdint>

namespace lockproof {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // The stream of one actor of a run.
  Random(std::uint64_t seed, std::uint64_t stream) : state_(seed ^ (stream * 0x9e3779b97f4a7c15u)) {
    next();
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // 0 <= result < bound. The bias of the multiplication is below 2^-32 for the bounds used here.
  std::uint32_t below(std::uint32_t bound) {
    assert(bound > 0);
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace lockproof
