// SPDX-License-Identifier: Apache-2.0
#include "live/readiness.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace lockproof::live {

// By descriptors of our own for the same open files.
bool is_ready(const Process& process, const std::vector<pollfd>& fds) {
  std::vector<Fd> ours;
  std::vector<pollfd> same;
  for (const pollfd& fd : fds) {
    if (fd.fd < 0) continue;
    ours.emplace_back(static_cast<int>(::syscall(SYS_pidfd_getfd, process.pidfd.get(), fd.fd, 0)));
    if (!ours.back()) return true;
    same.push_back({ours.back().get(), fd.events, 0});
  }
  return !same.empty() && ::poll(same.data(), same.size(), 0) > 0;
}

}  // namespace lockproof::live
