// SPDX-License-Identifier: Apache-2.0
// A process under ptrace(2). A tracee is either Stopped, and then it can be looked at and changed,
// or Running, and then it can only be waited for: they are different types, and each turns into the
// other. What waitpid(2) says is read here and nowhere else.
//
// Who is stopped by a seccomp filter (call_filter.h) stands before a call that it has not made.
// Registers are those of x86-64.
//
// All functions are for the thread that seized the tracee; none of them allocates a descriptor. A
// tracee that was killed meanwhile does nothing any more: reads and writes fail, and the next
// wait() says that it has ended. If the tracer dies, so do its tracees.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"

namespace lockproof {

// A call as it stands in the registers.
struct KernelCall {
  long number = 0;
  std::array<std::uint64_t, 6> arguments{};

  bool operator==(const KernelCall&) const = default;
};

class RunningTracee;

class StoppedTracee {
 public:
  StoppedTracee(StoppedTracee&&) = default;
  StoppedTracee& operator=(StoppedTracee&&) = default;

  pid_t pid() const { return pid_; }

  // Before a call: which one. Behind one: what it returned, a negated errno or >= 0.
  KernelCall call() const;
  std::int64_t result() const;
  // The stack pointer.
  std::uint64_t stack() const;
  void put_stack(std::uint64_t address) const;

  // Of the process, or of this thread: one has arrived, and was not taken; at the worst it is said
  // that one has.
  bool has_pending_signals() const;
  std::uint64_t blocked_signals() const;  // by the thread; bit signal - 1 each

  // Where it goes on, in its code.
  std::uint64_t instruction() const;
  // REQUIRES: SIGSEGV is about to arrive. Whether it came because the time stamp counter is not
  // there (call_filter.h). Then it has read 0 there, and can go on without the signal.
  bool has_read_time_stamp() const;

  // What a program can go by when its call returns: general registers, those of floating point and
  // of vectors, and where its thread's own memory is. What a call overwrites is left out.
  std::vector<std::uint64_t> registers_in_use() const;

  bool read(std::uint64_t address, void* to, std::size_t size) const;
  bool write(std::uint64_t address, const void* from, std::size_t size) const;
  // Up to the first zero byte; nothing: there is none within `most` bytes that can be read.
  std::optional<std::string> read_text(std::uint64_t address, std::size_t most) const;

  // REQUIRES of all: before a call.
  // Other arguments, or another call, in place of the one that it stands before.
  void change(const KernelCall& call) const;
  // The call is not made, and returns this.
  RunningTracee answer(std::int64_t result) &&;
  // The call is made; the next stop is behind it, unless it ends the process.
  RunningTracee make_call() &&;

  // Wherever it is. `signal` is delivered first, if it stands at the arrival of one.
  RunningTracee go_on(int signal = 0) &&;
  // REQUIRES: behind a call, or before one. It stands before `call` again the next time it stops,
  // as if none had been made.
  RunningTracee go_back_to(const KernelCall& call) &&;
  // REQUIRES: inside of a call that has made a child. When that call returns it makes another one,
  // of whatever number the result is, and stops before it: one stop less than by way of behind.
  RunningTracee to_another_call() &&;
  // REQUIRES: behind a call. It finds other arguments in its registers, as if it had called with
  // them; or another result.
  void put_arguments(const KernelCall& call) const;
  void put_result(std::int64_t result) const;
  // REQUIRES: it has not done anything yet. It finds that it has made `call`, and this result.
  RunningTracee begin_behind(const KernelCall& call, std::int64_t result) &&;
  // Until the call that it is in returns.
  RunningTracee to_end_of_call(int signal = 0) &&;

 private:
  friend class RunningTracee;
  friend class Original;
  explicit StoppedTracee(pid_t pid) : pid_(pid) {}
  RunningTracee resume(int request, int signal);
  // Nobody else changes them while it is stopped: they are read once, and written when it goes on.
  user_regs_struct& registers() const;
  void set(const user_regs_struct& registers) const;
  // Whatever they were.
  void replace(const user_regs_struct& registers) const;

  pid_t pid_;
  mutable user_regs_struct registers_{};             // where they are known
  mutable std::optional<user_regs_struct> kernels_;  // as they were read
  mutable bool known_ = false;
  mutable bool changed_ = false;
  mutable std::optional<std::int64_t> result_;
  mutable std::uint64_t text_at_ = 0;  // of the text that was read last; 0: none
  mutable std::string text_;
};

struct BeforeCall {
  StoppedTracee tracee;
};
struct BehindCall {
  StoppedTracee tracee;
};
// It has made a child, which is a tracee, too, and running.
struct HasForked {
  StoppedTracee tracee;
  pid_t child;
};
// A child that has not done anything yet.
struct IsBorn {
  StoppedTracee tracee;
};
// It runs another program now, which has not done anything yet.
struct HasExecuted {
  StoppedTracee tracee;
};
// A signal is about to arrive. It does only if it is given to go_on() or to_end_of_call().
struct GetsSignal {
  StoppedTracee tracee;
  int signal;
};
// As waitpid(2) says it. Its parent has not reaped it, unless that is the tracer.
struct HasEnded {
  int status;
};
using Stop =
    std::variant<BeforeCall, BehindCall, HasForked, IsBorn, HasExecuted, GetsSignal, HasEnded>;

class RunningTracee {
 public:
  explicit RunningTracee(pid_t pid) : pid_(pid) {}
  RunningTracee(RunningTracee&&) = default;
  RunningTracee& operator=(RunningTracee&&) = default;

  pid_t pid() const { return pid_; }
  // Blocks until it stops or ends.
  Stop wait() &&;
  // The same; but who has ended stays a zombie that its parent is not told of, until it is waited
  // for once more.
  Stop wait_keeping_zombie() &&;
  // Whether it has by now. Nothing: it runs still; otherwise it is not to be asked again.
  std::optional<Stop> look();

 private:
  // Nothing: it was let go on.
  static std::optional<Stop> stop_of(pid_t pid, int status);

  pid_t pid_;
};

// Of a result behind a call: a signal came first, and the call has not been made. The kernel does
// that by itself unless a handler runs; no process ever sees such a result.
bool is_interrupted(std::int64_t result);

// The process goes on as it was, and is a tracee. Refused by the host: kEnvironment.
Result<RunningTracee> seize(pid_t pid);

// Makes one call from where the tracee stands, and comes back there. Nothing: it has ended.
// REQUIRES: before a call. The call must not block, or end the process. Signals that arrive
// meanwhile are delivered, but for `held_back`.
struct Injected {
  StoppedTracee tracee;
  std::int64_t result;
  pid_t child = 0;  // that the call has made; it has not done anything yet
};
std::optional<Injected> inject(StoppedTracee tracee, const KernelCall& call, int held_back = 0);

}  // namespace lockproof
