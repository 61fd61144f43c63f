// SPDX-License-Identifier: Apache-2.0
// Fd: a descriptor that closes itself. Move-only; -1 is none.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace lockproof {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() { close(); }
  // 0, or the errno of a late error: a full disk, a network. It is closed either way.
  int close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0 ? 0 : errno;
  }

 private:
  int fd_ = -1;
};

}  // namespace lockproof
