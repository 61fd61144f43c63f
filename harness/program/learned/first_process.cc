// SPDX-License-Identifier: Apache-2.0
#include "learned/first_process.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "program/execute.h"
#include "trace/namespaces.h"
#include "trace/newborn.h"

namespace lockproof {
namespace {

constexpr const char* kGroundOptions = "mode=700,size=1m,nr_inodes=1k";

std::string enter_namespaces(const Command& command, uid_t uid, gid_t gid) {
  std::string failed;
  if (uid != 0) failed = map_ids(0, uid, 0, gid);
  if (failed.empty()) failed = make_mounts_private();
  if (failed.empty()) failed = make_mounts_read_only();
  if (failed.empty()) failed = mount_tmpfs(command.directory.c_str(), kGroundOptions);
  if (!failed.empty()) failed += fmt::format(": {}", std::strerror(errno));
  return failed;
}

void bound_itself(int patience_ms) {
  const auto most = static_cast<rlim_t>((patience_ms + 999) / 1000);
  const struct rlimit seconds = {most, most};
  ::setrlimit(RLIMIT_CPU, &seconds);
}

[[noreturn]] void live(const Command& command, pid_t parent, uid_t uid, gid_t gid) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::setsid();  // an interruption of the caller is not one of the program
  const std::string failed = enter_namespaces(command, uid, gid);
  ::umask(022);
  forget_signals();
  open_nothing();
  bound_itself(command.patience_ms);
  if (!install_program_filter(Told::kByTracer)) ::_exit(1);
  wait_for_tracer();
  if (!failed.empty()) be_lost(failed);
  execute(command);
}

}  // namespace

Result<pid_t> start_first_process(const Command& command) {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  const pid_t parent = ::getpid();
  unsigned long namespaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC;
  if (uid != 0) namespaces |= CLONE_NEWUSER;
  std::fflush(nullptr);
  const pid_t pid = fork_into(namespaces);
  if (pid < 0)
    return environment_error(ErrorCode::kNoNamespaces,
                             fmt::format("clone: {}", std::strerror(errno)));
  if (pid == 0) live(command, parent, uid, gid);
  return pid;
}

dev_t device_of_ground(pid_t pid, const Command& command) {
  struct stat info {};
  const std::string path = fmt::format("/proc/{}/root{}", pid, command.directory);
  return ::stat(path.c_str(), &info) == 0 ? info.st_dev : 0;
}

}  // namespace lockproof
