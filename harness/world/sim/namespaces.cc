// SPDX-License-Identifier: Apache-2.0
// pid_namespaces(7): a pid means somebody only to who lives in its namespace, or above it. See
// kPidBlock.
#include "sim/internal.h"

namespace lockproof::sim {
namespace {

constexpr std::int64_t kBlock = kPidBlock;
constexpr std::int64_t kPids = kNamespaces * kBlock;

}  // namespace

// A block is one of the root namespace's pids like any other as long as nobody lives there.
unsigned namespace_of(const Kernel& kernel, std::int64_t pid) {
  const std::int64_t index = pid - kPidBase;
  if (index < kBlock || index >= kPids) return 0;
  const auto space = static_cast<unsigned>(index / kBlock);
  return kernel.last_below[space - 1] != 0 ? space : 0;
}

std::int64_t own_pid(const Kernel& kernel, std::int64_t pid) {
  return pid - kBlock * namespace_of(kernel, pid);
}

// Who lives below is in the root namespace, too; not the other way round, and not a sibling.
std::int64_t pid_seen(const Kernel& kernel, std::uint8_t viewer, std::int64_t pid) {
  const unsigned here = namespace_of(kernel, pid_of(kernel.processes[viewer]));
  if (here == 0) return pid;
  return namespace_of(kernel, pid) == here ? own_pid(kernel, pid) : 0;
}

std::int64_t pid_meant(const Kernel& kernel, std::int64_t viewer_pid, std::int64_t number) {
  const unsigned here = namespace_of(kernel, viewer_pid);
  if (here == 0) return number;
  const bool fits = number > kPidBase && number < kPidBase + kBlock;
  return fits ? number + kBlock * here : 0;
}

std::uint8_t slot_meant(const Kernel& kernel, std::uint8_t viewer, std::int64_t number) {
  return slot_of(kernel, pid_meant(kernel, pid_of(kernel.processes[viewer]), number));
}

bool is_other_init(const Kernel& kernel, std::uint8_t viewer, std::int64_t number) {
  const unsigned space = namespace_of(kernel, number);
  return space != 0 && (number - kPidBase) % kBlock == 0 &&
         namespace_of(kernel, pid_of(kernel.processes[viewer])) == 0;
}

// As own_pid() and pid_seen() of init: a process's own, or that of a namespace below.
std::int64_t init_seen(const Kernel& kernel, std::uint8_t viewer, std::int64_t pid) {
  const unsigned space = namespace_of(kernel, pid);
  const bool own = space == namespace_of(kernel, pid_of(kernel.processes[viewer]));
  return own ? 1 : kPidBase + kBlock * space;
}

}  // namespace lockproof::sim
