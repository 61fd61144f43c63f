// SPDX-License-Identifier: Apache-2.0
#include "program/asked.h"

#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMostDescriptors = 1024;

std::int64_t of_ms(std::uint64_t ms) {
  const auto wanted = static_cast<int>(ms);
  return wanted < 0 ? -1 : std::int64_t{wanted} * 1'000'000;
}

// A timespec, or a timeval with another unit in its second part; no address: for ever.
std::int64_t time_at(const StoppedTracee& tracee, std::uint64_t address, std::int64_t unit) {
  std::int64_t time[2] = {};
  if (address == 0 || !tracee.read(address, time, sizeof time)) return -1;
  return time[0] * kSecond + time[1] * unit;
}

std::vector<pollfd> polled(const StoppedTracee& tracee, const KernelCall& call) {
  std::vector<pollfd> fds(std::min(call.arguments[1], kMostDescriptors));
  tracee.read(call.arguments[0], fds.data(), fds.size() * sizeof(pollfd));
  return fds;
}

std::vector<pollfd> selected(const StoppedTracee& tracee, const KernelCall& call) {
  std::vector<pollfd> fds;
  const auto count = std::min(call.arguments[0], kMostDescriptors);
  for (unsigned which = 0; which < 3; ++which) {
    const std::uint64_t address = call.arguments[1 + which];
    fd_set set;
    FD_ZERO(&set);
    if (address == 0) continue;
    for (std::uint64_t at = 0; at * 64 < count; ++at) {
      tracee.read(address + at * 8, reinterpret_cast<char*>(&set) + at * 8, 8);
    }
    constexpr short kEvents[] = {POLLIN, POLLOUT, POLLPRI};
    for (std::uint64_t fd = 0; fd < count; ++fd) {
      if (FD_ISSET(fd, &set)) fds.push_back({static_cast<int>(fd), kEvents[which], 0});
    }
  }
  return fds;
}

}  // namespace

std::optional<Asked> asked_of(const StoppedTracee& tracee, const KernelCall& call) {
  const auto& a = call.arguments;
  const pollfd first = {static_cast<int>(a[0]), POLLIN, 0};
  switch (call.number) {
    case SYS_read:
    case SYS_readv:
      return Asked{{first}, -1, true};
    case SYS_poll:
      return Asked{polled(tracee, call), of_ms(a[2])};
    case SYS_ppoll:
      return Asked{polled(tracee, call), time_at(tracee, a[2], 1)};
    case SYS_select:
      return Asked{selected(tracee, call), time_at(tracee, a[4], 1000)};
    case SYS_pselect6:
      return Asked{selected(tracee, call), time_at(tracee, a[4], 1)};
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
      return Asked{{first}, of_ms(a[3])};
    case SYS_epoll_pwait2:
      return Asked{{first}, time_at(tracee, a[3], 1)};
    default:
      return std::nullopt;
  }
}

bool looks_for_input(const Asked& asked) {
  return std::any_of(asked.fds.begin(), asked.fds.end(),
                     [](const pollfd& fd) { return fd.fd == 0; });
}

}  // namespace lockproof
