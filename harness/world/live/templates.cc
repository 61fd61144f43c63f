// SPDX-License-Identifier: Apache-2.0
// What processes of a live run are copies of. In each pid namespace stands a template, before it is
// told which program is its own: what comes before that - descriptors, the filter, being traced -
// is done once for all runs. And of a program of somebody else, which is executed and then finds
// its libraries, one stays where it came to its first step.
//
// What a program has found out on the way there has to be the same for all who begin there. Its
// clock says the beginning of the run whenever it is read. Who asked for its pid is copied for
// those with that pid only. Who has something that copies would share, is not copied, and is
// executed each time: docs/LIVE.md.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "live/live_world.h"
#include "trace/call_filter.h"

namespace lockproof::live {
namespace {

constexpr int kTemplatePid = 700;        // in its namespace; in the root one below kPidBase, too
constexpr std::size_t kMostFirsts = 60;  // have the pids behind it, in all namespaces; < kPidBlock

bool is_ready(const StoppedTracee& tracee) {
  return tracee.call().number == static_cast<long>(OwnCall::kReady);
}

// What a process is called, from its own namespace on.
struct Numbers {
  explicit Numbers(unsigned space, int own) : size(space == 0 ? 1 : 2) {
    all = {own, root_pid(space, own)};
  }
  operator std::span<const pid_t>() const { return {all.data(), size}; }
  std::array<pid_t, 2> all{};
  std::size_t size;
};

Result<StoppedTracee> copy_as(Process& born, Original& original) {
  auto copied = original.copy(Numbers(born.space, born.own()));
  if (!copied.ok()) return copied.error();
  born.host_pid = copied->pid();
  born.pidfd = pidfd_of(born.host_pid);
  return copied;
}

// Open files have one place to read at, which copies share: one that nobody moves any more.
bool is_read_to_its_end(pid_t pid, int fd) {
  struct stat info {};
  const auto at = descriptor_info(pid, fd, "pos:");
  return ::stat(fmt::format("/proc/{}/fd/{}", pid, fd).c_str(), &info) == 0 &&
         S_ISREG(info.st_mode) && !at.empty() && std::atoll(at.front().c_str()) == info.st_size;
}

// Memory that is written to, and not its own.
bool shares_memory(pid_t pid) {
  std::istringstream maps(proc_text(pid, "maps"));
  for (std::string range, may, rest; maps >> range >> may && std::getline(maps, rest);) {
    if (may.size() == 4 && may[1] == 'w' && may[3] == 's') return true;
  }
  return false;
}

bool shares_files(pid_t pid) {
  const std::vector<int> fds = open_descriptors(pid);
  return !std::all_of(fds.begin(), fds.end(), [&](int fd) {
    const std::string file = what_is_open(pid, fd);
    return file == "/dev/null" || (file.starts_with('/') && is_read_to_its_end(pid, fd));
  });
}

}  // namespace

Result<> LiveWorld::open_template(unsigned space) {
  const int pid = root_pid(space, kTemplatePid);
  auto born = nursery_->spawn(kTemplate, space, pid);
  if (!born.ok()) return born.error();
  auto seized = seize(born->pid);
  if (!seized.ok()) return seized.error();
  Stop stop = std::move(*seized).wait();
  auto* const before = std::get_if<BeforeCall>(&stop);
  if (before == nullptr || !is_ready(before->tracee)) {
    return environment_error(ErrorCode::kNotFollowed,
                             "the process that is copied for others does not get ready");
  }
  templates_[space].emplace(Original::keep_own(std::move(before->tracee)));
  return Nothing{};
}

// Its parent is init, too. Where it begins, it has been told its program.
Result<RunningTracee> LiveWorld::copy_template(Process& born, unsigned program) {
  if (!templates_[born.space]) {
    if (auto opened = open_template(born.space); !opened.ok()) return opened.error();
  }
  Original& original = *templates_[born.space];
  reap_now();
  auto copied = copy_as(born, original);
  if (!copied.ok()) return copied.error();
  return std::move(*copied).begin_behind(original.call(), program);
}

// As another one, which was executed, stood before its first step. False: there is none.
Result<bool> LiveWorld::copy_first(Process& born) {
  First* first = nullptr;
  for (const int told : {0, born.pid}) {
    const auto found = firsts_.find({born.program, born.space, told});
    if (found != firsts_.end() && found->second) first = &*found->second;
  }
  if (first == nullptr) return false;
  reap_now();
  auto copied = copy_as(born, first->original);
  if (!copied.ok()) return copied.error();
  Stop stop = std::move(*copied).go_back_to(first->original.call()).wait();
  auto* const before = std::get_if<BeforeCall>(&stop);
  if (before == nullptr)
    return environment_error(ErrorCode::kNotFollowed, "a process has ended at its birth");
  const unsigned root = born.root;
  static_cast<Standing&>(born) = first->standing;
  born.root = root;
  born.was_copied = true;
  born.tracee = std::move(before->tracee);
  born.tracee->change(born.raw);
  return true;
}

bool LiveWorld::can_be_copied(const Process& process) const {
  return process.runs() && process.tracee && process.threads.empty() && !process.locks_elsewhere &&
         firsts_.size() < kMostFirsts && signal_masks(process.host_pid).pending == 0 &&
         ::getpgid(process.host_pid) == ::getpgid(templates_[process.space]->pid()) &&
         !shares_memory(process.host_pid) && !shares_files(process.host_pid);
}

// A copy of who stands before its first step is kept for others, where that is possible.
Result<> LiveWorld::keep_first(Process& process) {
  const int told = process.asked_who_it_is ? process.pid : 0;
  const auto [place, is_new] = firsts_.try_emplace({process.program, process.space, told});
  if (!is_new || !can_be_copied(process)) return Nothing{};
  process.tracee->change(process.entered);
  auto original = Original::keep(*process.tracee);
  if (!original.ok()) {
    process.tracee->change(process.raw);
    return Nothing{};
  }
  process.tracee.reset();
  const int own = kTemplatePid + static_cast<int>(firsts_.size());
  auto second = original->second(Numbers(process.space, own));
  process.tracee = std::move(*original).release();
  if (!second.ok()) return second.error();
  if (!process.tracee) return lost(process, "has ended");
  process.tracee->change(process.raw);
  place->second.emplace(First{std::move(*second), process});
  return Nothing{};
}

void LiveWorld::end_originals() {
  const auto end_it = [](Original original) {
    if (auto at = std::move(original).release()) end(std::move(*at));
  };
  for (auto& original : templates_) {
    if (original) end_it(std::move(*original));
    original.reset();
  }
  for (auto& [whose, first] : firsts_) {
    if (first) end_it(std::move(first->original));
  }
  firsts_.clear();
}

}  // namespace lockproof::live
