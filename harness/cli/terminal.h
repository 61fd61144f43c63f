// SPDX-License-Identifier: Apache-2.0
// What standard output and standard error are: a terminal or not, how wide, with colour or without.
#pragma once

#include <cstdint>
#include <string>

#include "report/report.h"

namespace lockproof {

// Colour only on a terminal, and not when NO_COLOR is set and not empty, or TERM is dumb. Width
// from the terminal; 80 elsewhere.
ScreenStyle standard_output_style();

// One line of progress on standard error: rewritten in place on a terminal, elsewhere a new line
// every ten seconds, so a log is neither silent nor flooded.
class ProgressLine {
 public:
  ProgressLine();
  void show(const std::string& text, std::int64_t now_ms);
  // Takes the line away again, where it was rewritten in place.
  void clear();

 private:
  static constexpr std::int64_t kLogEveryMs = 10'000;

  bool terminal_;
  std::int64_t next_log_ms_ = 0;
};

}  // namespace lockproof
