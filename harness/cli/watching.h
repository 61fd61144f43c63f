// SPDX-License-Identifier: Apache-2.0
// Watching: while something is explored, a line says how far it is, and Ctrl-C ends it.
#pragma once

#include <string>

#include "check/judge.h"
#include "cli/live_view.h"
#include "cli/terminal.h"

namespace lockproof {

// From now on SIGINT and SIGTERM end what is watched, which then tells what it knows.
void end_on_interruption();
bool is_interrupted();

class Watching {
 public:
  // `options` are those of what is watched, and not used any more when this ends.
  Watching(std::string name, CheckOptions& options);
  ~Watching() { line_.clear(); }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  template <class Progress>
  bool look(const Progress& progress);

  LiveView view_;
  ProgressLine line_;
};

}  // namespace lockproof
