// SPDX-License-Identifier: Apache-2.0
#include "stress/watcher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "subject/builtin.h"

namespace lockproof {
namespace {

constexpr long kPauseNs = 1'000'000;  // a thousand looks a second cost about a fiftieth of a core

// The kernel fills at most one page for each read of /proc/locks, and the table may change between
// two reads: only what came in one piece is evidence.
constexpr std::size_t kOnePage = 4096;

std::int64_t look_at_file(const std::string& path, const ReadPid& read) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return errno == ENOENT ? seen::kAbsent : seen::kUnknown;
  std::array<char, kOnePage> content;
  const ssize_t size = ::read(fd, content.data(), content.size());
  ::close(fd);
  if (size < 0) return seen::kUnknown;
  const std::string_view text(content.data(), static_cast<std::size_t>(size));
  if (!read) return read_pid_text(text);
  // Of what is longer only the beginning is known, and it need not be of that form.
  return text.size() < content.size() ? read(text) : seen::kUnknown;
}

std::int64_t look_at_lock(const WatchPlan& plan, int table_fd) {
  struct stat file {};
  if (::stat(plan.lock.c_str(), &file) != 0)
    return errno == ENOENT ? seen::kAbsent : seen::kUnknown;
  std::array<char, 2 * kOnePage> table;
  const ssize_t size = ::pread(table_fd, table.data(), table.size(), 0);
  if (size < 0 || static_cast<std::size_t>(size) > kOnePage - 128) return seen::kUnknown;
  return read_lock_table({table.data(), static_cast<std::size_t>(size)}, major(file.st_dev),
                         minor(file.st_dev), file.st_ino, plan.private_device);
}

}  // namespace

// A line: "1: OFDLCK ADVISORY  WRITE -1 00:2e:4 0 EOF" (proc_locks(5)); the device is in
// hexadecimal.
std::int64_t read_lock_table(std::string_view table, std::uint32_t major, std::uint32_t minor,
                             std::uint64_t inode, bool private_device) {
  std::int64_t result = seen::kAbsent;
  while (!table.empty()) {
    const std::size_t end = table.find('\n');
    const std::string line(table.substr(0, end));
    table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
    unsigned line_major = 0;
    unsigned line_minor = 0;
    unsigned long long line_inode = 0;
    unsigned long long start = 0;
    if (line.find("->") != std::string::npos) continue;
    if (std::sscanf(line.c_str(), "%*s %*s %*s %*s %*s %x:%x:%llu %llu", &line_major, &line_minor,
                    &line_inode, &start) != 4) {
      continue;
    }
    if (start != 0) continue;
    if (line_major != major || line_minor != minor) continue;
    if (line_inode == inode) return seen::kHeld;
    if (private_device) result = seen::kOrphan;
  }
  return result;
}

void live_as_watcher(const WatchPlan& plan, Witness witness) {
  witness.append({Kind::kStart, Phase::kPoint, Object::kNone, plan.life, ::getpid()});
  const int table_fd = ::open("/proc/locks", O_RDONLY | O_CLOEXEC);
  const auto look = [&](Object object, auto how) {
    witness.append({Kind::kLook, Phase::kBegin, object, plan.life});
    const std::int64_t value = how();
    witness.append({Kind::kLook, Phase::kEnd, object, plan.life, value});
  };
  const struct timespec pause { 0, kPauseNs };
  while (!witness.run_closed()) {
    if (!plan.record.empty()) {
      look(Object::kRecord, [&] { return look_at_file(plan.record, plan.read_record); });
    }
    if (!plan.side.empty()) {
      look(Object::kSide, [&] { return look_at_file(plan.side, plan.read_side); });
    }
    if (!plan.lock.empty() && table_fd >= 0) {
      look(Object::kLock, [&] { return look_at_lock(plan, table_fd); });
    }
    ::nanosleep(&pause, nullptr);
  }
  ::_exit(0);
}

}  // namespace lockproof
