// SPDX-License-Identifier: Apache-2.0
// The model against Linux: bytes choose calls of up to three real processes and of three in the
// model, and each answer is the same. The first byte says what they are about.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "sim/linux_picker.h"

namespace {

using namespace lockproof::sim;

constexpr std::size_t kPickBytes = 6;
constexpr std::size_t kPicks = 120;

// Empty, or what differs, after all that led to it. When it returns, nothing is left.
std::string difference(const std::uint8_t* data, std::size_t size) {
  constexpr Theme kThemes[] = {Theme::kAll, Theme::kLocks, Theme::kPorts};
  const Theme theme = kThemes[data[0] % 3];
  LinuxPair pair;
  for (std::size_t at = 1; at + kPickBytes <= size && at < kPicks * kPickBytes; at += kPickBytes) {
    const std::uint8_t* const from = data + at;
    const Pick pick{from[0], from[1], from[2], from[3], from[4], from[5]};
    const Picker picker(pair, theme, pick);
    const std::uint8_t slot = picker.slot();
    if (slot == kNone) break;
    const std::string differs = pair.perform(slot, picker.call());
    if (!differs.empty()) return pair.log() + "DIFFERENCE " + differs;
  }
  return "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string differs = difference(data, size);
  if (differs.empty()) return 0;
  std::fprintf(stderr, "%s\n", differs.c_str());
  std::abort();
}
