// SPDX-License-Identifier: Apache-2.0
#include "trace/call_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <vector>

namespace lockproof {
namespace {

constexpr int kPasses[] = {
    SYS_brk,          SYS_mmap,        SYS_munmap, SYS_mprotect,        SYS_mremap,
    SYS_madvise,      SYS_futex,       SYS_rseq,   SYS_set_robust_list, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_sched_yield, SYS_gettid, SYS_sigaltstack,
};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter give(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
// The next statement only if the value is this one.
sock_filter if_equal(std::uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

std::vector<sock_filter> program() {
  std::vector<sock_filter> filter = {load(offsetof(seccomp_data, arch)),
                                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
                                     give(SECCOMP_RET_KILL_PROCESS),
                                     load(offsetof(seccomp_data, nr))};
  for (const int number : kPasses) {
    filter.push_back(if_equal(static_cast<std::uint32_t>(number)));
    filter.push_back(give(SECCOMP_RET_ALLOW));
  }
  filter.push_back(give(SECCOMP_RET_TRACE));
  return filter;
}

}  // namespace

bool install_call_filter() {
  std::vector<sock_filter> filter = program();
  const sock_fprog whole = {static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) == 0;
}

}  // namespace lockproof
