// SPDX-License-Identifier: Apache-2.0
// Nursery: the init of the pid namespace that a run lives in. All processes of the run are born by
// it, with pids that are asked for, and orphans come back to it.
//
// It is forked from the caller, so that the programs of the start are there, into namespaces of its
// own: pid, mount, network, and where the caller is not root, user. `home_of()` is an empty tmpfs
// with the files of the start in it, /proc shows the run only, and nothing listens at any port. It
// does one order at a time, and nothing else. Its end is the end of all in it: by the destructor,
// or by SIGKILL when the caller dies.
//
// Where the start has pid namespaces below that of the run, each has an init of its own, a child of
// the nursery: the parent of all who start there, which adopts and reaps there.
//
// Blocks until an order is done. Nothing of a run is left outside of it.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/fd.h"
#include "core/result.h"
#include "live/messages.h"
#include "live/pids.h"
#include "live/shared_page.h"
#include "world/world.h"

namespace lockproof::live {

inline constexpr const char* kHome = "/home";

// The directory of a run: `kHome`, or where its programs of somebody else are told that it is.
// These see the rest of the host read-only.
std::string home_of(const Start& start);
bool has_commands(const Start& start);

inline constexpr unsigned kStranger = ~0u;  // in place of a program: one that never does anything
inline constexpr unsigned kTemplate = ~1u;  // one that is told which it is when it is copied

// A process that was born. It waits to be traced, and then says that it is ready (call_filter.h).
struct Newborn {
  pid_t pid = 0;  // as the caller knows it
  Fd pidfd;
};

class Nursery {
 public:
  // Errors: kEnvironment, the host forbids it; kUsage, a file of the start cannot be made.
  static Result<std::unique_ptr<Nursery>> open(const Start& start);
  // REQUIRES: whoever traces its processes has killed them, and waited for them.
  ~Nursery();
  Nursery(const Nursery&) = delete;
  Nursery& operator=(const Nursery&) = delete;

  // To where open() left it: nobody lives, and the files are those of the start. REQUIRES: as the
  // destructor. Errors: as open().
  Result<> clear();

  // The directory of the run, for openat(2).
  int home() const { return home_.get(); }
  // That its processes have, too.
  const SharedPage& page() const { return *page_; }

  // All pids are those of the root namespace; `space`: who has it lives there.
  // A process with that pid, which is free. `program`: its number in the cast.
  Result<Newborn> spawn(unsigned program, unsigned space, int pid);
  // Whoever is forked next in that namespace gets this pid if it is free.
  void set_next_pid(unsigned space, int pid);
  // In the root namespace a child of init is gone as soon as its end is known to its parent, which
  // is when its tracer has waited for it. From here on, until the next clear(), it stays a zombie,
  // as do children in other namespaces.
  void keep_zombies();
  bool keeps_zombies() const { return keeps_zombies_; }
  // REQUIRES: it is a zombie, and a child of the init of that namespace
  void reap(unsigned space, int pid);

 private:
  Nursery(pid_t pid, Fd pidfd, Fd channel, std::unique_ptr<SharedPage> page)
      : pid_(pid), pidfd_(std::move(pidfd)), channel_(std::move(channel)), page_(std::move(page)) {}

  pid_t pid_;
  Fd pidfd_;
  Fd channel_;
  std::unique_ptr<SharedPage> page_;
  Fd home_;
  bool keeps_zombies_ = false;
  bool has_spaces_ = false;                  // namespaces below the root one
  std::optional<struct ::stat> empty_home_;  // as it was before anybody lived; none: it has files

  Result<> take_home();
  bool home_is_empty() const;
  std::optional<Received> ask(Order::What what, unsigned space, unsigned program, int pid) const;
};

}  // namespace lockproof::live
