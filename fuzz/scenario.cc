// SPDX-License-Identifier: Apache-2.0
// A scenario file: accepted, or one sentence that names the file.
#include "subject/scenario.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto scenario = lockproof::parse_scenario(text, "s.toml", "family/s");
  if (scenario) {
    if (scenario->invariants.empty()) std::abort();
    return 0;
  }
  const std::string& sentence = scenario.error().sentence;
  if (sentence.find("s.toml") == std::string::npos) std::abort();
  if (sentence.find('\n') != std::string::npos) std::abort();
  return 0;
}
