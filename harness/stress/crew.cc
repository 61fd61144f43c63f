// SPDX-License-Identifier: Apache-2.0
#include "stress/crew.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "stress/watcher.h"
#include "subject/record_reader.h"

namespace lockproof {
namespace {

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

void send(const Fd& pidfd, int signal) {
  if (pidfd) ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

rlim_t descriptor_limit() {
  struct rlimit limit {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

// A pidfd and two pipes for each process are more than the usual 1,024. Children get back what the
// user had.
struct rlimit raise_descriptor_limit() {
  struct rlimit before {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const struct rlimit raised { before.rlim_max, before.rlim_max };
  ::setrlimit(RLIMIT_NOFILE, &raised);
  return before;
}

// What every process of a run has in common. In the child, first of all.
void be_a_child(pid_t engine, const struct rlimit& descriptors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != engine) ::_exit(0);  // the engine died before that
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGPIPE, SIG_DFL);
  const struct rlimit no_core { 0, 0 };
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
}

// Hundreds of contenders that are all busy must starve neither the engine, which injects the
// faults, nor the host: they run when nobody else wants to
// (docs/adr/0004-contenders-run-when-idle.md).
void run_when_idle() {
  const struct sched_param none {};
  ::sched_setscheduler(0, SCHED_IDLE, &none);
}

// Descriptors that a program would inherit by accident are kept out of it; those of the engine are
// O_CLOEXEC anyway.
void keep_standard_streams_only() { ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC); }

}  // namespace

Crew::Crew(const Stage& stage, std::unique_ptr<Player> player)
    : stage_(stage),
      player_(std::move(player)),
      users_descriptors_(raise_descriptor_limit()),
      random_(stage.seed, 4) {}

Result<> Crew::start(int places) {
  if (auto watched = start_watcher(); !watched) return watched;
  for (int slot = 0; slot < places; ++slot) {
    if (auto started = start_member(slot); !started) return started;
    stage_.ledger.drain();
  }
  return Nothing{};
}

Result<> Crew::start_member(int slot) {
  auto member = std::make_unique<Member>();
  member->slot = slot;
  member->life = stage_.witness.new_life();
  stage_.ledger.introduce(member->life, {kHarness, role_of(slot)});
  player_->prepare(*member);
  const pid_t engine = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return environment_error(ErrorCode::kNoProcesses,
                             fmt::format("cannot fork process {}: {}", slot + 1, strerror(errno)));
  }
  if (pid == 0) {
    be_a_child(engine, users_descriptors_);
    run_when_idle();
    keep_standard_streams_only();
    player_->play(*member);
  }
  member->pid = pid;
  member->pidfd = Fd(open_pidfd(pid));
  if (!member->pidfd) {  // the end of the cage is the end of that child
    return environment_error(ErrorCode::kNoProcesses,
                             fmt::format("cannot open a pidfd for process {}: {}; ulimit -n is {}",
                                         slot + 1, strerror(errno), descriptor_limit()));
  }
  ++started_;
  by_life_[member->life] = member.get();
  order_.push_back(member.get());
  members_[pid] = std::move(member);
  return Nothing{};
}

// Of a built-in subject, what its first verb says.
std::string Crew::role_of(int slot) const {
  const Scenario& scenario = stage_.scenario;
  const Builtin* const subject = scenario.subject.builtin;
  if (subject == nullptr) return std::string(name(Role::kContender));
  const auto& verbs = scenario.cast[static_cast<std::size_t>(slot) % scenario.cast.size()];
  return std::string(name(subject->role_of(verbs)));
}

Result<> Crew::start_watcher() {
  const Subject& subject = stage_.scenario.subject;
  WatchPlan plan;
  const auto in_dir = [&](std::string_view name) {
    return name.empty() ? "" : stage_.run_dir + "/" + std::string(name);
  };
  const auto expanded = [&](const std::string& path) {
    return path.empty() ? "" : stage_.run_dir + path.substr(std::string("{dir}").size());
  };
  if (subject.builtin != nullptr) {
    plan.record = in_dir(subject.builtin->record);
    plan.lock = in_dir(subject.builtin->lock);
    plan.read_record = subject.builtin->read_record;
    plan.side = in_dir(subject.builtin->side);
    plan.read_side = subject.builtin->read_side;
  } else {
    plan.record = expanded(subject.command->record);
    if (subject.command->record_read != kReadText) {
      auto reader = record_reader(subject.command->record_read);
      if (!reader.ok()) return reader.error();
      plan.read_record = std::move(*reader);
    }
    plan.lock = expanded(subject.command->lock);
  }
  if (plan.record.empty() && plan.lock.empty() && plan.side.empty()) return Nothing{};
  plan.private_device = stage_.cage.private_device;
  plan.life = watcher_life_ = stage_.witness.new_life();
  stage_.ledger.introduce(plan.life, {kHarness, "watcher"});
  const pid_t engine = ::getpid();
  watcher_pid_ = ::fork();
  if (watcher_pid_ < 0) {
    return environment_error(ErrorCode::kNoProcesses,
                             fmt::format("cannot fork the watcher: {}", strerror(errno)));
  }
  if (watcher_pid_ == 0) {
    be_a_child(engine, users_descriptors_);
    live_as_watcher(plan, stage_.witness);
  }
  return Nothing{};
}

Result<> Crew::turn(std::int64_t now_ms) {
  now_ms_ = now_ms;
  player_->tend(now_ms);
  continue_stopped();
  reap();
  look_after_servers();
  while (!closing_ && !vacant_.empty() && vacant_.begin()->first <= now_ms) {
    const int slot = vacant_.begin()->second;
    vacant_.erase(vacant_.begin());
    if (auto started = start_member(slot); !started) return started;
  }
  return Nothing{};
}

void Crew::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    stage_.ledger.drain();  // its last words stand before its end
    if (const auto found = members_.find(pid); found != members_.end()) {
      member_ended(*found->second, status);
      members_.erase(found);
    } else if (const Member* server = server_with(pid)) {
      server_ended(server->life, status);
    } else if (pid == watcher_pid_) {
      watcher_pid_ = -1;
      stage_.ledger.note({.life = watcher_life_, .kind = Kind::kEnded, .value = status});
    } else if (pid == child_pid_) {
      child_pid_ = -1;
      child_pidfd_.reset();
      stage_.ledger.note(
          {.life = child_life_, .kind = Kind::kEnded, .value = status, .detail = "expected"});
    } else {
      player_->orphan_ended(pid, status);
    }
  }
}

void Crew::member_ended(Member& member, int status) {
  const bool expected = player_->ended(member, status);
  stage_.ledger.note({.life = member.life,
                      .kind = Kind::kEnded,
                      .value = status,
                      .detail = expected ? "expected" : ""});
  leave(member);
  vacant_.emplace(now_ms_ + pause_before_next_ms(), member.slot);
}

void Crew::leave(const Member& member) {
  by_life_.erase(member.life);
  order_.erase(std::find(order_.begin(), order_.end(), &member));
}

// A start that nobody introduced is that of a forked child which speaks for itself.
void Crew::hear(const Event& event) {
  player_->hear(event);
  const bool of_ours = stage_.scenario.subject.builtin != nullptr && event.kind == Kind::kStart;
  if (!of_ours || event.life == watcher_life_ || event.life == child_life_) return;
  if (event.target == kHarness && event.detail.empty()) {
    adopt_server(event.life, static_cast<pid_t>(event.value));
  }
}

void Crew::adopt_server(Life life, pid_t pid) {
  auto server = std::make_unique<Member>();
  server->life = life;
  server->pid = pid;
  server->pidfd = Fd(open_pidfd(pid));  // none: it has ended, and its parent has reaped it
  by_life_[life] = server.get();
  order_.push_back(server.get());
  servers_[life] = std::move(server);
}

Member* Crew::server_with(pid_t pid) const {
  const auto found = std::find_if(servers_.begin(), servers_.end(),
                                  [pid](const auto& server) { return server.second->pid == pid; });
  return found == servers_.end() ? nullptr : found->second.get();
}

void Crew::look_after_servers() {
  std::vector<Life> ended;
  for (const auto& [life, server] : servers_) {
    struct pollfd end {
      server->pidfd.get(), POLLIN, 0
    };
    if (!server->pidfd || ::poll(&end, 1, 0) > 0) ended.push_back(life);
  }
  if (!ended.empty()) stage_.ledger.drain();  // their last words stand before their ends
  for (const Life life : ended) server_ended(life, 0);
}

void Crew::server_ended(Life life, int status) {
  stage_.ledger.note({.life = life, .kind = Kind::kEnded, .value = status, .detail = "expected"});
  leave(*servers_[life]);
  servers_.erase(life);
}

// Built-in contenders pause by themselves between the attempts of one life; for a program, each
// attempt is a life.
std::int64_t Crew::pause_before_next_ms() {
  const std::uint32_t ms_max = stage_.think_us_max / 1000;
  return stage_.scenario.subject.builtin != nullptr || ms_max == 0 ? 0 : random_.below(ms_max + 1);
}

void Crew::inject(Member& member, int signal, const char* fault, std::int64_t continue_at_ms) {
  player_->about_to_signal(member, signal);
  const bool same = member.critical_pid == member.pid;  // the wrapper became the critical section
  stage_.ledger.note({.kind = Kind::kFault,
                      .target = same ? member.critical : member.life,
                      .value = signal,
                      .detail = fault});
  if (signal == SIGKILL) member.killed = true;
  if (signal == SIGSTOP) {
    member.stopped = true;
    member.continue_at_ms = continue_at_ms;
  }
  if (signal == SIGCONT) member.stopped = false;
  send(member.pidfd, signal);
}

void Crew::continue_stopped() {
  for (Member* member : order_) {
    if (member->stopped && member->continue_at_ms <= now_ms_) inject(*member, SIGCONT, "continue");
  }
}

void Crew::close() {
  closing_ = true;
  stage_.witness.close_run();
  for (Member* member : order_) {
    if (member->stopped) inject(*member, SIGCONT, "continue");
  }
  player_->close();
  end_child();
}

void Crew::kill_all() {
  for (Member* member : order_) {
    if (!member->killed) inject(*member, SIGKILL, "end of the run");
  }
  if (watcher_pid_ > 1) send(Fd(open_pidfd(watcher_pid_)), SIGKILL);
}

Member* Crew::find(Life life) {
  const auto found = by_life_.find(life);
  return found == by_life_.end() ? nullptr : found->second;
}

bool Crew::quiet() const {
  return std::none_of(order_.begin(), order_.end(),
                      [](const Member* member) { return member->stopped || member->killed; });
}

void Crew::adopt_child(Life life, pid_t pid) {
  child_life_ = life;
  child_pid_ = pid;
  child_pidfd_ = Fd(open_pidfd(pid));
}

void Crew::end_child() {
  if (!has_child()) return;
  stage_.ledger.note({.kind = Kind::kFault,
                      .target = child_life_,
                      .value = SIGKILL,
                      .detail = "end of the child"});
  send(child_pidfd_, SIGKILL);
}

}  // namespace lockproof
