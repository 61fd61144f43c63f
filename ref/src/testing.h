// SPDX-License-Identifier: Apache-2.0
// What the tests of solo share: a directory of their own, a kernel that counts and fails, and
// children whose steps are waited for, never slept for.
#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include "relay_sys.h"
#include "solo/instance.h"
#include "solo/probe.h"

namespace solo::testing {

// A directory of this test, with the state directory "s" in it, and all removed at the end.
class TempDir {
 public:
  TempDir() {
    // In memory where there is such a place: these tests make thousands of files.
    char memory[] = "/dev/shm/solo-test-XXXXXX";
    char disk[] = "/tmp/solo-test-XXXXXX";
    path_ = ::mkdtemp(memory) != nullptr ? memory : ::mkdtemp(disk);
    ::mkdir(state().c_str(), 0700);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string state() const { return path_ + "/s"; }
  std::string lock() const { return state() + "/web.lock"; }
  std::string record() const { return state() + "/web.record"; }

 private:
  std::string path_;
};

inline Name web() { return Name::parse("web").value(); }

// claim() with the directory opened through the same kernel.
inline ClaimResult claim_in(port::Sys& sys, const TempDir& temp, const ClaimOptions& options = {}) {
  auto dir = StateDir::open(sys, temp.state(), StateDir::IfMissing::kCreate);
  if (!dir.ok()) return dir.error();
  return claim(sys, std::move(dir).value(), web(), options);
}
inline ClaimResult claim_in(const TempDir& temp) { return claim_in(port::linux_sys(), temp); }

inline bool owns(const ClaimResult& result) { return std::holds_alternative<InstanceLock>(result); }
inline bool is_busy(const ClaimResult& result) { return std::holds_alternative<Busy>(result); }
inline bool is_error(const ClaimResult& result) { return std::holds_alternative<Error>(result); }
inline std::string why(const ClaimResult& result) {
  const Error* error = std::get_if<Error>(&result);
  return error != nullptr  ? error->describe()
         : owns(result)    ? "owns"
         : is_busy(result) ? "busy"
                           : "stopping";
}

inline ProbeResult probe_in(const TempDir& temp) {
  return probe(port::linux_sys(), temp.state(), web());
}

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void spill(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// What the record says, changed behind its owner's back.
template <class Change>
void change_record(const TempDir& temp, Change change) {
  Record record = *parse_record(slurp(temp.record()));
  change(record);
  spill(temp.record(), format_record(record));
}

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// A child process. Killed and reaped at the end of its scope, whatever happens before.
class Child {
 public:
  template <class Act>
  explicit Child(Act act) : pid_(::fork()) {
    if (pid_ == 0) {
      act();
      ::_exit(99);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill_and_reap(); }

  pid_t pid() const { return pid_; }
  // The wait status. A child that does not end fails the test and is killed.
  int wait() {
    const Fd end(port::linux_sys(), port::linux_sys().pidfd_open(pid_));
    pollfd ended{end.get(), POLLIN, 0};
    if (::poll(&ended, 1, 30'000) == 0) {
      ADD_FAILURE() << "a child did not end";
      ::kill(pid_, SIGKILL);
    }
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }
  void kill_and_reap() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

 private:
  pid_t pid_;
};

// Whoever is orphaned below this process meanwhile becomes its child, and has ended and is reaped
// at the end: to be made before any Child.
class Orphanage {
 public:
  Orphanage() { EXPECT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0); }
  Orphanage(const Orphanage&) = delete;
  Orphanage& operator=(const Orphanage&) = delete;
  ~Orphanage() {
    while (::waitpid(-1, nullptr, 0) > 0) continue;
    ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  }
};

// Of a child that is not reaped yet.
inline bool has_ended(pid_t pid) {
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT), 0);
  return info.si_pid == pid;
}

// One line of progress from a child to its parent.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void send(char word) const { EXPECT_EQ(::write(ends_[1], &word, 1), 1); }
  char receive() const {  // 'x' when the other side hung up
    char word = 'x';
    return ::read(ends_[0], &word, 1) == 1 ? word : 'x';
  }
  int reader() const { return ends_[0]; }  // for poll()
  int writer() const { return ends_[1]; }
  void close_writer() {
    ::close(ends_[1]);
    ends_[1] = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  }

 private:
  int ends_[2];
};

// The kernel, except that what lies at `path` belongs to a stranger. Only root could really give it
// away.
class GivenAway : public RelaySys {
 public:
  explicit GivenAway(const std::string& path, port::Sys& kernel = port::linux_sys())
      : RelaySys(kernel) {
    EXPECT_EQ(::lstat(path.c_str(), &given_), 0);
  }
  int fstat(int fd, struct stat* out) override {
    const int result = RelaySys::fstat(fd, out);
    const bool same = out->st_dev == given_.st_dev && out->st_ino == given_.st_ino;
    if (result == 0 && same) out->st_uid = ::geteuid() + 1;
    return result;
  }

 private:
  struct stat given_ {};
};

// In a child: claims, says 'o', 'b' or 'e', and stays for ever.
[[noreturn]] inline void claim_and_stay(const TempDir& temp, const Pipe& said) {
  const ClaimResult result = claim_in(temp);
  said.send(owns(result) ? 'o' : is_busy(result) ? 'b' : 'e');
  for (;;) ::pause();
}

}  // namespace solo::testing
