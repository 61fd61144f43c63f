// SPDX-License-Identifier: Apache-2.0
// What nearly every call here needs around it: going on after EINTR, and descriptors above stdio.
// Results as in the port: >= 0, or the negated errno.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string_view>

#include "port/sys.h"

namespace solo {

// A call that is interrupted this often in a row is reported as interrupted: no loop without end.
inline constexpr int kMaxInterrupts = 8;

template <class Call>
auto again_if_interrupted(Call call) {
  auto result = call();
  for (int i = 0; result == -EINTR && i < kMaxInterrupts; ++i) result = call();
  return result;
}

// openat with O_CLOEXEC, and never a descriptor from 0 to 2 (guards close_on_exec, above_stdio).
int open_above_stdio(port::Sys& sys, int dir, const char* name, int flags, mode_t mode = 0);

// Reads until the end of the file or until `size` bytes; how many.
ssize_t read_up_to(port::Sys& sys, int fd, char* buffer, std::size_t size);

// Writes all of it; 0. A write that is cut short goes on; one that writes nothing is -ENOSPC.
int write_all(port::Sys& sys, int fd, std::string_view bytes);

// The beginning of a file by absolute path: at most `size` bytes; how many.
ssize_t read_path(port::Sys& sys, const char* path, char* buffer, std::size_t size);

}  // namespace solo
