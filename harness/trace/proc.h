// SPDX-License-Identifier: Apache-2.0
// What /proc says of another process: its descriptors and signals. Answers of a moment in which the
// process stands still; of one that is gone, and of a descriptor that is not open: nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockproof {

// The whole of /proc/PID/NAME.
std::string proc_text(pid_t pid, std::string_view name);

std::vector<int> open_descriptors(pid_t pid);
// What the descriptor is open on: "/home/f", "/home/f (deleted)", "anon_inode:[signalfd]".
std::string what_is_open(pid_t pid, int fd);
// Of each line of /proc/PID/fdinfo/FD that begins with `key`, what follows it.
std::vector<std::string> descriptor_info(pid_t pid, int fd, std::string_view key);
bool closes_on_exec(pid_t pid, int fd);

// Where it reads next in each of its files (not devices, pipes and the like), by descriptor. All
// that share an open file share that: put_offsets() puts it back.
using Offsets = std::vector<std::pair<int, std::int64_t>>;
Offsets file_offsets(pid_t pid);
// REQUIRES: the caller may trace it.
void put_offsets(pid_t pid, const Offsets& offsets);

// The path of the file that is mapped at this address.
std::string mapped_at(pid_t pid, std::uint64_t address);

// Bit signal - 1 each.
struct SignalMasks {
  std::uint64_t pending = 0;
  std::uint64_t blocked = 0;
  std::uint64_t ignored = 0;
  std::uint64_t caught = 0;
};
SignalMasks signal_masks(pid_t pid);

// With which it makes files.
mode_t umask_of(pid_t pid);

// As it knows itself, in the innermost of its pid namespaces; 0: it is gone.
pid_t pid_in_its_namespace(pid_t pid);

// Of a thread, by its tid.
struct Sleep {
  bool in_futex = false;       // it sleeps in futex(2), until another one wakes it
  std::uint64_t switches = 0;  // as often as it has slept, or was made to wait, by now
  bool operator==(const Sleep&) const = default;
};
Sleep how_it_sleeps(pid_t tid);

}  // namespace lockproof
