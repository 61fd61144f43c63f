// SPDX-License-Identifier: Apache-2.0
// /proc/PID/stat of a process that chose its own name.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "trace/descendants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)lockproof::parent_in_stat(text);
  if (text.find(')') != std::string::npos) return 0;
  if (lockproof::parent_in_stat("41 (" + text + ") S 7 41") != 7) std::abort();
  return 0;
}
