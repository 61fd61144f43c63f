// SPDX-License-Identifier: Apache-2.0
// Births of a live run. In each pid namespace stands a template, before it is told which program is
// its own; each process there is a copy of it that is told. So what comes before that -
// descriptors, the filter, being traced - is done once for all runs.
#include <fmt/format.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstring>

#include "live/live_world.h"
#include "trace/call_filter.h"

namespace lockproof::live {
namespace {

constexpr int kTemplatePid = 700;  // in its namespace; in the root one below kPidBase, too

struct CloneWords {
  clone_args args;
  pid_t pids[2];  // from the innermost namespace on
};

bool is_ready(const StoppedTracee& tracee) {
  return tracee.call().number == static_cast<long>(OwnCall::kReady);
}

}  // namespace

Result<> LiveWorld::open_template(unsigned space) {
  Process& process = templates_[space].emplace();
  process.space = space;
  process.pid = root_pid(space, kTemplatePid);
  auto born = nursery_->spawn(kTemplate, space, process.pid);
  if (!born.ok()) return born.error();
  process.host_pid = born->pid;
  process.pidfd = std::move(born->pidfd);
  auto seized = seize(born->pid);
  if (!seized.ok()) return seized.error();
  Stop stop = std::move(*seized).wait();
  auto* const before = std::get_if<BeforeCall>(&stop);
  if (before == nullptr || !is_ready(before->tracee)) {
    return environment_error("the process that is copied for others does not get ready");
  }
  process.raw = before->tracee.call();
  process.tracee = std::move(before->tracee);
  return Nothing{};
}

// Its parent is init, too. Where it begins, it has been told its program.
Result<RunningTracee> LiveWorld::copy_template(Process& born, unsigned program) {
  if (!templates_[born.space]) {
    if (auto opened = open_template(born.space); !opened.ok()) return opened.error();
  }
  Process& original = *templates_[born.space];
  CloneWords words{};
  words.args.flags = CLONE_PARENT;
  const SharedPage& page = nursery_->page();
  words.args.set_tid = page.room() + offsetof(CloneWords, pids);
  words.args.set_tid_size = born.space == 0 ? 1 : 2;
  words.pids[0] = born.own();
  words.pids[1] = born.pid;
  page.put(words);
  original.tracee->change({SYS_clone3, {page.room(), sizeof words.args, 0, 0, 0, 0}});
  Stop stop = std::move(*original.tracee).go_on().wait();
  original.tracee.reset();
  if (auto* const forked = std::get_if<HasForked>(&stop)) {
    born.host_pid = forked->child;
    stop = std::move(forked->tracee).go_on().wait();
  }
  auto* const before = std::get_if<BeforeCall>(&stop);
  if (before == nullptr || !is_ready(before->tracee)) {
    return environment_error("the process that is copied for others has ended");
  }
  const auto last = static_cast<std::int64_t>(before->tracee.call().arguments[0]);
  original.tracee = std::move(before->tracee);
  if (born.host_pid == 0) {
    return environment_error(fmt::format("clone3 with a pid that was chosen: {}",
                                         std::strerror(static_cast<int>(-last))));
  }
  born.pidfd = pidfd_of(born.host_pid);
  stop = RunningTracee(born.host_pid).wait();
  auto* const at = std::get_if<IsBorn>(&stop);
  if (at == nullptr) return environment_error("a process has ended at its birth");
  return std::move(at->tracee).begin_behind(original.raw, program);
}

}  // namespace lockproof::live
