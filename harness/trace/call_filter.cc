// SPDX-License-Identifier: Apache-2.0
#include "trace/call_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace lockproof {
namespace {

constexpr int kPasses[] = {
    SYS_brk,         SYS_munmap, SYS_mprotect,        SYS_mremap,         SYS_madvise,
    SYS_futex,       SYS_rseq,   SYS_set_robust_list, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_sched_yield, SYS_gettid, SYS_sigaltstack,
};

// Of a subject of ours, which maps no file.
constexpr int kMapping[] = {SYS_mmap};

// What a program asks only about itself, or makes for itself alone.
constexpr int kPassesForPrograms[] = {
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getgroups,
    SYS_getpgrp,
    SYS_getpgid,
    SYS_getsid,
    SYS_uname,
    SYS_arch_prctl,
    SYS_set_tid_address,
    SYS_get_robust_list,
    SYS_prlimit64,
    SYS_getrlimit,
    SYS_setrlimit,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_getpriority,
    SYS_capget,
    SYS_umask,
    SYS_membarrier,
    SYS_mincore,
    SYS_mlock,
    SYS_munlock,
    SYS_rt_sigpending,
    SYS_getcpu,
    SYS_pipe,
    SYS_pipe2,
    SYS_socketpair,
    SYS_eventfd2,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_getrusage,
    SYS_times,
    SYS_sysinfo,
    SYS_clock_getres,
    SYS_setpgid,
    SYS_personality,
    SYS_setpriority,
    SYS_memfd_create,
    SYS_fadvise64,
};
// What of it is another thing for the same process in the next run, or leads to somebody else.
constexpr int kOfThisRun[] = {
    SYS_getpgrp, SYS_getpgid,   SYS_getsid,          SYS_setpgid,     SYS_times,
    SYS_sysinfo, SYS_getrusage, SYS_set_tid_address, SYS_sigaltstack,
};
// Who it is: a step where it matters when it is asked.
constexpr int kWhoItIs[] = {SYS_getpid, SYS_gettid};
// And rseq: the kernel would write into their memory which processor they were on.
constexpr int kAbsentForPrograms[] = {SYS_io_uring_setup, SYS_userfaultfd, SYS_rseq};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter give(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
// The next statement only if the value is this one.
sock_filter if_equal(std::uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

using Filter = std::vector<sock_filter>;

void add(Filter& filter, std::span<const int> numbers, std::uint32_t action) {
  for (const int number : numbers) {
    filter.push_back(if_equal(static_cast<std::uint32_t>(number)));
    filter.push_back(give(action));
  }
}

Filter begin() {
  return {load(offsetof(seccomp_data, arch)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
          give(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
}

// Memory without a file behind it, and not shared with children, is nobody else's: the fourth
// argument says what it is.
void add_private_memory(Filter& filter) {
  constexpr std::size_t kFlags = offsetof(seccomp_data, args) + 3 * sizeof(std::uint64_t);
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 5));
  filter.push_back(load(kFlags));
  filter.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_ANONYMOUS | MAP_SHARED));
  filter.push_back(if_equal(MAP_ANONYMOUS));
  filter.push_back(give(SECCOMP_RET_ALLOW));
  filter.push_back(give(SECCOMP_RET_TRACE));
}

bool install(Filter filter) {
  filter.push_back(give(SECCOMP_RET_TRACE));
  const sock_fprog whole = {static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) == 0;
}

}  // namespace

bool install_call_filter() {
  Filter filter = begin();
  add(filter, kPasses, SECCOMP_RET_ALLOW);
  add(filter, kMapping, SECCOMP_RET_ALLOW);
  return install(std::move(filter));
}

bool install_program_filter(Told told) {
  if (::prctl(PR_SET_TSC, PR_TSC_SIGSEGV) != 0) return false;
  Filter filter = begin();
  add(filter, kAbsentForPrograms, SECCOMP_RET_ERRNO | ENOSYS);
  add(filter, kWhoItIs, SECCOMP_RET_TRACE);
  if (told == Told::kByTracer) add(filter, kOfThisRun, SECCOMP_RET_TRACE);
  add_private_memory(filter);
  add(filter, kPasses, SECCOMP_RET_ALLOW);
  add(filter, kPassesForPrograms, SECCOMP_RET_ALLOW);
  return install(std::move(filter));
}

}  // namespace lockproof
