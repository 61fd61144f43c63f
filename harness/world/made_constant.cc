// SPDX-License-Identifier: Apache-2.0
#include "world/made_constant.h"

#include <fmt/format.h>

namespace lockproof {
namespace {

// SplitMix64's mixing.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

std::string boot_id_text(unsigned boot) {
  return fmt::format("5f1e9c2a-7d34-4b68-9a0e-{:012x}\n", boot);
}

std::string random_bytes(const Reading& reading, std::int64_t size) {
  std::uint64_t seed = mix(reading.reader + 256u * reading.boot) ^ mix(reading.born * 2u + 1u);
  seed = mix(seed + reading.number);
  std::string bytes;
  while (static_cast<std::int64_t>(bytes.size()) < size) {
    bytes += static_cast<char>(mix(seed + bytes.size()) & 0xff);
  }
  return bytes;
}

std::string format(const StatLine& line) {
  constexpr unsigned kExiting = 4;
  return fmt::format("{} (subject) {} {} {} {} 0 -1 {} 0 0 0 0 0 0 0 0 20 0 1 0 {} 0 0\n", line.pid,
                     line.state, line.parent, line.group, line.session, line.exits ? kExiting : 0,
                     line.born);
}

}  // namespace lockproof
