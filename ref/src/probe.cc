// SPDX-License-Identifier: Apache-2.0
#include "solo/probe.h"

#include <cerrno>

#include "lock_file.h"
#include "record_file.h"
#include "solo/process.h"
#include "solo/state_dir.h"

namespace solo {

ProbeResult probe(port::Sys& sys, std::string_view dir_path, const Name& name) {
  const auto dir = StateDir::open(sys, dir_path, StateDir::IfMissing::kFail);
  if (!dir.ok()) {
    return dir.error().code == ENOENT ? ProbeResult(Free{}) : Unknown{dir.error()};
  }
  const auto seen = look_at_lock(sys, dir.value(), name);
  if (!seen.ok()) return Unknown{seen.error()};
  const LockState& state = seen.value();
  if (!state.owned) return Free{};

  const auto realm = this_realm(sys);
  if (!realm.ok()) return Held{{}, state.stopping, state.ready};
  return Held{read_live_record(sys, dir.value(), name, realm.value()), state.stopping, state.ready};
}

}  // namespace solo
