// SPDX-License-Identifier: Apache-2.0
// Naming: the pids that stand in texts, and texts with other pids in their place.
//
// A pid of the model has four digits (kPidBase), so a renamed text has the length of the old one. A
// mention is a run of exactly four digits that is a pid's number. Whoever encodes pids otherwise
// (in hexadecimal, in a checksum, byte by byte) is not understood here: space.h says how that is
// found out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "program/texts.h"

namespace lockproof::sim {

// pid -> pid, each less kPidBase; 0: there is none.
using PidMap = std::array<std::uint8_t, 256>;

struct Mention {
  std::uint16_t at;
  std::uint8_t pid;  // less kPidBase
};

class Naming {
 public:
  explicit Naming(Texts& texts) : texts_(texts) {}

  // The reference is valid until the next call.
  const std::vector<Mention>& mentions(Text text);
  // `text` with each pid replaced; nothing if one of them is not in `map`; kNoText if the table of
  // texts is full.
  std::optional<Text> rename(Text text, const PidMap& map);

 private:
  Texts& texts_;
  std::vector<std::vector<Mention>> mentions_;  // by Text; those below known_
};

}  // namespace lockproof::sim
