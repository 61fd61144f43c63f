// SPDX-License-Identifier: Apache-2.0
// A fuzzer that finds nothing may look at nothing: this one has a defect, and has to be found.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/schedule.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A reader of kills that takes one for granted behind each '!'.
  const std::size_t kill = text.find('!');
  if (kill != text.npos && text.substr(kill, 2) == "!A" && text.size() > kill + 4 &&
      text.find('@') < kill) {
    std::abort();
  }
  (void)lockproof::decode(std::string(text));
  return 0;
}
