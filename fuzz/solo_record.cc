// SPDX-License-Identifier: Apache-2.0
// A record of solo: refused, or exactly what its content is written as.
#include <cstdint>
#include <cstdlib>
#include <regex>
#include <string>

#include "solo/record.h"

namespace {

// A second reader, by the form that record.h tells, and nothing else of it.
bool is_record(const std::string& text) {
  static const std::regex form(
      "(?:(0) solo1 released|([1-9][0-9]{0,6}) solo1 owned) generation=[1-9][0-9]* "
      "start=(?:0|[1-9][0-9]*) "
      "boot=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12} "
      "pidns=(?:0|[1-9][0-9]*) nonce=[0-9a-f]{16} since_boot_ms=(?:0|[1-9][0-9]*) "
      "since_unix_ms=(?:0|[1-9][0-9]*) managed=(?:cli|auto) sum=([0-9a-f]{16})\n");
  std::smatch parts;
  if (text.size() > solo::kMaxRecordBytes || !std::regex_match(text, parts, form)) return false;
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : text.substr(0, text.rfind(" sum="))) {
    sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return std::stoull(parts[3], nullptr, 16) == sum;
}

// A number that is beyond what a field can hold; which fields can hold which is not asked here.
bool has_too_much(const std::string& text) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 17) return true;
  }
  return std::stoul(text) > solo::kMaxPid;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto record = solo::parse_record(text);
  if (record && solo::format_record(*record) != text) std::abort();
  if (record && !is_record(text)) std::abort();
  if (!record && size < 400 && is_record(text) && !has_too_much(text)) std::abort();
  return 0;
}
