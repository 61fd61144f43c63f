// SPDX-License-Identifier: Apache-2.0
// Record: what an owner writes about itself, for people and for `status`. It never decides who
// owns: the lock does.
//
// The text is one line that begins with the decimal pid of the owner, or with "0 " once released:
//
//   PID solo1 owned|released generation=N start=TICKS boot=UUID pidns=INODE nonce=HEX16
//       since_boot_ms=N since_unix_ms=N managed=cli|auto sum=HEX16 \n   (one space between, one
//       line)
//
// "solo1" is the version of the form. The sum is FNV-1a of all bytes before " sum=": it tells a
// torn or foreign line from one of ours, and is no protection against forgery.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace solo {

inline constexpr std::size_t kMaxRecordBytes = 512;  // more is not a record
inline constexpr std::int32_t kMaxPid = 4'194'304;   // the kernel's PID_MAX_LIMIT
inline constexpr std::uint64_t kMaxGeneration = UINT64_MAX >> 1;

// A boot of the machine, as the kernel names it: 8-4-4-4-12 lower-case hexadecimal digits.
using BootId = std::array<char, 36>;

// Who started an instance: a user, or a launcher, which may also end it (solo/launch.h).
enum class Managed : std::uint8_t { kCli, kAuto };

struct Record {
  enum class State : std::uint8_t { kOwned, kReleased };

  State state = State::kOwned;
  std::int32_t pid = 0;             // of the owner, in its pid namespace; 0 exactly when released
  std::uint64_t start_ticks = 0;    // when it started: field 22 of /proc/PID/stat
  BootId boot_id{};                 // pid and start mean nothing in another boot,
  std::uint64_t pid_namespace = 0;  // nor in another pid namespace (its inode)
  std::uint64_t nonce = 0;          // random: one claim is not another
  std::uint64_t generation = 0;     // from 1; each claim has one more than the record before it
  std::uint64_t since_boot_ms = 0;  // when it was claimed, on CLOCK_BOOTTIME
  std::uint64_t since_unix_ms = 0;  // and by the wall clock, for people
  Managed managed = Managed::kCli;

  bool operator==(const Record&) const = default;
};

// The one spelling of `record`, with its line end.
std::string format_record(const Record& record);

// The record that is spelled exactly so, else nothing. Total: any bytes of any length may come in.
// parse_record(format_record(r)) == r for every r whose fields are in their ranges, and no other
// text parses as r.
std::optional<Record> parse_record(std::string_view text);

// The boot id that these 36 bytes spell.
std::optional<BootId> parse_boot_id(std::string_view text);

}  // namespace solo
