// SPDX-License-Identifier: Apache-2.0
#include "trace/checkpoint.h"

#include <fmt/format.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "trace/proc.h"

namespace lockproof {
namespace {

// To before `call`, which it stands before again. Nothing: it has ended.
std::optional<StoppedTracee> back_to(StoppedTracee tracee, const KernelCall& call) {
  RunningTracee running = std::move(tracee).go_back_to(call);
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* before = std::get_if<BeforeCall>(&stop)) return std::move(before->tracee);
    auto* signalled = std::get_if<GetsSignal>(&stop);
    if (signalled == nullptr) return std::nullopt;
    running = std::move(signalled->tracee).go_on(signalled->signal);
  }
}

std::optional<StoppedTracee> newborn(pid_t pid) {
  Stop stop = RunningTracee(pid).wait();
  auto* born = std::get_if<IsBorn>(&stop);
  if (born == nullptr) return std::nullopt;
  return std::move(born->tracee);
}

}  // namespace

std::optional<Copied> copy(StoppedTracee tracee) {
  const KernelCall before = tracee.call();
  tracee.change({SYS_clone, {CLONE_PARENT | SIGCHLD, 0, 0, 0, 0, 0}});
  RunningTracee running = std::move(tracee).make_call();
  std::optional<StoppedTracee> child;
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* forked = std::get_if<HasForked>(&stop)) {
      child = newborn(forked->child);
      running = std::move(forked->tracee).to_end_of_call();
    } else if (auto* behind = std::get_if<BehindCall>(&stop)) {
      if (!child) {
        end(std::move(behind->tracee));
        return std::nullopt;
      }
      auto original = back_to(std::move(behind->tracee), before);
      auto copied = back_to(std::move(*child), before);
      if (!original || !copied) return std::nullopt;
      return Copied{std::move(*original), std::move(*copied)};
    } else {
      return std::nullopt;
    }
  }
}

namespace {

constexpr std::uint64_t kRedZoneBytes = 128;
constexpr std::size_t kMostSpaces = 4;

// In the memory of who calls it.
struct CloneWords {
  clone_args args;
  std::array<pid_t, kMostSpaces> pids;
};

std::uint64_t room_below(std::uint64_t stack) {
  return (stack - kRedZoneBytes - sizeof(CloneWords)) & ~std::uint64_t{15};
}

}  // namespace

Original::Original(StoppedTracee at, KernelCall call, std::uint64_t tid_address)
    : at_(std::move(at)),
      call_(call),
      registers_(at_->registers()),
      room_(room_below(at_->stack())),
      tid_address_(tid_address) {}

Original Original::keep_own(StoppedTracee tracee) {
  const KernelCall call = tracee.call();
  return Original(std::move(tracee), call, 0);
}

// Libcs keep the pid of the main thread where they tell the kernel to clear it, or somewhere else.
Result<Original> Original::keep(StoppedTracee& tracee) {
  const std::uint64_t room = room_below(tracee.stack());
  std::uint64_t address = 0;
  if (!tracee.write(room, &address, sizeof address)) {
    return environment_error(ErrorCode::kNotFollowed, "has no room below its stack");
  }
  const pid_t pid = tracee.pid();
  auto asked = inject(std::move(tracee), {SYS_prctl, {PR_GET_TID_ADDRESS, room, 0, 0, 0, 0}});
  if (!asked) return environment_error(ErrorCode::kNotFollowed, "has ended");
  tracee = std::move(asked->tracee);
  if (asked->result < 0 || !tracee.read(room, &address, sizeof address)) {
    return environment_error(ErrorCode::kNotFollowed,
                             "does not say where its thread's pid is cleared");
  }
  pid_t kept = 0;
  const bool known = address == 0 || (tracee.read(address, &kept, sizeof kept) &&
                                      kept == pid_in_its_namespace(pid));
  if (!known) return environment_error(ErrorCode::kNotFollowed, "keeps its pid where nobody knows");
  const KernelCall call = tracee.call();
  return Original(std::move(tracee), call, address);
}

Result<StoppedTracee> Original::copy(std::span<const pid_t> pids) {
  if (!at_) return environment_error(ErrorCode::kNotFollowed, "what is to be copied has ended");
  CloneWords words{};
  words.args.flags = CLONE_PARENT;
  if (!pids.empty()) words.args.set_tid = room_ + offsetof(CloneWords, pids);
  words.args.set_tid_size = pids.size();
  if (tid_address_ != 0) {
    words.args.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    words.args.child_tid = tid_address_;
  }
  std::copy(pids.begin(), pids.end(), words.pids.begin());
  at_->write(room_, &words, sizeof words);
  at_->replace(registers_);
  at_->change({SYS_clone3, {room_, sizeof words.args, 0, 0, 0, 0}});
  Stop stop = std::move(*at_).make_call().wait();
  at_.reset();
  std::int64_t made = 0;
  if (auto* const forked = std::get_if<HasForked>(&stop)) {
    made = forked->child;
    forked->tracee.replace(registers_);
    stop = std::move(forked->tracee).to_another_call().wait();
  } else if (auto* const behind = std::get_if<BehindCall>(&stop)) {
    made = behind->tracee.result();
    stop = std::move(behind->tracee).go_back_to(call_).wait();
  }
  if (auto* const before = std::get_if<BeforeCall>(&stop)) at_ = std::move(before->tracee);
  if (made < 0) {
    return environment_error(ErrorCode::kNoNamespaces,
                             fmt::format("clone3 with a pid that was chosen: {}",
                                         std::strerror(static_cast<int>(-made))));
  }
  auto born = made == 0 ? std::nullopt : newborn(static_cast<pid_t>(made));
  if (!born) return environment_error(ErrorCode::kNotFollowed, "a process has ended at its birth");
  born->replace(registers_);
  return std::move(*born);
}

Result<Original> Original::second(std::span<const pid_t> pids) {
  auto copied = copy(pids);
  if (!copied.ok()) return copied.error();
  auto stands = back_to(std::move(*copied), call_);
  if (!stands)
    return environment_error(ErrorCode::kNotFollowed, "a process has ended at its birth");
  return Original(std::move(*stands), call_, tid_address_);
}

std::optional<StoppedTracee> Original::release() && {
  if (!at_) return std::nullopt;
  return back_to(std::move(*at_), call_);
}

// Not by a signal, which is for pids that may be another's: by a call of its own.
void end(StoppedTracee tracee) {
  const pid_t pid = tracee.pid();
  tracee.change({SYS_exit_group, {}});
  RunningTracee running = std::move(tracee).go_on();
  for (;;) {
    Stop stop = std::move(running).wait();
    running = RunningTracee(pid);
    if (std::holds_alternative<HasEnded>(stop)) return;
    if (auto* gets = std::get_if<GetsSignal>(&stop)) {
      running = std::move(gets->tracee).go_on(gets->signal);
      continue;
    }
    if (auto* before = std::get_if<BeforeCall>(&stop)) before->tracee.change({SYS_exit_group, {}});
    std::visit(
        [&](auto& at) {
          if constexpr (requires { at.tracee; }) running = std::move(at.tracee).go_on();
        },
        stop);
  }
}

}  // namespace lockproof
