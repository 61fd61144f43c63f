// SPDX-License-Identifier: Apache-2.0
#include "trace/tracee.h"

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include "trace/no_time_stamps.h"

#ifndef __x86_64__
#error "the registers of this processor are not known"
#endif

namespace lockproof {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::array<std::uint32_t, 2> kQueues = {0, PTRACE_PEEKSIGINFO_SHARED};
constexpr std::uint64_t kCallBytes = 2;  // the instruction `syscall`
constexpr std::uint64_t kNoCall = ~std::uint64_t{0};
constexpr int kSysGood = 0x80;

void put(user_regs_struct& registers, const KernelCall& call) {
  registers.orig_rax = static_cast<std::uint64_t>(call.number);
  registers.rdi = call.arguments[0];
  registers.rsi = call.arguments[1];
  registers.rdx = call.arguments[2];
  registers.r10 = call.arguments[3];
  registers.r8 = call.arguments[4];
  registers.r9 = call.arguments[5];
}

iovec remote(std::uint64_t address, std::size_t size) {
  return {reinterpret_cast<void*>(address), size};  // NOLINT: an address of another process
}

}  // namespace

user_regs_struct& StoppedTracee::registers() const {
  if (!known_) {
    registers_ = {};
    ::ptrace(PTRACE_GETREGS, pid_, nullptr, &registers_);
    kernels_ = registers_;
    known_ = true;
  }
  return registers_;
}

void StoppedTracee::set(const user_regs_struct& registers) const {
  this->registers() = registers;
  changed_ = !kernels_ || std::memcmp(&*kernels_, &registers, sizeof registers) != 0;
}

void StoppedTracee::replace(const user_regs_struct& registers) const {
  registers_ = registers;
  kernels_.reset();
  known_ = changed_ = true;
}

KernelCall StoppedTracee::call() const {
  const user_regs_struct now = registers();
  return {static_cast<long>(now.orig_rax), {now.rdi, now.rsi, now.rdx, now.r10, now.r8, now.r9}};
}

// Often nothing else is looked at there.
std::int64_t StoppedTracee::result() const {
  if (known_) return static_cast<std::int64_t>(registers_.rax);
  if (!result_) result_ = ::ptrace(PTRACE_PEEKUSER, pid_, offsetof(user, regs.rax), nullptr);
  return *result_;
}

bool StoppedTracee::has_pending_signals() const {
  siginfo_t first{};
  return std::any_of(kQueues.begin(), kQueues.end(), [&](std::uint32_t queue) {
    __ptrace_peeksiginfo_args asked{0, queue, 1};
    return ::ptrace(PTRACE_PEEKSIGINFO, pid_, &asked, &first) != 0;
  });
}

std::uint64_t StoppedTracee::blocked_signals() const {
  std::uint64_t blocked = 0;
  ::ptrace(PTRACE_GETSIGMASK, pid_, sizeof blocked, &blocked);
  return blocked;
}

std::uint64_t StoppedTracee::stack() const { return registers().rsp; }

void StoppedTracee::put_stack(std::uint64_t address) const {
  user_regs_struct now = registers();
  now.rsp = address;
  set(now);
}

std::uint64_t StoppedTracee::instruction() const { return registers().rip; }

bool StoppedTracee::has_read_time_stamp() const {
  user_regs_struct now = registers();
  unsigned char code[kMostTimeStampBytes] = {};
  // At the end of a page there may be room for the shorter one only.
  if (!read(now.rip, code, sizeof code)) read(now.rip, code, sizeof code - 1);
  const unsigned length = reads_time_stamp(code);
  if (length == 0) return false;
  now.rip += length;
  if (length == kMostTimeStampBytes) now.rcx = 0;  // of the first processor
  now.rax = now.rdx = 0;
  set(now);
  return true;
}

std::vector<std::uint64_t> StoppedTracee::registers_in_use() const {
  const user_regs_struct& now = registers();
  std::vector<std::uint64_t> all = {
      now.r15, now.r14, now.r13, now.r12, now.rbp, now.rbx,     now.r10,     now.r9,      now.r8,
      now.rdx, now.rsi, now.rdi, now.rip, now.rsp, now.fs_base, now.gs_base, now.orig_rax};
  user_fpregs_struct vectors{};
  static_assert(sizeof vectors % sizeof all[0] == 0);
  ::ptrace(PTRACE_GETFPREGS, pid_, nullptr, &vectors);
  const std::size_t general = all.size();
  all.resize(general + sizeof vectors / sizeof all[0]);
  std::memcpy(all.data() + general, &vectors, sizeof vectors);
  return all;
}

bool StoppedTracee::read(std::uint64_t address, void* to, std::size_t size) const {
  const iovec here{to, size};
  const iovec there = remote(address, size);
  return ::process_vm_readv(pid_, &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
}

bool StoppedTracee::write(std::uint64_t address, const void* from, std::size_t size) const {
  text_at_ = 0;
  const iovec here{const_cast<void*>(from), size};
  const iovec there = remote(address, size);
  return ::process_vm_writev(pid_, &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
}

// Page by page: what follows the text may not be mapped.
std::optional<std::string> StoppedTracee::read_text(std::uint64_t address, std::size_t most) const {
  if (address == text_at_ && address != 0 && text_.size() < most) return text_;
  std::string text;
  while (text.size() < most) {
    const std::uint64_t at = address + text.size();
    char bytes[kPageBytes];
    const std::size_t size = std::min(most - text.size(), kPageBytes - at % kPageBytes);
    if (!read(at, bytes, size)) return std::nullopt;
    const std::size_t length = ::strnlen(bytes, size);
    text.append(bytes, length);
    if (length < size) {
      text_at_ = address;
      text_ = text;
      return text;
    }
  }
  return std::nullopt;
}

void StoppedTracee::change(const KernelCall& call) const {
  user_regs_struct now = registers();
  put(now, call);
  set(now);
}

void StoppedTracee::put_arguments(const KernelCall& call) const {
  user_regs_struct now = registers();
  const std::uint64_t number = now.orig_rax;
  put(now, call);
  now.orig_rax = number;
  set(now);
}

void StoppedTracee::put_result(std::int64_t result) const {
  user_regs_struct now = registers();
  now.rax = static_cast<std::uint64_t>(result);
  set(now);
}

RunningTracee StoppedTracee::begin_behind(const KernelCall& call, std::int64_t result) && {
  user_regs_struct now = registers();
  put(now, call);
  now.rax = static_cast<std::uint64_t>(result);
  set(now);
  return resume(PTRACE_CONT, 0);
}

RunningTracee StoppedTracee::resume(int request, int signal) {
  if (changed_) ::ptrace(PTRACE_SETREGS, pid_, nullptr, &registers_);
  ::ptrace(static_cast<__ptrace_request>(request), pid_, nullptr, signal);
  return RunningTracee(pid_);
}

RunningTracee StoppedTracee::answer(std::int64_t result) && {
  user_regs_struct now = registers();
  now.orig_rax = kNoCall;
  now.rax = static_cast<std::uint64_t>(result);
  set(now);
  return resume(PTRACE_CONT, 0);
}

RunningTracee StoppedTracee::make_call() && { return resume(PTRACE_SYSCALL, 0); }
RunningTracee StoppedTracee::go_on(int signal) && { return resume(PTRACE_CONT, signal); }
RunningTracee StoppedTracee::to_end_of_call(int signal) && {
  return resume(PTRACE_SYSCALL, signal);
}

// The kernel does not restart what it does not take for a call that was interrupted.
RunningTracee StoppedTracee::go_back_to(const KernelCall& call) && {
  user_regs_struct now = registers();
  put(now, call);
  now.rip -= kCallBytes;
  now.rax = static_cast<std::uint64_t>(call.number);
  now.orig_rax = kNoCall;
  set(now);
  return resume(PTRACE_CONT, 0);
}

RunningTracee StoppedTracee::to_another_call() && {
  user_regs_struct now = registers();
  now.rip -= kCallBytes;
  set(now);
  return resume(PTRACE_CONT, 0);
}

bool is_interrupted(std::int64_t result) { return result <= -512 && result >= -516; }

std::optional<Stop> RunningTracee::stop_of(pid_t pid, int status) {
  if (WIFEXITED(status) || WIFSIGNALED(status)) return HasEnded{status};
  StoppedTracee tracee(pid);
  const int signal = WSTOPSIG(status);
  switch (status >> 16) {
    case PTRACE_EVENT_SECCOMP:
      return BeforeCall{std::move(tracee)};
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: {
      unsigned long child = 0;
      ::ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &child);
      return HasForked{std::move(tracee), static_cast<pid_t>(child)};
    }
    case PTRACE_EVENT_EXEC:
      return HasExecuted{std::move(tracee)};
    case PTRACE_EVENT_STOP:
      if (signal == SIGTRAP) return IsBorn{std::move(tracee)};
      // A stop by job control is nothing that a tracer must wait in.
      ::ptrace(PTRACE_CONT, pid, nullptr, 0);
      return std::nullopt;
    default:
      if (signal == (SIGTRAP | kSysGood)) return BehindCall{std::move(tracee)};
      return GetsSignal{std::move(tracee), signal};
  }
}

Stop RunningTracee::wait() && {
  for (;;) {
    int status = 0;
    const pid_t waited = ::waitpid(pid_, &status, __WALL);
    if (waited < 0 && errno == EINTR) continue;
    if (waited < 0) return HasEnded{SIGKILL};  // somebody else has waited for it
    if (auto stop = stop_of(pid_, status)) return std::move(*stop);
  }
}

Stop RunningTracee::wait_keeping_zombie() && {
  for (;;) {
    siginfo_t info{};
    const int options = WEXITED | WSTOPPED | WNOWAIT | __WALL;
    const auto id = static_cast<id_t>(pid_);
    if (::waitid(P_PID, id, &info, options) != 0) {
      if (errno == EINTR) continue;
      return HasEnded{SIGKILL};
    }
    if (info.si_code == CLD_EXITED) return HasEnded{info.si_status << 8};
    const int core = info.si_code == CLD_DUMPED ? WCOREFLAG : 0;
    if (core != 0 || info.si_code == CLD_KILLED) return HasEnded{info.si_status | core};
    return std::move(*this).wait();
  }
}

std::optional<Stop> RunningTracee::look() {
  int status = 0;
  const pid_t waited = ::waitpid(pid_, &status, __WALL | WNOHANG);
  if (waited < 0) return HasEnded{SIGKILL};
  return waited == 0 ? std::nullopt : stop_of(pid_, status);
}

Result<RunningTracee> seize(pid_t pid) {
  constexpr unsigned long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
                                     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                                     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, kOptions) == 0) return RunningTracee(pid);
  return environment_error(ErrorCode::kNoPtrace, fmt::format("ptrace: {}", std::strerror(errno)));
}

std::optional<Injected> inject(StoppedTracee tracee, const KernelCall& call, int held_back) {
  const KernelCall before = tracee.call();
  tracee.change(call);
  RunningTracee running = std::move(tracee).make_call();
  std::optional<std::int64_t> result;
  pid_t child = 0;
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* behind = std::get_if<BehindCall>(&stop)) {
      const std::int64_t found = behind->tracee.result();
      if (!is_interrupted(found)) result = found;
      running = std::move(behind->tracee).go_back_to(before);
    } else if (auto* at = std::get_if<BeforeCall>(&stop)) {
      if (result) return Injected{std::move(at->tracee), *result, child};
      at->tracee.change(call);  // again, after the signal
      running = std::move(at->tracee).make_call();
    } else if (auto* forked = std::get_if<HasForked>(&stop)) {
      child = forked->child;
      running = std::move(forked->tracee).to_end_of_call();
    } else if (auto* gets = std::get_if<GetsSignal>(&stop)) {
      running = std::move(gets->tracee).go_on(gets->signal == held_back ? 0 : gets->signal);
    } else {
      return std::nullopt;
    }
  }
}

}  // namespace lockproof
