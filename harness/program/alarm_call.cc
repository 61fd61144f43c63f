// SPDX-License-Identifier: Apache-2.0
#include "program/alarm_call.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "core/fd.h"

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMicrosecond = 1'000;
constexpr int kTimer = 0;  // as Linux names the first one

Sight alarm_in(std::int64_t ns) { return Matters{Call{.op = Op::kAlarm, .size = ns}}; }

Sight alarm_of_process(std::int64_t ns, Timers& timers) {
  if (ns == 0 && !timers.of_alarm) return Settled{0};
  if (timers.made) return unknown("sets an alarm beside a timer of its own");
  timers.of_alarm = true;
  return alarm_in(ns);
}

Sight set_interval_timer(const StoppedTracee& tracee, const KernelCall& call, Timers& timers) {
  struct itimerval timer {};
  tracee.read(call.arguments[1], &timer, sizeof timer);
  const std::int64_t ns = timer.it_value.tv_sec * kSecond + timer.it_value.tv_usec * kMicrosecond;
  if (call.arguments[0] == ITIMER_REAL) return alarm_of_process(ns, timers);
  return ns == 0 ? Sight(Passes{}) : unknown("sets a timer of processor time");
}

Sight make_timer(const StoppedTracee& tracee, const KernelCall& call, Timers& timers) {
  struct sigevent event {};
  event.sigev_signo = SIGALRM;
  const bool says = call.arguments[1] != 0;
  if (says) tracee.read(call.arguments[1], &event, sizeof event);
  const bool by_signal = event.sigev_notify == SIGEV_SIGNAL && event.sigev_signo == SIGALRM;
  if (!by_signal) return Settled{-ENOSYS};  // libraries fall back
  if (timers.made || timers.of_alarm) return unknown("makes a second timer");
  timers.made = true;
  return Settled{tracee.write(call.arguments[2], &kTimer, sizeof kTimer) ? 0 : -EFAULT};
}

Sight set_timer(const StoppedTracee& tracee, const KernelCall& call) {
  struct itimerspec timer {};
  tracee.read(call.arguments[2], &timer, sizeof timer);
  if (call.arguments[1] != 0) return unknown("sets a timer to a time of a clock");
  return alarm_in(timer.it_value.tv_sec * kSecond + timer.it_value.tv_nsec);
}

}  // namespace

std::optional<Sight> sight_of_alarm(const StoppedTracee& tracee, const KernelCall& call,
                                    Timers& timers) {
  const bool of_timer = call.number == SYS_timer_settime || call.number == SYS_timer_delete;
  if (of_timer && (!timers.made || call.arguments[0] != kTimer)) return Settled{-EINVAL};
  switch (call.number) {
    case SYS_alarm:
      return alarm_of_process(static_cast<std::int64_t>(call.arguments[0] & 0xffffffff) * kSecond,
                              timers);
    case SYS_setitimer:
      return set_interval_timer(tracee, call, timers);
    case SYS_timer_create:
      return make_timer(tracee, call, timers);
    case SYS_timer_settime:
      return set_timer(tracee, call);
    case SYS_timer_delete:
      timers.made = false;
      return alarm_in(0);
    case SYS_execve:
      if (timers.made) return unknown("executes another program while it has a timer");
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::int64_t tell_alarm(const StoppedTracee& tracee, const KernelCall& asked,
                        const Answer& answer) {
  const std::int64_t left = answer.value;
  if (answer.result < 0) return answer.result;
  if (asked.number == SYS_alarm) {
    const std::int64_t rest = left % kSecond;  // alarm(2) rounds, but never to none
    return left / kSecond + (rest >= kSecond / 2 || (rest > 0 && left < kSecond) ? 1 : 0);
  }
  const bool is_interval = asked.number == SYS_setitimer;
  const std::uint64_t at = asked.arguments[is_interval ? 2 : 3];
  if (asked.number == SYS_timer_delete || at == 0) return 0;
  const struct itimerval old {
    {}, { left / kSecond, left % kSecond / kMicrosecond }
  };
  const struct itimerspec old_spec {
    {}, { left / kSecond, left % kSecond }
  };
  const bool told = is_interval ? tracee.write(at, &old, sizeof old)
                                : tracee.write(at, &old_spec, sizeof old_spec);
  return told ? 0 : -EFAULT;
}

void send_alarm(pid_t pid) {
  const Fd there(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  siginfo_t info{};
  info.si_signo = SIGALRM;
  info.si_code = SI_TIMER;
  ::syscall(SYS_pidfd_send_signal, there.get(), SIGALRM, &info, 0);
}

}  // namespace lockproof
