// SPDX-License-Identifier: Apache-2.0
// Tables: what all states of a search share, and only ever grows: texts, and paths taken apart. The
// texts are also those of the programs that are run, and outlive this.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "program/texts.h"

namespace lockproof::sim {

// A path, taken apart once.
struct Path {
  // What a path under /proc or /dev names; kOther: not modelled.
  enum class Special : std::uint8_t {
    kNo,
    kNull,
    kRandom,
    kBootId,
    kProcStat,
    kPidNamespace,
    kOther
  };
  static constexpr unsigned kMaxParts = 12;

  bool absolute = false;
  bool trailing_slash = false;
  bool too_long = false;
  Special special = Special::kNo;
  std::int32_t pid = 0;  // of kProcStat; 0: self
  std::uint8_t count = 0;
  std::array<Text, kMaxParts> parts{};
};

class Tables {
 public:
  explicit Tables(Texts& shared);

  Texts& texts;
  Text dot;
  Text dot_dot;
  Text proc;
  Text dev;

  // Who the processes are, and who the files may belong to; index 0 is root.
  std::array<std::uint32_t, 4> uids = {0, 1000, 1001, 65534};
  std::uint8_t user = 0;
  // Somebody looked at another process's state in /proc, where a zombie is told from one that dies.
  bool states_are_seen = false;
  std::uint16_t umask = 022;

  // REQUIRES: `text` is in texts
  const Path& path(Text text);

 private:
  Path parse(Text text);

  std::vector<std::unique_ptr<const Path>> paths_;
};

}  // namespace lockproof::sim
