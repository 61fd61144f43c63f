// SPDX-License-Identifier: Apache-2.0
#include "live/subject_process.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "live/nursery.h"
#include "port/forward.h"
#include "program/execute.h"
#include "program/make_call.h"
#include "program/session.h"
#include "trace/newborn.h"

namespace lockproof::live {
namespace {

// Linux, but for what libc or the port would do without a call, or with two.
class TracedSys final : public solo::port::ForwardSys {
 public:
  TracedSys() : ForwardSys(solo::port::linux_sys()) {}

  // Not from the vDSO, whose clock is nobody's to choose.
  int clock_gettime(clockid_t clock, struct timespec* out) override {
    return kernel(::syscall(SYS_clock_gettime, clock, out));
  }
  // The tracer refuses pids <= 1, and never lets such a call be made.
  int kill(pid_t pid, int signal) override { return kernel(::syscall(SYS_kill, pid, signal)); }
  int pidfd_open(pid_t pid) override { return kernel(::syscall(SYS_pidfd_open, pid, 0)); }
  int signal_fd(std::uint64_t mask) override {
    return kernel(tell_tracer(OwnCall::kSignalFd, static_cast<long>(mask)));
  }

 private:
  static int kernel(long result) { return static_cast<int>(result == -1 ? -errno : result); }
};

class TracedSession final : public Session {
 public:
  explicit TracedSession(const SharedPage& page) : page_(page) {}
  solo::port::Sys& sys() override { return sys_; }
  bool on_host() const override { return false; }
  const std::string& dir() const override { return dir_; }
  void hold() override { tell_tracer(OwnCall::kHold); }
  void serves() override {
    struct pollfd told = {sys_.signal_fd(std::uint64_t{1} << (SIGTERM - 1)), POLLIN, 0};
    sys_.poll(&told, 1, -1);
  }
  void say(Kind kind, Phase phase, std::int8_t value) override { page_.say({kind, phase, value}); }

 private:
  const SharedPage& page_;
  TracedSys sys_;
  std::string dir_ = kHome;
};

[[noreturn]] void go_through(Program& program, Texts& texts, TracedSession& session) {
  Node node = 0;
  for (;;) {
    for (const Said& word : program.said(node)) session.say(word.kind, word.phase, word.value);
    const Call call = program.call(node);
    Answer answer;
    if (call.op == Op::kHold) {
      session.hold();
    } else {
      answer = make_call(call, texts, session.sys());
    }
    const auto next = program.next(node, answer);
    if (!next.ok()) be_lost(next.error().sentence);
    node = *next;
  }
}

// Gives what it is told. Where programs of somebody else are to be executed, it stays in the folder
// that the caller was in, and the filter is theirs.
long be_traced(const Start& start) {
  open_nothing();
  const bool filtered =
      has_commands(start) ? install_program_filter() : ::chdir(kHome) == 0 && install_call_filter();
  if (!filtered) ::_exit(1);
  return wait_for_tracer();
}

[[noreturn]] void live_as(Program& program, Texts& texts, TracedSession& session) {
  if (program.body() == nullptr) go_through(program, texts, session);
  (*program.body())(session);
  for (;;) session.sys().exit(0);
}

}  // namespace

void live_as_told(const Start& start, const SharedPage& page) {
  // What is made before it is copied is not made in each copy.
  TracedSession session(page);
  const auto told = static_cast<std::uint64_t>(be_traced(start));
  if (told != kStranger) {
    Program& program = *start.cast[told];
    if (program.command() != nullptr) execute(*program.command());
    live_as(program, *start.texts, session);
  }
  for (;;) ::syscall(SYS_poll, nullptr, 0, -1);
}

}  // namespace lockproof::live
