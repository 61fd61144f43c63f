// SPDX-License-Identifier: Apache-2.0
// What differs from one run of Linux to the next, made the same in every run and every world: the
// id of a boot, bytes of chance, the line of a process in /proc.
#pragma once

#include <cstdint>
#include <string>

namespace lockproof {

inline constexpr std::int64_t kTickNs = 10'000'000;  // of the times in /proc/PID/stat

// The boot's number, from 1; /proc/sys/kernel/random/boot_id.
std::string boot_id_text(unsigned boot);

// /dev/urandom: different readers, boots and readings give different bytes, the same ones always
// the same.
struct Reading {
  unsigned boot = 1;
  unsigned reader = 0;       // its pid, less 1000
  std::uint32_t born = 0;    // in ticks
  std::uint32_t number = 0;  // which of its readings, from 1
};
std::string random_bytes(const Reading& reading, std::int64_t size);

// /proc/PID/stat, as the reader's pid namespace has it; what is not here is 0.
struct StatLine {
  std::int64_t pid = 0;
  char state = 'S';
  std::int64_t parent = 0;
  std::int64_t group = 0;
  std::int64_t session = 0;
  bool exits = false;     // PF_EXITING, which the kernel sets before it closes the files
  std::int64_t born = 0;  // in ticks
};
std::string format(const StatLine& line);

}  // namespace lockproof
