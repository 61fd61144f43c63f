// SPDX-License-Identifier: Apache-2.0
#include "solo/process.h"

#include <cerrno>
#include <string>

#include "calls.h"
#include "guard.h"
#include "scanner.h"

namespace solo {
namespace {

constexpr const char* kBootIdPath = "/proc/sys/kernel/random/boot_id";
constexpr const char* kPidNamespacePath = "/proc/self/ns/pid";
constexpr const char* kSelfStatPath = "/proc/self/stat";
constexpr const char* kRandomPath = "/dev/urandom";

// The kernel's line has about 350 bytes, a name of 64 included.
constexpr std::size_t kMaxStatBytes = 1024;

Error cannot_read(const char* path, ssize_t result) {
  return {std::string("cannot read '") + path + "'", static_cast<int>(-result)};
}

Error unexpected(const char* path) {
  return {std::string("'") + path + "' does not hold what the kernel writes there"};
}

Result<ProcStat> read_proc_stat(port::Sys& sys, const char* path) {
  char buffer[kMaxStatBytes];
  const ssize_t size = read_path(sys, path, buffer, sizeof buffer);
  if (size < 0) return cannot_read(path, size);
  const auto stat = parse_proc_stat({buffer, static_cast<std::size_t>(size)});
  return stat ? Result<ProcStat>(*stat) : unexpected(path);
}

// 0 where there is no such process; else the negated errno of what could not be read.
int unless_gone(int code) { return code == ENOENT || code == ESRCH ? 0 : code == 0 ? -EIO : -code; }

}  // namespace

Result<Realm> this_realm(port::Sys& sys) {
  char buffer[64];
  const ssize_t size = read_path(sys, kBootIdPath, buffer, sizeof buffer);
  if (size < 0) return cannot_read(kBootIdPath, size);
  std::string_view text(buffer, static_cast<std::size_t>(size));
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto boot_id = parse_boot_id(text);
  if (!boot_id) return unexpected(kBootIdPath);

  struct stat space {};
  const int looked = sys.fstatat(AT_FDCWD, kPidNamespacePath, &space, 0);
  if (looked < 0) return cannot_read(kPidNamespacePath, looked);
  return Realm{*boot_id, space.st_ino};
}

Result<Identity> identify_self(port::Sys& sys) {
  const auto realm = this_realm(sys);
  if (!realm.ok()) return realm.error();
  const auto stat = read_proc_stat(sys, kSelfStatPath);
  if (!stat.ok()) return stat.error();
  return Identity{realm.value(), sys.getpid(), stat.value().start_ticks};
}

Result<std::uint64_t> random_nonce(port::Sys& sys) {
  unsigned char bytes[8];
  const ssize_t size = read_path(sys, kRandomPath, reinterpret_cast<char*>(bytes), sizeof bytes);
  if (size < 0) return cannot_read(kRandomPath, size);
  if (size != sizeof bytes) return unexpected(kRandomPath);
  std::uint64_t nonce = 0;
  for (const unsigned char byte : bytes) nonce = nonce << 8 | byte;
  return nonce;
}

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
  constexpr int kStateField = 3;
  constexpr int kParentField = 4;
  constexpr int kFlagsField = 9;
  constexpr int kStartField = 22;
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string_view::npos) return std::nullopt;
  Scanner in(text.substr(end_of_name + 1));

  if (!in.literal(" ")) return std::nullopt;
  const auto state = in.take(1);
  if (!state || !in.literal(" ")) return std::nullopt;
  std::uint64_t flags = 0;
  std::uint64_t parent = 0;
  for (int field = kStateField + 1; field < kStartField; ++field) {
    // Some of these are signed; who reads the other two never sees a sign go missing.
    if (field != kParentField && field != kFlagsField) in.literal("-");
    const auto value = in.decimal(UINT64_MAX);
    if (!value || !in.literal(" ")) return std::nullopt;
    if (field == kParentField) parent = *value;
    if (field == kFlagsField) flags = *value;
  }
  const auto start = in.decimal(UINT64_MAX);
  if (!start || !(in.literal(" ") || in.literal("\n")) || parent > INT32_MAX) return std::nullopt;
  return ProcStat{state->front(), static_cast<std::int32_t>(parent), flags, *start};
}

int is_alive(port::Sys& sys, std::int32_t pid, std::uint64_t start_ticks) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const auto stat = read_proc_stat(sys, path.c_str());
  if (!stat.ok()) return unless_gone(stat.error().code);
  const bool ended = stat.value().has_ended() && SOLO_GUARD(sys, not_ended);
  const bool another = stat.value().start_ticks != start_ticks && SOLO_GUARD(sys, same_start);
  return ended || another ? 0 : 1;
}

int descends_from(port::Sys& sys, std::int32_t pid, std::uint64_t start_ticks) {
  for (std::int32_t at = sys.getpid(); at > 1;) {
    if (at == pid) return is_alive(sys, pid, start_ticks);
    const auto stat = read_proc_stat(sys, ("/proc/" + std::to_string(at) + "/stat").c_str());
    if (!stat.ok()) return unless_gone(stat.error().code);
    at = stat.value().parent;
  }
  return 0;
}

bool names_live_process(port::Sys& sys, const Record& record, const Realm& realm) {
  if (record.state != Record::State::kOwned) return false;
  if (!is_of(realm, record)) return false;
  return is_alive(sys, record.pid, record.start_ticks) == 1;
}

}  // namespace solo
