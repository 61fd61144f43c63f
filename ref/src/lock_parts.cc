// SPDX-License-Identifier: Apache-2.0
#include "lock_parts.h"

#include <cerrno>

#include "calls.h"
#include "guard.h"

namespace solo {
namespace {

struct flock one_byte(Part part, As as) {
  struct flock lock {};  // l_pid must be 0 for a lock on an open file
  lock.l_type = static_cast<short>(as);
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(part);
  lock.l_len = 1;
  return lock;
}

// What a failed lock call means (guard failure_is_failure). EINTR was dealt with before.
bool means_busy(int result) { return result == -EAGAIN || result == -EACCES; }

}  // namespace

int take_part(port::Sys& sys, int fd, Part part, As as) {
  struct flock lock = one_byte(part, as);
  const int taken = again_if_interrupted([&] { return sys.fcntl_lock(fd, F_OFD_SETLK, &lock); });
  if (means_busy(taken)) return 0;
  return taken < 0 && SOLO_GUARD(sys, failure_is_failure) ? taken : 1;
}

int part_is_held(port::Sys& sys, int fd, Part part, As as) {
  struct flock lock = one_byte(part, as);
  const int asked = again_if_interrupted([&] { return sys.fcntl_lock(fd, F_OFD_GETLK, &lock); });
  return asked < 0 ? asked : lock.l_type == F_UNLCK ? 0 : 1;
}

void drop_part(port::Sys& sys, int fd, Part part) {
  struct flock lock = one_byte(part, As::kReader);
  lock.l_type = F_UNLCK;
  again_if_interrupted([&] { return sys.fcntl_lock(fd, F_OFD_SETLK, &lock); });
}

void unlock(port::Sys& sys, int fd) {
  struct flock lock {};
  lock.l_type = F_UNLCK;
  lock.l_whence = SEEK_SET;
  sys.fcntl_lock(fd, F_OFD_SETLK, &lock);
}

}  // namespace solo
