// SPDX-License-Identifier: Apache-2.0
// What processes do with solo, as verbs of a subject. The protocol is the library's own code; what
// stands here is what a program does with the library, and the words by which it says so.
#pragma once

#include "solo/control.h"
#include "solo/name.h"
#include "solo/parent_watch.h"
#include "solo/state_dir.h"
#include "src/guard.h"
#include "subject/builtin.h"

namespace lockproof::control {

// `sys` is the session's kernel, or the same for a solo without one guard.
using Act = void (*)(Session& session, solo::port::Sys& sys);

// Those who own (solo_owners.cc).
void run(Session& session, solo::port::Sys& sys);     // owns while it works
void serve(Session& session, solo::port::Sys& sys);   // the same, and has a side file
void guard(Session& session, solo::port::Sys& sys);   // removes what owners work on
void obey(Session& session, solo::port::Sys& sys);    // is told to end; `rm`: gives up, then drains
void linger(Session& session, solo::port::Sys& sys);  // goes on for a while after it has given up
void drop(Session& session, solo::port::Sys& sys);    // the same, and leaves its record as it is
void stall(Session& session, solo::port::Sys& sys);   // never gets ready, until it is told to end
void instance(Session& session, solo::port::Sys& sys);   // was started by itself, and works
void keep_on(Session& session, solo::port::Sys& sys);    // the same, until it is told to end
void daemonize(Session& session, solo::port::Sys& sys);  // its standard streams are closed
void fork_once(Session& session, solo::port::Sys& sys);  // a child cleans up as its parent would
void drain(Session& session, solo::port::Sys& sys);      // has something left to write in the end
// Ends when that process does.
void depend(Session& session, solo::port::Sys& sys, const solo::ParentIdentity& parent);

// In a directory that somebody else changes (solo_elsewhere.cc).
void lay(Session& session, solo::port::Sys& sys);  // makes what follows, and a second of each
void run_by_link(Session& session, solo::port::Sys& sys);  // owns in a directory behind a link
void run_by_dots(Session& session, solo::port::Sys& sys);  // owns in one that is named with ".."
void turn(Session& session, solo::port::Sys& sys);         // the link leads to the second one
void move(Session& session, solo::port::Sys& sys);  // where ".." is taken is in the second one

// An older version, which locks the whole file.
void run_whole(Session& session, solo::port::Sys& sys);

// Those who ask, and end others (solo_commands.cc).
void status(Session& session, solo::port::Sys& sys);
void stop(Session& session, solo::port::Sys& sys);
void rm(Session& session, solo::port::Sys& sys);
void clear(Session& session, solo::port::Sys& sys);   // stops, and then removes what owners work on
void plant(Session& session, solo::port::Sys& sys);   // a link where the next record is written
void meddle(Session& session, solo::port::Sys& sys);  // another pid in the record of an owner
void purge(Session& session, solo::port::Sys& sys);   // removes the lock file, where nobody owns

// Those who start others (solo_launchers.cc). The last two are searched only.
void ensure(Session& session, solo::port::Sys& sys);  // starts an `instance`
void keep(Session& session, solo::port::Sys& sys);    // starts one that will `keep_on`
void launch(Session& session, solo::port::Sys& sys);  // the same, and what it owns is the start
void watch(Session& session, solo::port::Sys& sys);   // starts one that depends on it

// Asked for once: who waits longer is the same process with more patience.
inline constexpr solo::Patience kOnce{0, 0};

inline solo::Name name() { return solo::Name::parse("it").value(); }

inline solo::Result<solo::StateDir> state_dir(Session& session, solo::port::Sys& sys) {
  return solo::StateDir::open(sys, session.dir(), solo::StateDir::IfMissing::kFail);
}

inline std::string path_of(Session& session, std::string_view file) {
  return session.dir() + "/" + std::string(file);
}

// `act` over `kernel`, which tells of the calls that pass it, for the same solo as `sys` is for.
template <class Do>
void over(solo::port::Sys& kernel, const solo::port::Sys& sys, Do act) {
  const auto* const without = dynamic_cast<const solo::WithoutGuard*>(&sys);
  if (without == nullptr) return act(kernel);
  solo::WithoutGuard less(kernel, without->off());
  act(static_cast<solo::port::Sys&>(less));
}

}  // namespace lockproof::control
