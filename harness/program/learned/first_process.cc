// SPDX-License-Identifier: Apache-2.0
#include "learned/first_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "learned/pupil.h"
#include "trace/call_filter.h"
#include "trace/namespaces.h"

namespace lockproof {
namespace {

constexpr const char* kGroundOptions = "mode=700,size=1m,nr_inodes=1k";

long tell(OwnCall call, const void* text = nullptr, std::size_t size = 0) {
  return ::syscall(static_cast<long>(call), text, size);
}

// The tracer ends it then.
[[noreturn]] void be_lost(const std::string& why) {
  for (;;) tell(OwnCall::kLost, why.data(), why.size());
}

std::string enter_namespaces(const Command& command, uid_t uid, gid_t gid) {
  std::string failed;
  if (uid != 0) failed = map_ids(0, uid, 0, gid);
  if (failed.empty()) failed = make_mounts_private();
  if (failed.empty()) failed = make_mounts_read_only();
  if (failed.empty()) failed = mount_tmpfs(command.directory.c_str(), kGroundOptions);
  if (!failed.empty()) failed += fmt::format(": {}", std::strerror(errno));
  return failed;
}

void leave_nothing_to_chance() {
  ::personality(ADDR_NO_RANDOMIZE);
  ::umask(022);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  ::open("/dev/null", O_RDWR);  // the lowest: 0
  ::dup2(0, 1);
  ::dup2(0, 2);
  ::syscall(SYS_close_range, 3, ~0u, 0);
  ::clearenv();
  ::setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  ::setenv("LC_ALL", "C", 1);
  ::setenv("HOME", "/", 1);
  ::setenv("PYTHONHASHSEED", "0", 1);
  ::setenv("PERL_HASH_SEED", "0", 1);
  ::setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
}

void bound_itself() {
  const struct rlimit none {};
  ::setrlimit(RLIMIT_CORE, &none);
  const struct rlimit seconds = {Pupil::kMostSeconds, Pupil::kMostSeconds};
  ::setrlimit(RLIMIT_CPU, &seconds);
}

[[noreturn]] void live(const Command& command, pid_t parent, uid_t uid, gid_t gid) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const std::string failed = enter_namespaces(command, uid, gid);
  leave_nothing_to_chance();
  bound_itself();
  if (!install_program_filter(Told::kByTracer)) ::_exit(1);
  while (tell(OwnCall::kReady) != 0) ::sched_yield();
  if (!failed.empty()) be_lost(failed);
  std::vector<char*> words;
  for (const std::string& word : command.argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  be_lost(fmt::format("'{}' cannot be executed: {}", command.argv.front(), std::strerror(errno)));
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
  if (pid < 0) return environment_error(fmt::format("clone: {}", std::strerror(errno)));
  if (pid == 0) live(command, parent, uid, gid);
  return pid;
}

dev_t device_of_ground(pid_t pid, const Command& command) {
  struct stat info {};
  const std::string path = fmt::format("/proc/{}/root{}", pid, command.directory);
  return ::stat(path.c_str(), &info) == 0 ? info.st_dev : 0;
}

}  // namespace lockproof
