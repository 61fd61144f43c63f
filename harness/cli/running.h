// SPDX-License-Identifier: Apache-2.0
// Test only: lockproof as a program that runs, with what it prints and how it exits.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace lockproof::test {

inline constexpr int kPatienceMs = 60'000;  // a bound for the hopeless case only
inline const std::string kLockproof = std::string(LOCKPROOF_BIN) + "/lockproof";

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

// A running lockproof. `roll` is a pipe that it and all its descendants inherit: end of file means
// that all are gone. With a `gate`, the end of a pipe, it begins when it can read from there.
class Running {
 public:
  explicit Running(const std::vector<std::string>& words, int gate = -1) {
    for (auto* pair : {&out_, &err_}) EXPECT_EQ(::pipe2(pair->data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe(roll_.data()), 0);  // inherited on purpose
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out_[1], STDOUT_FILENO);
      ::dup2(err_[1], STDERR_FILENO);
      ::close(roll_[0]);
      std::vector<char*> argv{const_cast<char*>(kLockproof.c_str())};
      for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
      argv.push_back(nullptr);
      char c;
      ::setenv("LOCKPROOF_STORE", "", 0);  // keeps nothing where the tests run
      if (gate >= 0 && ::read(gate, &c, 1) != 1) ::_exit(127);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    for (int fd : {out_[1], err_[1], roll_[1]}) ::close(fd);
  }
  ~Running() {
    if (pid_ > 1) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    for (int fd : {out_[0], err_[0], roll_[0]}) ::close(fd);
  }

  pid_t pid() const { return pid_; }
  void signal(int number) const { ASSERT_EQ(::kill(pid_, number), 0); }

  // Reads standard error until it holds `text`.
  bool says(const std::string& text) {
    while (outcome_.err.find(text) == std::string::npos) {
      if (!read_some()) return false;
    }
    return true;
  }

  Outcome wait() {
    while (read_some()) {
    }
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return outcome_;
  }

  bool all_gone(int within_ms) {
    struct pollfd fd {
      roll_[0], POLLIN, 0
    };
    char c;
    return ::poll(&fd, 1, within_ms) == 1 && ::read(roll_[0], &c, 1) == 0;
  }

 private:
  bool read_some() {
    struct pollfd fds[2] = {{out_open_ ? out_[0] : -1, POLLIN, 0},
                            {err_open_ ? err_[0] : -1, POLLIN, 0}};
    if (!out_open_ && !err_open_) return false;
    if (::poll(fds, 2, kPatienceMs) <= 0) {
      ADD_FAILURE() << "no output and no end";
      return false;
    }
    if (fds[0].revents != 0) out_open_ = read_into(out_[0], outcome_.out);
    if (fds[1].revents != 0) err_open_ = read_into(err_[0], outcome_.err);
    return true;
  }
  static bool read_into(int fd, std::string& text) {
    std::array<char, 4096> buffer;
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  std::array<int, 2> out_{}, err_{}, roll_{};
  bool out_open_ = true, err_open_ = true;
  pid_t pid_ = -1;
  Outcome outcome_;
};

inline Outcome lockproof(const std::vector<std::string>& words) { return Running(words).wait(); }

}  // namespace lockproof::test
