// SPDX-License-Identifier: Apache-2.0
// A record of solo: refused, or exactly what its content is written as.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "solo/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto record = solo::parse_record(text);
  if (record && solo::format_record(*record) != text) std::abort();
  return 0;
}
