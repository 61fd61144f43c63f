// SPDX-License-Identifier: Apache-2.0
// Minder: stays with a command that runs while we own, from its start to its end.
//
// Passes signals on; tells the lock when the command is ready; has it end when the parent has died;
// gives up first if it was disowned; kills what drains for too long. One thread, one poll.
#pragma once

#include <sys/signalfd.h>

#include <csignal>
#include <optional>
#include <string>

#include "arguments.h"
#include "port/sys.h"
#include "solo/fd.h"
#include "solo/instance.h"
#include "solo/parent_watch.h"

namespace solo::tool {

class Minder {
 public:
  // `guards`: the command is no instance (run.h). All of them must outlive it.
  Minder(port::Sys& sys, const RunArguments& arguments, InstanceLock& lock,
         const ParentWatch* parent, bool guards)
      : sys_(sys), arguments_(arguments), lock_(lock), parent_(parent), guards_(guards) {}

  // Starts the command, and stays until it has ended: its wait status. On an error the command is
  // dead and reaped.
  Result<int> run();

 private:
  enum class Goes { kOn, kEnded };

  Result<int> stay();
  Result<Goes> reap(int& status);
  int time_out() const;
  MaybeError hear_signal();
  bool hear_output();
  MaybeError see_whether_ready();
  bool has_the_sign() const;
  MaybeError drain(int signal);

  port::Sys& sys_;
  const RunArguments& arguments_;
  InstanceLock& lock_;
  const ParentWatch* parent_;
  bool guards_;

  Fd signals_;
  Fd output_;  // of the command, while a line of it is waited for
  std::string line_;
  pid_t child_ = 0;
  bool ready_ = false;  // the sign was seen
  bool told_ = false;   // and the lock knows
  bool parent_gone_ = false;
  std::optional<std::int64_t> drained_by_ms_;  // CLOCK_MONOTONIC
};

}  // namespace solo::tool
