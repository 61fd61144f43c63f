// SPDX-License-Identifier: Apache-2.0
// Fd: owns one descriptor of one kernel, and closes it there.
#pragma once

#include <utility>

#include "port/sys.h"

namespace solo {

class Fd {
 public:
  Fd() = default;
  Fd(port::Sys& sys, int fd) : sys_(&sys), fd_(fd) {}
  Fd(Fd&& other) noexcept : sys_(other.sys_), fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      sys_ = other.sys_;
      fd_ = other.release();
    }
    return *this;
  }
  ~Fd() { close(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Closes now; 0 or the negated errno. The descriptor is gone either way, as Linux frees the
  // number even when close fails: a second close could hit a stranger that got the number
  // meanwhile.
  int close() { return fd_ < 0 ? 0 : sys_->close(release()); }

  // Hands the number out; it is not closed here any more.
  int release() { return std::exchange(fd_, -1); }

 private:
  port::Sys* sys_ = nullptr;
  int fd_ = -1;
};

}  // namespace solo
