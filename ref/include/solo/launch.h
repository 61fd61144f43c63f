// SPDX-License-Identifier: Apache-2.0
// ensure: there is an instance that is ready; where there is none, one is started.
//
// However many do this at once, one instance is left, it is the one that the record names, and each
// of them is told of that one. A process that is not the user's decision stays off while a user
// stops, and never ends what a user started.
//
//  1. Looks, without a lock: an instance that is ready is taken as it is.
//  2. Becomes the one launcher (a lock that ends with it), waiting for another one; looks again.
//  3. An instance that is there and not ready is waited for. One that never gets ready is ended, if
//     it was started by itself, too; else it is left alone, and that is an error.
//  4. Forks. The child claims by itself, so it is tracked whenever its launcher dies.
//  5. Waits until it is ready. If it ends, or takes too long, it is killed and reaped: a start that
//     fails leaves nothing behind.
//
// Guards, beside those of instance.h and src/owner.h:
//   one_launcher      One at a time starts and ends instances.
//   looked_again      With the launcher's lock it looks again: another one may have started since.
//   stop_asked_first  It starts nothing while a stop is under way. (The instance asks again.)
//   not_itself        Who is a part of the instance that is not ready does not wait for it.
//   last_look         Before it is ended, an instance is kept from getting ready (a lock that only
//                     one of the two can have). If that fails it is ready, and is not ended.
//   only_automatic    Only who was started by itself is ended unasked.
//   reaped            Whatever goes wrong after the fork, the child is killed and reaped.
#pragma once

#include <functional>
#include <variant>

#include "port/sys.h"
#include "solo/control.h"
#include "solo/instance.h"
#include "solo/name.h"
#include "solo/record.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

struct EnsureOptions {
  Patience ready{300, 50};  // with an instance that is not ready yet
  // With another launcher: longer than that one waits for who is there, ends it, and waits for who
  // is started instead.
  Patience others{900, 50};
  int grace_ms = 6'000;  // from SIGTERM to SIGKILL, for one that never gets ready
};

// An instance that is ready. `record` names it, if it can be told.
struct Ready {
  std::optional<Record> record;
  pid_t started = 0;  // the child that was forked for it; 0: it was there
};

using EnsureResult = std::variant<Ready, Stopping, Error>;

// `instance` runs in a forked child, the leader of a session of its own: it claims (with
// Managed::kAuto), says become_ready(), and serves; what it returns is the child's exit status. It
// must not throw. The caller reaps the child that was started, or ends before it.
//
// Blocks for the patience at most, plus two graces. Errors: what failed, or took too long; or the
// caller is a part of the instance, which is not ready. Then no child is left. If the process dies
// here: an instance that was forked goes on, and is tracked as soon as it owns.
EnsureResult ensure(port::Sys& sys, const StateDir& dir, const Name& name,
                    const std::function<int()>& instance, const EnsureOptions& options = {});

}  // namespace solo
