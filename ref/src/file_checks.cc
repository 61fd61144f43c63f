// SPDX-License-Identifier: Apache-2.0
#include "file_checks.h"

namespace solo {

MaybeError check_plain_file(const struct stat& info, const StateDir& dir, std::string_view file) {
  if (!S_ISREG(info.st_mode)) return Error{dir.quoted(file) + " is not a regular file"};
  if (info.st_nlink > 1) return Error{dir.quoted(file) + " has another hard link"};
  if (info.st_uid != dir.uid()) return Error{dir.quoted(file) + " belongs to another user"};
  return {};
}

}  // namespace solo
