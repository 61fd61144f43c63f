// SPDX-License-Identifier: Apache-2.0
// /proc/PID/stat of a process that chose its own name.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "solo/process.h"
#include "trace/descendants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // The harness and solo each read it by themselves.
  const auto parent = lockproof::parent_in_stat(text);
  const auto whole = solo::parse_proc_stat(text);
  if (whole && (!parent || *parent != whole->parent)) std::abort();
  if (text.find(')') != std::string::npos) return 0;
  if (lockproof::parent_in_stat("41 (" + text + ") S 7 41") != 7) std::abort();
  return 0;
}
