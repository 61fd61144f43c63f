// SPDX-License-Identifier: Apache-2.0
#include "bare_tracer.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace lockproof::bench {
namespace {

constexpr int kStopAt[] = {SYS_openat,    SYS_read,  SYS_kill,   SYS_pwrite64,
                           SYS_ftruncate, SYS_close, SYS_unlink, SYS_exit_group};
constexpr int kMostCalls = 600;  // no call has a number that is as large
constexpr std::uint64_t kCallBytes = 2;

[[noreturn]] void execute(const std::vector<std::string>& argv) {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  // Of numbers that no call has, too: see copy().
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kMostCalls, 0, 1));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  for (const int number : kStopAt) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog whole = {static_cast<unsigned short>(filter.size()), filter.data()};
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::raise(SIGSTOP);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole);
  ::execv(words[0], words.data());
  ::_exit(127);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {
  }
  return status;
}

bool is_event(int status, int event) { return WIFSTOPPED(status) && status >> 16 == event; }

}  // namespace

std::unique_ptr<BareTracer> BareTracer::start(const std::vector<std::string>& argv) {
  const pid_t pid = ::fork();
  if (pid == 0) execute(argv);
  int status = 0;
  ::waitpid(pid, &status, WUNTRACED);
  constexpr long kOptions =
      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, kOptions) != 0) return nullptr;
  ::kill(pid, SIGCONT);
  do {
    status = wait_for(pid);
    if (!WIFSTOPPED(status)) return nullptr;
    if (!is_event(status, PTRACE_EVENT_SECCOMP)) ::ptrace(PTRACE_CONT, pid, nullptr, 0);
  } while (!is_event(status, PTRACE_EVENT_SECCOMP));
  user_regs_struct before{};
  ::ptrace(PTRACE_GETREGS, pid, nullptr, &before);
  return std::unique_ptr<BareTracer>(new BareTracer(pid, before));
}

BareTracer::~BareTracer() {
  ::kill(original_, SIGKILL);
  while (WIFSTOPPED(wait_for(original_))) ::ptrace(PTRACE_CONT, original_, nullptr, 0);
}

// The original makes a clone in place of its call, and then one whose number is the pid that the
// clone returned, at which it stands for the next copy. The copy comes to the call that the
// original stood before.
pid_t BareTracer::copy() {
  user_regs_struct registers = before_;
  registers.orig_rax = SYS_clone;
  registers.rdi = CLONE_PARENT | SIGCHLD;
  registers.rsi = registers.rdx = registers.r10 = registers.r8 = 0;
  ::ptrace(PTRACE_SETREGS, original_, nullptr, &registers);
  ::ptrace(PTRACE_CONT, original_, nullptr, 0);
  if (!is_event(wait(original_), PTRACE_EVENT_FORK)) return -1;
  unsigned long child = 0;
  ::ptrace(PTRACE_GETEVENTMSG, original_, nullptr, &child);
  const auto copied = static_cast<pid_t>(child);
  if (copied <= kMostCalls) {  // a number that a call may have: the long way
    ::ptrace(PTRACE_SYSCALL, original_, nullptr, 0);
    if (!WIFSTOPPED(wait(original_))) return -1;
    registers.rax = kMostCalls;
  }
  registers.rip -= kCallBytes;
  ::ptrace(PTRACE_SETREGS, original_, nullptr, &registers);
  ::ptrace(PTRACE_CONT, original_, nullptr, 0);
  if (!is_event(wait(original_), PTRACE_EVENT_SECCOMP)) return -1;
  if (!is_event(wait(copied), PTRACE_EVENT_STOP)) return -1;
  user_regs_struct back = before_;
  back.rip -= kCallBytes;
  back.rax = before_.orig_rax;
  back.orig_rax = ~0ull;
  ::ptrace(PTRACE_SETREGS, copied, nullptr, &back);
  ::ptrace(PTRACE_CONT, copied, nullptr, 0);
  return is_event(wait(copied), PTRACE_EVENT_SECCOMP) ? copied : -1;
}

// To before its next call. False: it has ended.
bool BareTracer::make_call(pid_t pid) {
  ::ptrace(PTRACE_SYSCALL, pid, nullptr, 0);
  if (!WIFSTOPPED(wait(pid))) return false;
  ::ptrace(PTRACE_CONT, pid, nullptr, 0);
  return WIFSTOPPED(wait(pid));
}

std::uint64_t BareTracer::run(unsigned processes) {
  stops_ = 0;
  std::vector<pid_t> alive;
  for (unsigned i = 0; i < processes; ++i) {
    const pid_t pid = copy();
    if (pid < 0) return 0;
    alive.push_back(pid);
  }
  while (!alive.empty()) std::erase_if(alive, [&](pid_t pid) { return !make_call(pid); });
  return stops_;
}

int BareTracer::wait(pid_t pid) {
  ++stops_;
  return wait_for(pid);
}

}  // namespace lockproof::bench
