// SPDX-License-Identifier: Apache-2.0
// A process of a trial: a program of somebody else's, what it prints, and whether it owns.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/fd.h"
#include "core/result.h"

namespace lockproof {

class TriedProcess {
 public:
  struct Words {
    std::vector<std::string> command;  // nothing left to fill in
    // A worker's; empty: it runs the helper of ours when it owns
    std::string acquired, busy;
  };
  // Starts it. `door`: of the helper behind {critical}, which says so and waits there. Its input is
  // a pipe for a worker, /dev/null for others. REQUIRES: nobody else has a door of that name.
  static Result<std::unique_ptr<TriedProcess>> start(const Words& words, const std::string& door);
  // The words of the helper, for {critical}.
  static std::vector<std::string> critical(const std::string& helper, const std::string& door);

  bool owns() const { return owns_; }
  bool said_busy() const { return said_busy_; }
  // Its wait status, once it has ended.
  std::optional<int> ended() const { return status_; }
  pid_t pid() const { return pid_; }
  // The pid of whom it made the owner: its own, or that of the helper. 0: nobody's.
  pid_t owner() const { return owner_; }
  // What it printed, on both streams: raw bytes, and only the first ones.
  std::string printed() const { return printed_ + complained_; }

  // An owner gives up, and ends: its input ends, or its {critical} does.
  void let_go();

  // Waits until `done`, for `ms` at most; all of `processes` are heard meanwhile. Was it done?
  static bool wait(const std::vector<TriedProcess*>& processes, int ms,
                   const std::function<bool()>& done);

 private:
  void hear();
  void hear_output();

  Words words_;
  pid_t pid_ = -1;
  pid_t owner_ = 0;
  Fd pidfd_, in_, out_, err_;
  Fd says_, go_;  // both ends of FIFOs, so that neither an end of file nor an open() is waited for
  bool owns_ = false, said_busy_ = false;
  std::optional<int> status_;
  std::string printed_, complained_;
};

}  // namespace lockproof
