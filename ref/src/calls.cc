// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include "guard.h"
#include "solo/fd.h"

namespace solo {
namespace {

constexpr int kFirstAboveStdio = 3;

int above_stdio(port::Sys& sys, int fd) {
  if (fd < 0 || fd >= kFirstAboveStdio || !SOLO_GUARD(sys, above_stdio)) return fd;
  Fd low(sys, fd);
  return sys.dup_above(low.get(), kFirstAboveStdio);
}

}  // namespace

int open_above_stdio(port::Sys& sys, int dir, const char* name, int flags, mode_t mode) {
  if (SOLO_GUARD(sys, close_on_exec)) flags |= O_CLOEXEC;
  const int fd = again_if_interrupted([&] { return sys.openat(dir, name, flags, mode); });
  return above_stdio(sys, fd);
}

ssize_t read_up_to(port::Sys& sys, int fd, char* buffer, std::size_t size) {
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got =
        again_if_interrupted([&] { return sys.read(fd, buffer + have, size - have); });
    if (got < 0) return got;
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(have);
}

int write_all(port::Sys& sys, int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        again_if_interrupted([&] { return sys.write(fd, bytes.data(), bytes.size()); });
    if (put < 0) return static_cast<int>(put);
    if (put == 0) return -ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

ssize_t read_path(port::Sys& sys, const char* path, char* buffer, std::size_t size) {
  Fd file(sys, open_above_stdio(sys, AT_FDCWD, path, O_RDONLY | O_NOCTTY));
  return file.valid() ? read_up_to(sys, file.get(), buffer, size) : file.get();
}

}  // namespace solo
