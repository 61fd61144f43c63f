// SPDX-License-Identifier: Apache-2.0
// WholeFile: the kernel for a version of solo from before its lock file had parts. Such a version
// locks the whole file, whichever part is meant.
#pragma once

#include <fcntl.h>

#include "port/forward.h"

namespace lockproof {

class WholeFile final : public solo::port::ForwardSys {
 public:
  using ForwardSys::ForwardSys;

  int fcntl_lock(int fd, int command, struct flock* lock) override {
    lock->l_start = 0;
    lock->l_len = 0;  // to the end of the file, wherever that is
    return next().fcntl_lock(fd, command, lock);
  }
};

}  // namespace lockproof
