// SPDX-License-Identifier: Apache-2.0
// A history file: read, or refused with its name; what was read and is written again reads as the
// same.
#include "core/history.h"

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream in(text);
  const auto history = lockproof::read_history(in, "h.jsonl");
  if (!history) {
    if (history.error().sentence.find("h.jsonl") == std::string::npos) std::abort();
    return 0;
  }
  std::stringstream again;
  if (!lockproof::write_history(*history, again)) std::abort();
  const auto second = lockproof::read_history(again, "again");
  if (!second || second->events != history->events) std::abort();
  return 0;
}
