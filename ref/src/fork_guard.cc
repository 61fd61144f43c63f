// SPDX-License-Identifier: Apache-2.0
#include "solo/fork_guard.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace solo {
namespace {

struct Watched {
  int fd = -1;  // -1: the slot is free
  dev_t device = 0;
  ino_t inode = 0;
};

// What libc calls has no argument, so this has to be a global. Held across fork(), so that a child
// never sees half a change.
pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
Watched g_watched[ForkGuard::kMaxWatched];

void before_fork() { pthread_mutex_lock(&g_mutex); }
void in_parent() { pthread_mutex_unlock(&g_mutex); }

// Calls only fstat and close, which are async-signal-safe: the child of a threaded program may call
// nothing else.
void in_child() {
  for (Watched& watched : g_watched) {
    struct stat now {};
    const bool same = watched.fd >= 0 && ::fstat(watched.fd, &now) == 0 &&
                      now.st_dev == watched.device && now.st_ino == watched.inode;
    if (same) ::close(watched.fd);
    watched = Watched{};
  }
  pthread_mutex_unlock(&g_mutex);
}

// 0, or the errno. Once in a process.
int install() {
  static const int result = pthread_atfork(before_fork, in_parent, in_child);
  return result;
}

}  // namespace

Result<ForkGuard> ForkGuard::watch(int fd) {
  if (const int error = install(); error != 0) return Error{"cannot watch for forks", error};
  struct stat info {};
  if (::fstat(fd, &info) != 0) return Error{"cannot watch a descriptor for forks", errno};
  pthread_mutex_lock(&g_mutex);
  std::size_t slot = 0;
  while (slot < kMaxWatched && g_watched[slot].fd >= 0) ++slot;
  if (slot < kMaxWatched) g_watched[slot] = {fd, info.st_dev, info.st_ino};
  pthread_mutex_unlock(&g_mutex);
  if (slot == kMaxWatched) return Error{"cannot watch a descriptor for forks", EMFILE};
  return ForkGuard(slot, ::getpid());
}

ForkGuard::ForkGuard(ForkGuard&& other) noexcept
    : slot_(other.slot_), process_(std::exchange(other.process_, 0)) {}

ForkGuard::~ForkGuard() {
  if (process_ != ::getpid()) return;
  pthread_mutex_lock(&g_mutex);
  g_watched[slot_] = Watched{};
  pthread_mutex_unlock(&g_mutex);
}

}  // namespace solo
