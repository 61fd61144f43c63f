// SPDX-License-Identifier: Apache-2.0
// The cage: where the processes of a run live, so that nothing of them survives it, however it
// ends.
//
// run_caged() forks one process, the engine, and runs the given function there. The engine makes
// all other processes of the run. What keeps them in depends on what the host permits, best first:
//
//   kNamespaces      the engine is the init of a new pid namespace, with a mount namespace of its
//   own: its /proc shows only the
//                    run, its /dev/shm is a new tmpfs, so the run's directory disappears with the
//                    last process.
//   kUserNamespaces  the same inside a user namespace, for ordinary users.
//   kSubreaper       no namespace: the engine adopts orphans and kills every descendant at the end;
//   the directory is a fresh one,
//                    removed at the end.
//
// 1. When the engine ends, no process of the run exists any more.
// 2. When the caller dies, SIGKILL included, the engine is told by the kernel (parent-death signal)
// and 1. follows. Left over: with
//    kSubreaper, if the engine is killed in the same moment, its descendants and its directory.
//    How long it takes: docs/adr/0005-a-keeper-for-the-memory.md.
// 3. Signals go only to the engine, through a pidfd.
// 4. SIGINT, SIGTERM and SIGHUP to the caller become a request to the engine to come to an end; the
// second one kills it.
// 5. The engine has a session of its own: keys that are typed at the terminal reach the caller
// only.
#pragma once

#include <functional>
#include <string>

#include "core/result.h"

namespace lockproof {

struct Cage {
  enum class Kind { kNamespaces, kUserNamespaces, kSubreaper };
  Kind kind = Kind::kSubreaper;
  std::string dir;              // absolute, 0700, empty at the beginning, nobody else's
  bool private_device = false;  // `dir` lies on a file system of its own
};

struct CageOutcome {
  Cage::Kind kind = Cage::Kind::kSubreaper;
  std::string output;        // what the engine wrote to `out`
  bool interrupted = false;  // the user asked for the end
  int wait_status = 0;       // of the engine
};

// In the engine: has the end been asked for? Looked at between steps.
bool cage_end_requested();

// Blocks until the engine has ended. `inside` gets a descriptor for its result; when it returns,
// the engine ends. Fails with kEnvironment when not even a process can be forked.
Result<CageOutcome> run_caged(const std::function<void(const Cage& cage, int out)>& inside);

// The same with this kind only. Refused by the host: an error that says what failed, and `inside`
// was not called.
Result<CageOutcome> run_caged_as(Cage::Kind kind,
                                 const std::function<void(const Cage& cage, int out)>& inside);

// The strongest cage that this host permits, by trying; and why the stronger ones are not ("" when
// the strongest is).
struct CageProbe {
  Cage::Kind kind;
  std::string reduced;
};
CageProbe probe_cage();

std::string_view describe(Cage::Kind kind);

}  // namespace lockproof
