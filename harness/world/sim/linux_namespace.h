// SPDX-License-Identifier: Apache-2.0
// A pid namespace with a /proc of its own on the real side of linux_test.cc, and an init in it that
// starts workers, and reaps orphans when it is told to, so that nobody is reaped between two calls.
//
// The init and all in the namespace end with the object, or with this process.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace lockproof::sim {

class LinuxNamespace {
 public:
  // Root, or root of a user namespace, which this process enters here, and does not leave. The
  // workers of the model are then root on both sides. Call it before anything asks for the user.
  static void become_root();

  // REQUIRES: one thread; root; the workers' ends of the channels are open (linux_worker.h).
  explicit LinuxNamespace(const std::string& directory);  // that workers start in
  ~LinuxNamespace();
  LinuxNamespace(const LinuxNamespace&) = delete;
  LinuxNamespace& operator=(const LinuxNamespace&) = delete;

  pid_t init() const { return init_; }
  // A child of init that serves `slot`, and says on its channel that it is there. Its pid inside.
  pid_t start(int slot);
  // The wait status of a dead child of init, by its pid inside; nothing: it is no child of init.
  std::optional<int> reap(pid_t pid);

 private:
  pid_t init_ = 0;
  int channel_ = -1;
};

}  // namespace lockproof::sim
