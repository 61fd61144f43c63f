// SPDX-License-Identifier: Apache-2.0
#include "lock_file.h"

#include <cerrno>

#include "calls.h"
#include "file_checks.h"
#include "guard.h"
#include "lock_parts.h"
#include "solo/instance.h"

namespace solo {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kModeBits = 07777;

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

// Opens and examines. Nothing: it was unlinked in between.
Result<std::optional<Fd>> open_once(port::Sys& sys, const StateDir& dir, const Name& name,
                                    int flags, mode_t& mode) {
  const std::string file_name = name.lock_file();
  Fd file(sys,
          open_above_stdio(sys, dir.fd(), file_name.c_str(), flags | open_safely(sys), kOwnerOnly));
  if (!file.valid()) return cannot("open", dir, name, file.get());
  struct stat info {};
  const int looked = sys.fstat(file.get(), &info);
  if (looked < 0) return cannot("examine", dir, name, looked);
  if (info.st_nlink == 0) return std::optional<Fd>();
  if (auto error = check_plain_file(sys, info, dir, file_name)) return *error;
  mode = info.st_mode;
  return std::optional(std::move(file));
}

}  // namespace

Result<std::optional<OpenLock>> open_lock_file(port::Sys& sys, const StateDir& dir,
                                               const Name& name, int flags, const LockAct& act) {
  for (unsigned i = 0; i < kMaxAttempts || !SOLO_GUARD(sys, bounded_attempts); ++i) {
    OpenLock lock;
    auto opened = open_once(sys, dir, name, flags, lock.mode);
    const bool missing = !opened.ok() && opened.error().code == ENOENT;
    if (missing && (flags & O_CREAT) == 0) return std::optional<OpenLock>();
    if (!opened.ok()) return opened.error();
    if (!opened.value()) continue;
    lock.file = std::move(*opened.value());
    lock.outcome = act.act(lock.file.get());
    if (lock.outcome < 0) return cannot(act.what, dir, name, lock.outcome);
    if (lock.outcome == 0 && act.zero_is_final) return std::optional(std::move(lock));
    const auto same = name_reaches(sys, dir, name, lock.file.get());
    if (!same.ok()) return same.error();
    if (same.value()) return std::optional(std::move(lock));
  }
  return Error{"somebody keeps replacing " + dir.quoted(name.lock_file())};
}

Result<std::optional<Fd>> take_lock(port::Sys& sys, const StateDir& dir, const Name& name) {
  const LockAct take = {
      "lock", [&](int fd) { return take_part(sys, fd, Part::kOwner, As::kWriter); }, true};
  auto opened = open_lock_file(sys, dir, name, O_RDWR | O_CREAT, take);
  if (!opened.ok()) return opened.error();
  OpenLock& lock = *opened.value();
  if (lock.outcome == 0) return std::optional<Fd>();
  if ((lock.mode & kModeBits) != kOwnerOnly && SOLO_GUARD(sys, private_mode)) {
    const int changed = sys.fchmod(lock.file.get(), kOwnerOnly);
    if (changed < 0) return cannot("make private", dir, name, changed);
  }
  return std::optional(std::move(lock.file));
}

Result<LockState> look_at_lock(port::Sys& sys, const StateDir& dir, const Name& name) {
  LockState state;
  const auto asks = [&](int fd) {
    state = {};
    const int owned = part_is_held(sys, fd, Part::kOwner, As::kWriter);
    if (owned <= 0) return owned;
    const int stopping = part_is_held(sys, fd, Part::kStop, As::kWriter);
    const int ready = part_is_held(sys, fd, Part::kReady, As::kReader);
    state = {true, stopping == 1, ready == 1};
    return stopping < 0 ? stopping : ready < 0 ? ready : 1;
  };
  const auto opened = open_lock_file(sys, dir, name, O_RDONLY, {"ask for the lock of", asks});
  if (!opened.ok()) return opened.error();
  return opened.value() ? state : LockState{};
}

}  // namespace solo
