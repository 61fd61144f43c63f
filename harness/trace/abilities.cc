// SPDX-License-Identifier: Apache-2.0
#include "trace/abilities.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>

#include "core/fd.h"
#include "trace/namespaces.h"

namespace lockproof {
namespace {

constexpr int kChosenPid = 4242;

std::string why(const char* what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

// What `attempt` says in a child in new namespaces, or why there is none.
std::string in_child(unsigned long namespaces, const std::function<std::string()>& attempt) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return why("pipe");
  const Fd out(ends[0]);
  Fd in(ends[1]);
  const pid_t child = fork_into(namespaces);
  if (child < 0) return why("clone");
  if (child == 0) {
    const std::string text = attempt();
    ::_exit(::write(in.get(), text.data(), text.size()) < 0);
  }
  in.reset();
  std::string text;
  char part[200];
  for (ssize_t size = 0; (size = ::read(out.get(), part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(size));
  }
  ::waitpid(child, nullptr, 0);
  return text;
}

std::string nothing_more() { return ""; }

std::string try_ptrace() {
  const pid_t child = ::fork();
  if (child < 0) return why("fork");
  if (child == 0) {
    for (;;) ::poll(nullptr, 0, -1);
  }
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  const bool seized = ::ptrace(PTRACE_SEIZE, child, nullptr, PTRACE_O_EXITKILL) == 0;
  const std::string failed = seized ? "" : why("ptrace");
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
  ::waitpid(child, nullptr, __WALL);
  return failed;
}

std::string try_seccomp() {
  const std::uint32_t trace = SECCOMP_RET_TRACE;
  const bool known = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &trace) == 0;
  return known ? "" : why("SECCOMP_RET_TRACE");
}

// Both ways: for who is made, and for who is forked next.
std::string choose_pids(uid_t uid, gid_t gid) {
  std::string failed = uid == 0 ? "" : map_ids(0, uid, 0, gid);
  if (failed.empty()) failed = make_mounts_private();
  if (failed.empty()) failed = mount_proc();
  if (!failed.empty()) return why(failed.c_str());
  const pid_t pid = kChosenPid;
  clone_args args{};
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
  args.set_tid_size = 1;
  const long child = ::syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) ::_exit(0);
  if (child != kChosenPid) return why("clone3 with a pid that was chosen");
  return write_file("/proc/sys/kernel/ns_last_pid", "5000") ? "" : why("ns_last_pid");
}

}  // namespace

std::vector<Ability> try_abilities() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const unsigned long user = uid == 0 ? 0 : CLONE_NEWUSER;
  constexpr const char* kNoLiveRun = "no run of real processes step by step";
  const auto chooses = [&] { return choose_pids(uid, gid); };
  return {
      {"ptrace", try_ptrace(), kNoLiveRun},
      {"seccomp", try_seccomp(), kNoLiveRun},
      {"user ns", in_child(CLONE_NEWUSER, nothing_more),
       uid == 0 ? "nothing: this user is root"
                : "no namespaces: what a stress run leaves is killed"},
      {"pid ns", in_child(user | CLONE_NEWPID, nothing_more), kNoLiveRun},
      {"mount ns", in_child(user | CLONE_NEWNS, nothing_more), kNoLiveRun},
      {"pid control", in_child(user | CLONE_NEWPID | CLONE_NEWNS, chooses), kNoLiveRun},
  };
}

}  // namespace lockproof
