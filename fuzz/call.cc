// SPDX-License-Identifier: Apache-2.0
// A call and its answer as text (docs/MODEL.md), a line each: refused, or what it is written as.
#include "program/call.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  lockproof::Texts texts;
  if (const auto call = lockproof::parse_call(text.substr(0, end), texts)) {
    const auto again = lockproof::parse_call(lockproof::format(*call, texts), texts);
    if (!again.ok() || *again != *call) std::abort();
  }
  if (end == std::string::npos) return 0;
  if (const auto answer = lockproof::parse_answer(text.substr(end + 1), texts)) {
    const auto again = lockproof::parse_answer(lockproof::format(*answer, texts), texts);
    if (!again.ok() || *again != *answer) std::abort();
  }
  return 0;
}
