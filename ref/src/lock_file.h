// SPDX-License-Identifier: Apache-2.0
// The lock file of an instance: opened so that nothing planted in its place does harm, and locked
// or asked about so that what came of it is true of the file that the name reaches. The guards are
// named in solo/instance.h, the parts of the file in lock_parts.h.
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/name.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

// What is to be done with the open file.
struct LockAct {
  const char* what;                // "lock", "ask for the lock of": for messages
  std::function<int(int fd)> act;  // >= 0, or the negated errno
  bool zero_is_final = false;      // an outcome of 0 holds whatever the name reaches
};

struct OpenLock {
  Fd file;
  mode_t mode = 0;
  int outcome = 0;  // of the act
};

// Opens the file with `flags`, acts, and looks whether the name still reaches it; if not, again.
// Nothing when the file is missing and `flags` have no O_CREAT. Does not block. If the process dies
// here: an empty lock file, perhaps; locks are gone with it.
Result<std::optional<OpenLock>> open_lock_file(port::Sys& sys, const StateDir& dir,
                                               const Name& name, int flags, const LockAct& act);

// The file, locked for the owner. Nothing: somebody else owns. Creates it when it is missing.
Result<std::optional<Fd>> take_lock(port::Sys& sys, const StateDir& dir, const Name& name);

// What the locks say, without taking or making anything.
struct LockState {
  bool owned = false;
  bool stopping = false;  // a stop is under way. Asked only while owned
  bool ready = false;     // the owner has said that it is ready
};
Result<LockState> look_at_lock(port::Sys& sys, const StateDir& dir, const Name& name);

}  // namespace solo
