// SPDX-License-Identifier: Apache-2.0
// Two directories, and those who claim in one of them while somebody else changes the way there.
#include <variant>

#include "solo/instance.h"
#include "solo_verbs.h"

namespace lockproof::control {
namespace {

using solo::port::Sys;

void own_in(Session& session, Sys& sys, std::string_view way) {
  session.claims();
  auto dir = solo::StateDir::open(sys, path_of(session, way), solo::StateDir::IfMissing::kFail);
  if (!dir.ok()) return session.failed(dir.error().what);
  auto claimed = solo::claim(sys, std::move(dir).value(), name());
  auto* const lock = std::get_if<solo::InstanceLock>(&claimed);
  if (lock == nullptr) return session.busy();
  session.owns();
  session.hold();
  session.gives_up();
  lock->give_up();
  session.released();
}

}  // namespace

void run_by_link(Session& session, Sys& sys) { own_in(session, sys, "link"); }
void run_by_dots(Session& session, Sys& sys) { own_in(session, sys, "step/../state"); }

void lay(Session& session, Sys& sys) {
  for (const char* made : {"state", "step", "second", "second/state"}) {
    sys.mkdirat(AT_FDCWD, path_of(session, made).c_str(), 0700);
  }
  sys.symlinkat("state", AT_FDCWD, path_of(session, "link").c_str());
}

void turn(Session& session, Sys& sys) {
  sys.unlinkat(AT_FDCWD, path_of(session, "link").c_str(), 0);
  sys.symlinkat("second/state", AT_FDCWD, path_of(session, "link").c_str());
}

void move(Session& session, Sys& sys) {
  sys.renameat(AT_FDCWD, path_of(session, "step").c_str(), AT_FDCWD,
               path_of(session, "second/step").c_str());
}

}  // namespace lockproof::control
