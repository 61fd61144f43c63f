// SPDX-License-Identifier: Apache-2.0
#include "solo/record.h"

#include <algorithm>

#include "scanner.h"

namespace solo {
namespace {

constexpr std::string_view kOwned = " solo1 owned";
constexpr std::string_view kReleased = " solo1 released";

std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

std::string hex16(std::uint64_t value) {
  std::string digits(16, '0');
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, value >>= 4) {
    *at = "0123456789abcdef"[value & 15];
  }
  return digits;
}

// One named number into `field`, or false.
bool number(Scanner& in, std::string_view label, std::uint64_t max, std::uint64_t& field) {
  if (!in.literal(label)) return false;
  const auto value = in.decimal(max);
  field = value.value_or(0);
  return value.has_value();
}

bool hexadecimal(Scanner& in, std::string_view label, std::uint64_t& field) {
  if (!in.literal(label)) return false;
  const auto value = in.hex16();
  field = value.value_or(0);
  return value.has_value();
}

// A pid with "owned", or 0 with "released".
bool owner(Scanner& in, Record& record) {
  const auto pid = in.decimal(kMaxPid);
  if (!pid) return false;
  record.pid = static_cast<std::int32_t>(*pid);
  record.state = record.pid == 0 ? Record::State::kReleased : Record::State::kOwned;
  return in.literal(record.pid == 0 ? kReleased : kOwned);
}

bool boot(Scanner& in, Record& record) {
  if (!in.literal(" boot=")) return false;
  const auto text = in.take(record.boot_id.size());
  const auto id = text ? parse_boot_id(*text) : std::nullopt;
  if (id) record.boot_id = *id;
  return id.has_value();
}

bool managed(Scanner& in, Record& record) {
  if (!in.literal(" managed=")) return false;
  record.managed = in.literal("auto") ? Managed::kAuto : Managed::kCli;
  return record.managed == Managed::kAuto || in.literal("cli");
}

bool checksum(Scanner& in, std::string_view whole) {
  const std::string_view covered = whole.substr(0, whole.size() - in.rest().size());
  std::uint64_t sum = 0;
  return hexadecimal(in, " sum=", sum) && sum == fnv1a(covered);
}

}  // namespace

std::string format_record(const Record& record) {
  std::string text = std::to_string(record.pid);
  text += record.state == Record::State::kOwned ? kOwned : kReleased;
  text += " generation=" + std::to_string(record.generation);
  text += " start=" + std::to_string(record.start_ticks);
  text += " boot=" + std::string(record.boot_id.data(), record.boot_id.size());
  text += " pidns=" + std::to_string(record.pid_namespace);
  text += " nonce=" + hex16(record.nonce);
  text += " since_boot_ms=" + std::to_string(record.since_boot_ms);
  text += " since_unix_ms=" + std::to_string(record.since_unix_ms);
  text += record.managed == Managed::kAuto ? " managed=auto" : " managed=cli";
  text += " sum=" + hex16(fnv1a(text)) + "\n";
  return text;
}

std::optional<Record> parse_record(std::string_view text) {
  if (text.size() > kMaxRecordBytes) return std::nullopt;
  Scanner in(text);
  Record record;
  const bool good =
      owner(in, record) && number(in, " generation=", kMaxGeneration, record.generation) &&
      record.generation > 0 && number(in, " start=", UINT64_MAX, record.start_ticks) &&
      boot(in, record) && number(in, " pidns=", UINT64_MAX, record.pid_namespace) &&
      hexadecimal(in, " nonce=", record.nonce) &&
      number(in, " since_boot_ms=", UINT64_MAX, record.since_boot_ms) &&
      number(in, " since_unix_ms=", UINT64_MAX, record.since_unix_ms) && managed(in, record) &&
      checksum(in, text) && in.literal("\n") && in.rest().empty();
  return good ? std::optional(record) : std::nullopt;
}

std::optional<BootId> parse_boot_id(std::string_view text) {
  BootId id{};
  if (text.size() != id.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !Scanner::is_hex(text[i])) return std::nullopt;
  }
  std::copy(text.begin(), text.end(), id.begin());
  return id;
}

}  // namespace solo
