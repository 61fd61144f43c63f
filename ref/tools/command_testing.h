// SPDX-License-Identifier: Apache-2.0
// What the tests of the `solo` program share: it runs in a state directory of the test's, as a
// child that ends with the test.
#pragma once

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <vector>

#include "src/testing.h"

namespace solo::testing {

inline constexpr const char* kSolo = LOCKPROOF_BIN "/solo";

using Words = std::vector<std::string>;

[[noreturn]] inline void execute(Words words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(kSolo, pointers.data());
  ::_exit(98);
}

struct Outcome {
  int status = 0;  // the wait status
  std::string out, err;

  int code() const { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
};

// "run web [options] -- command" in the test's state directory.
inline Words run_web(const TempDir& temp, const Words& command, const Words& options = {}) {
  Words words = {"solo", "run", "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

inline Words status_web(const TempDir& temp, const Words& options = {}) {
  Words words = {"solo", "status", "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

// To its end. `prepare` runs in the child before the program does; `meanwhile` here, after the
// fork.
template <class Prepare>
Outcome solo(
    const TempDir& temp, const Words& words, Prepare prepare,
    void (*meanwhile)(pid_t child) = [](pid_t) {}) {
  const std::string out = temp.path() + "/out", err = temp.path() + "/err";
  Child child([&] {
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 2);
    prepare();
    execute(words);
  });
  meanwhile(child.pid());
  const int status = child.wait();
  return {status, slurp(out), slurp(err)};
}
inline Outcome solo(const TempDir& temp, const Words& words) {
  return solo(temp, words, [] {});
}

// A `solo run` whose command says a line when it is up, and ends with its input.
class Running {
 public:
  explicit Running(const TempDir& temp)
      : solo_([&] {
          ::dup2(in_[0], 0);
          ::dup2(out_[1], 1);
          for (const int fd : {in_[0], in_[1], out_[0], out_[1]}) ::close(fd);
          execute(run_web(temp, {"sh", "-c", "echo up; exec cat"}));
        }) {
    ::close(std::exchange(out_[1], -1));
    char word[3];
    EXPECT_EQ(::read(out_[0], word, 3), 3);
  }
  ~Running() {
    for (const int fd : {in_[0], in_[1], out_[0]}) {
      if (fd >= 0) ::close(fd);
    }
  }
  pid_t pid() const { return solo_.pid(); }
  void signal(int number) const { ::kill(pid(), number); }
  void end_input() {
    ::close(std::exchange(in_[0], -1));
    ::close(std::exchange(in_[1], -1));
  }
  int wait() { return solo_.wait(); }
  // Nobody has the command's output open any more: it has ended, and its children too. Waits for
  // that, but not for ever.
  bool output_ended() const {
    pollfd end{out_[0], POLLIN, 0};
    char byte;
    return ::poll(&end, 1, 10'000) == 1 && ::read(out_[0], &byte, 1) == 0;
  }

 private:
  static std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return ends;
  }
  std::array<int, 2> in_ = make_pipe();
  std::array<int, 2> out_ = make_pipe();
  Child solo_;
};

inline Words verb_web(const std::string& verb, const TempDir& temp, const Words& options = {},
                      const Words& command = {}) {
  Words words = {"solo", verb, "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  if (!command.empty()) words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

// Waits, and not for ever, until a file says a line; for what another process writes at its own
// time.
inline std::string line_of(const std::string& fifo) {
  const int fd = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  std::string line;
  pollfd ready{fd, POLLIN, 0};
  char byte = 0;
  while (byte != '\n' && ::poll(&ready, 1, 30'000) == 1 && ::read(fd, &byte, 1) == 1) line += byte;
  ::close(fd);
  return line;
}

// Ends whatever runs as "web" when a test is over.
class StopWeb {
 public:
  explicit StopWeb(const TempDir& temp) : temp_(temp) {}
  ~StopWeb() { solo(temp_, verb_web("stop", temp_, {"--grace=1s"})); }

 private:
  Orphanage orphans_;
  const TempDir& temp_;
};

// A command that says what happens to it through a FIFO, and drains after SIGTERM until told.
struct Draining {
  explicit Draining(const TempDir& temp)
      : says(temp.path() + "/says"), ends(temp.path() + "/ends"), never(temp.path() + "/never") {
    for (const std::string& fifo : {says, ends, never}) EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    held = ::open(says.c_str(), O_RDWR | O_CLOEXEC);
  }
  ~Draining() { ::close(held); }
  Words command() const {
    return {"sh", "-c",
            "trap 'echo drains >" + says + "; read x <" + ends + "; exit 5' TERM; exec 3<>" +
                never + "; echo up >" + says + "; while :; do read x <&3; done"};
  }
  std::string next() const { return line_of(says); }
  void end() const { spill(ends, "go\n"); }

  std::string says, ends, never;
  int held = -1;  // so that no writer waits for a reader
};

}  // namespace solo::testing
