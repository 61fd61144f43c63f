// SPDX-License-Identifier: Apache-2.0
// The kernel's lock table, with anything in it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stress/watcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::int64_t seen = lockproof::read_lock_table(text, 0, 0x2e, 4, size % 2 == 0);
  if (seen > 0) std::abort();
  return 0;
}
