// SPDX-License-Identifier: Apache-2.0
#include "lock_file.h"

#include <cerrno>

#include "calls.h"
#include "file_checks.h"
#include "guard.h"
#include "solo/instance.h"

namespace solo {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kModeBits = 07777;

using TakeAttempt = std::variant<Fd, Attempt, Error>;
using LookAttempt = std::variant<Attempt, Error>;

struct flock whole_file(short type) {
  struct flock lock {};  // l_pid must be 0 for a lock on an open file
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

// What a failed lock call means (guard failure_is_failure). EINTR was dealt with before.
bool means_busy(int result) { return result == -EAGAIN || result == -EACCES; }

Error cannot(const char* act, const StateDir& dir, const Name& name, int result) {
  return {std::string("cannot ") + act + " " + dir.quoted(name.lock_file()), -result};
}

// Whether the name reaches the file that is open as `fd` (whose stat before the lock is of no use:
// it may be from before the replacement).
Result<bool> name_reaches(port::Sys& sys, const StateDir& dir, const Name& name, int fd) {
  if (!SOLO_GUARD(sys, same_inode)) return true;
  struct stat held {};
  struct stat named {};
  const int looked = sys.fstat(fd, &held);
  if (looked < 0) return cannot("examine", dir, name, looked);
  const int found = sys.fstatat(dir.fd(), name.lock_file().c_str(), &named, AT_SYMLINK_NOFOLLOW);
  if (found == -ENOENT) return false;
  if (found < 0) return cannot("examine", dir, name, found);
  return held.st_dev == named.st_dev && held.st_ino == named.st_ino && held.st_nlink > 0;
}

// Opens and examines; kAgain when the file was unlinked in between.
TakeAttempt open_lock_file(port::Sys& sys, const StateDir& dir, const Name& name, int flags,
                           struct stat& info) {
  const std::string file_name = name.lock_file();
  Fd file(sys,
          open_above_stdio(sys, dir.fd(), file_name.c_str(), flags | open_safely(sys), kOwnerOnly));
  if (!file.valid()) return cannot("open", dir, name, file.get());
  const int looked = sys.fstat(file.get(), &info);
  if (looked < 0) return cannot("examine", dir, name, looked);
  if (info.st_nlink == 0) return Attempt::kAgain;
  if (auto error = check_plain_file(sys, info, dir, file_name)) return *error;
  return file;
}

TakeAttempt try_to_take(port::Sys& sys, const StateDir& dir, const Name& name) {
  struct stat info {};
  auto opened = open_lock_file(sys, dir, name, O_RDWR | O_CREAT, info);
  Fd* const file = std::get_if<Fd>(&opened);
  if (file == nullptr) return opened;

  struct flock lock = whole_file(F_WRLCK);
  const int locked =
      again_if_interrupted([&] { return sys.fcntl_lock(file->get(), F_OFD_SETLK, &lock); });
  if (means_busy(locked)) return Attempt::kBusy;
  if (locked < 0 && SOLO_GUARD(sys, failure_is_failure)) return cannot("lock", dir, name, locked);

  const auto same = name_reaches(sys, dir, name, file->get());
  if (!same.ok()) return same.error();
  if (!same.value()) return Attempt::kAgain;

  if ((info.st_mode & kModeBits) != kOwnerOnly && SOLO_GUARD(sys, private_mode)) {
    const int changed = sys.fchmod(file->get(), kOwnerOnly);
    if (changed < 0) return cannot("make private", dir, name, changed);
  }
  return opened;
}

LookAttempt try_to_look(port::Sys& sys, const StateDir& dir, const Name& name) {
  struct stat info {};
  auto opened = open_lock_file(sys, dir, name, O_RDONLY, info);
  if (const Error* error = std::get_if<Error>(&opened)) {
    return error->code == ENOENT ? LookAttempt(Attempt::kFree) : *error;
  }
  const Fd* const file = std::get_if<Fd>(&opened);
  if (file == nullptr) return Attempt::kAgain;

  struct flock lock = whole_file(F_WRLCK);
  const int asked =
      again_if_interrupted([&] { return sys.fcntl_lock(file->get(), F_OFD_GETLK, &lock); });
  if (asked < 0) return cannot("ask for the lock of", dir, name, asked);
  const auto same = name_reaches(sys, dir, name, file->get());
  if (!same.ok()) return same.error();
  if (!same.value()) return Attempt::kAgain;
  return lock.l_type == F_UNLCK ? Attempt::kFree : Attempt::kBusy;
}

template <class Try>
auto until_decided(port::Sys& sys, const StateDir& dir, const Name& name, Try attempt)
    -> decltype(attempt()) {
  for (unsigned i = 0; i < kMaxAttempts || !SOLO_GUARD(sys, bounded_attempts); ++i) {
    auto outcome = attempt();
    const Attempt* const state = std::get_if<Attempt>(&outcome);
    if (state == nullptr || *state != Attempt::kAgain) return outcome;
  }
  return Error{"somebody keeps replacing " + dir.quoted(name.lock_file())};
}

}  // namespace

TakeAttempt take_lock(port::Sys& sys, const StateDir& dir, const Name& name) {
  return until_decided(sys, dir, name, [&] { return try_to_take(sys, dir, name); });
}

void unlock(port::Sys& sys, int fd) {
  struct flock lock = whole_file(F_UNLCK);
  sys.fcntl_lock(fd, F_OFD_SETLK, &lock);
}

LookAttempt look_at_lock(port::Sys& sys, const StateDir& dir, const Name& name) {
  return until_decided(sys, dir, name, [&] { return try_to_look(sys, dir, name); });
}

}  // namespace solo
