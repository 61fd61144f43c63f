// SPDX-License-Identifier: Apache-2.0
#include "file_checks.h"

#include "guard.h"

namespace solo {

int open_safely(port::Sys& sys) {
  return (SOLO_GUARD(sys, no_follow) ? O_NOFOLLOW : 0) |
         (SOLO_GUARD(sys, never_waits) ? O_NOCTTY | O_NONBLOCK : 0);
}

MaybeError check_plain_file(port::Sys& sys, const struct stat& info, const StateDir& dir,
                            std::string_view file) {
  if (!S_ISREG(info.st_mode) && SOLO_GUARD(sys, regular_file)) {
    return Error{dir.quoted(file) + " is not a regular file"};
  }
  if (info.st_nlink > 1 && SOLO_GUARD(sys, single_link)) {
    return Error{dir.quoted(file) + " has another hard link"};
  }
  if (info.st_uid != dir.uid() && SOLO_GUARD(sys, own_file)) {
    return Error{dir.quoted(file) + " belongs to another user"};
  }
  return {};
}

}  // namespace solo
