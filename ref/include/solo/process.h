// SPDX-License-Identifier: Apache-2.0
// Who a process is, beyond a number that the kernel gives to somebody else one day.
//
// Reads these, and nothing else, outside the state directory: /proc/self/stat, /proc/PID/stat,
// /proc/sys/kernel/random/boot_id, /proc/self/ns/pid (fstatat only), /dev/urandom.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "port/sys.h"
#include "solo/record.h"
#include "solo/result.h"

namespace solo {

// Where a pid has its meaning.
struct Realm {
  BootId boot_id{};
  std::uint64_t pid_namespace = 0;
};

// Whether the pid that it names means something there.
inline bool is_of(const Realm& realm, const Record& record) {
  return record.boot_id == realm.boot_id && record.pid_namespace == realm.pid_namespace;
}

struct Identity {
  Realm realm;
  std::int32_t pid = 0;
  std::uint64_t start_ticks = 0;
};

// Errors: no /proc, or content that is not what the kernel writes.
Result<Realm> this_realm(port::Sys& sys);
Result<Identity> identify_self(port::Sys& sys);

// 64 random bits.
Result<std::uint64_t> random_nonce(port::Sys& sys);

struct ProcStat {
  char state = '?';               // field 3
  std::int32_t parent = 0;        // field 4
  std::uint64_t flags = 0;        // field 9: the kernel's PF_...
  std::uint64_t start_ticks = 0;  // field 22

  // A zombie, or on its way there: the kernel sets PF_EXITING first, and closes its files then.
  bool has_ended() const { return state == 'Z' || state == 'X' || (flags & kExiting) != 0; }

  static constexpr std::uint64_t kExiting = 0x4;
};

// The text of a /proc/PID/stat. The second field is the process's name, which it chooses itself and
// which may hold spaces, line ends and parentheses: fields are counted from the LAST ')'.
std::optional<ProcStat> parse_proc_stat(std::string_view text);

// Whether there is a process `pid` now that started then and has not ended (guards same_start and
// not_ended, in src/owner.h): 1, 0, or the negated errno where that cannot be found out.
int is_alive(port::Sys& sys, std::int32_t pid, std::uint64_t start_ticks);

// Whether this process is that one, or was started by it: its parent is, or that one's parent, and
// so on. 1, 0, or the negated errno.
int descends_from(port::Sys& sys, std::int32_t pid, std::uint64_t start_ticks);

// Whether the process that `record` names is there now: same boot, same pid namespace, that pid,
// that start time, and not about to end or a zombie (which holds no lock). False also when that
// cannot be found out. A start time is a weak identity, 10 ms coarse: good enough to show, never to
// signal.
bool names_live_process(port::Sys& sys, const Record& record, const Realm& realm);

}  // namespace solo
