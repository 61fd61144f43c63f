// SPDX-License-Identifier: Apache-2.0
// Ending an instance from outside: stop() ends the process, disown() only its ownership.
//
// Both find the owner by the lock, learn from the record who that is, pin that process and look at
// it again before they signal it (src/owner.h). Neither changes a file: what there is to clear, the
// owner clears, or the next one does. Where the owner cannot be told for certain they signal nobody
// and say so.
//
// That they are under way is a lock that they hold meanwhile (src/lock_parts.h). So it ends with
// them, whatever they die of; several are told apart by the kernel, and none ends another one's;
// and no clock is in it. One that is stopped (SIGSTOP) is still under way.
#pragma once

#include <optional>
#include <variant>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/name.h"
#include "solo/process.h"
#include "solo/record.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

// How long to wait for something that can only be asked again and again.
struct Patience {
  unsigned rounds = 500;
  int round_ms = 20;
};

// Nobody owned.
struct NothingRuns {};

struct StopOptions {
  int grace_ms = 10'000;  // from SIGTERM to SIGKILL
  Patience unclear;       // with a record that does not tell yet, or not any more, who owns
};

struct Stopped {
  Record owner;
  bool killed = false;  // SIGTERM was not enough
};

using StopResult = std::variant<Stopped, NothingRuns, Error>;

// A stop that is under way: as long as this object lives, no instance is started by itself
// (ClaimOptions::managed). A user may start one. `dir` and `name` must outlive it.
class Stop {
 public:
  // Nothing: there is no lock file, so nobody owns. Never blocks.
  static Result<std::optional<Stop>> announce(port::Sys& sys, const StateDir& dir,
                                              const Name& name);

  // Ends the owner, as stop() does.
  StopResult carry_out(const StopOptions& options = {});

 private:
  Stop(port::Sys& sys, const StateDir& dir, const Name& name, Fd file, const Realm& realm)
      : sys_(&sys), dir_(&dir), name_(&name), file_(std::move(file)), realm_(realm) {}

  port::Sys* sys_;
  const StateDir* dir_;
  const Name* name_;
  Fd file_;  // the lock file, with the part that announces the stop
  Realm realm_;
};

// Ends the owner: SIGTERM, and SIGKILL after the grace. Returns when its exit was seen. Announced
// meanwhile.
//
// Errors: who owns cannot be told; the signal is not allowed; the process did not end though it was
// killed. REQUIRES: the owner is not this process. Blocks for two graces at most, and the patience.
// If the process dies here: a stop that was asked for goes on; nobody is kept from starting.
StopResult stop(port::Sys& sys, const StateDir& dir, const Name& name,
                const StopOptions& options = {});

struct Disowned {
  Record owner;
  bool ended = false;  // it has ended, not only given up
};

using DisownResult = std::variant<Disowned, NothingRuns, Error>;

// Has the owner give up now and drain afterwards: asks for it (InstanceLock::is_disowned), sends
// SIGTERM, and returns when it owns no more. A new owner need not wait for the drain, and the old
// one never touches the record again.
//
// Errors: as above; or it still owns, as it drains first. Blocks for the patience at most.
// If the process dies here: the owner, if it was signalled, drains first and gives up then.
DisownResult disown(port::Sys& sys, const StateDir& dir, const Name& name,
                    const Patience& patience = {});

}  // namespace solo
