// SPDX-License-Identifier: Apache-2.0
// StateDir: the directory that holds the files of the instances, opened in a way that nobody else
// can bend. Everything after this goes through the descriptor and single names in it.
//
// The path is walked from "/" one name at a time. Guards (src/guards.def):
//  absolute_path: the path is absolute and free of "." and "..". Two processes with different
//    working directories would otherwise lock two different files and both own.
//  no_symlink: no component is a symbolic link. Its owner could turn it between two claims.
//  trusted_parent: no parent belongs to another ordinary user, or is writable by group or others
//    without the sticky bit. Whoever may rename our directory away gets a second, empty one made.
//  own_directory: the directory itself belongs to the effective uid.
//  private_directory: the directory itself is not writable by group or others. Whoever can unlink
//    a lock file can make two owners.
//  local_file_system: the directory is on no network or user-space file system, where a lock may
//    hold on one machine only, or mean nothing.
#pragma once

#include <string>
#include <string_view>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/result.h"

namespace solo {

class StateDir {
 public:
  enum class IfMissing { kCreate, kFail };

  // Opens `path`. With kCreate the last component is created, mode 0700, when it is missing;
  // parents never are. Then the same guards apply to it, as somebody else may have been faster.
  //
  // Errors: the guard that refused, or the call that failed; code ENOENT with kFail when a
  // component is missing. Never blocks. If the process dies here: perhaps an empty directory, 0700.
  static Result<StateDir> open(port::Sys& sys, std::string_view path, IfMissing if_missing);

  int fd() const { return fd_.get(); }               // O_PATH, O_CLOEXEC, not one of 0 to 2
  uid_t uid() const { return uid_; }                 // the owner: the effective uid at open()
  const std::string& path() const { return path_; }  // without repeated or trailing slashes

  // "PATH/FILE" for messages, quoted and printable.
  std::string quoted(std::string_view file) const;

 private:
  StateDir(Fd fd, uid_t uid, std::string path)
      : fd_(std::move(fd)), uid_(uid), path_(std::move(path)) {}

  Fd fd_;
  uid_t uid_;
  std::string path_;
};

// Where the state is unless told otherwise: /run/solo for root, /run/user/UID/solo for others. From
// the uid alone: an environment variable that differs between two callers would make two owners.
std::string default_state_dir(uid_t uid);

}  // namespace solo
