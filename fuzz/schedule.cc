// SPDX-License-Identifier: Apache-2.0
// A schedule string: refused, or exactly what its schedule is written as.
#include "core/schedule.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto schedule = lockproof::decode(text);
  if (schedule && lockproof::encode(*schedule) != text) std::abort();
  return 0;
}
