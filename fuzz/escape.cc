// SPDX-License-Identifier: Apache-2.0
// Whatever goes in, what comes out is one line of valid UTF-8 without control characters.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string shown = lockproof::escape(text, 200);
  if (shown.size() > 200 || lockproof::valid_utf8(shown) != shown) std::abort();
  for (unsigned char c : shown) {
    if (c < 0x20 || c == 0x7f) std::abort();
  }
  return 0;
}
