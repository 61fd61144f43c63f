// SPDX-License-Identifier: Apache-2.0
// The `solo` program end to end.
#include <fcntl.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

#include "src/testing.h"

namespace solo::testing {
namespace {

constexpr const char* kSolo = LOCKPROOF_BIN "/solo";

using Words = std::vector<std::string>;

[[noreturn]] void execute(Words words) {
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
Words run_web(const TempDir& temp, const Words& command, const Words& options = {}) {
  Words words = {"solo", "run", "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Words status_web(const TempDir& temp, const Words& options = {}) {
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
Outcome solo(const TempDir& temp, const Words& words) {
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

TEST(SoloRun, EndsWithItsCommandsStatus) {
  const TempDir temp;
  EXPECT_EQ(solo(temp, run_web(temp, {"true"})).code(), 0);
  EXPECT_EQ(solo(temp, run_web(temp, {"sh", "-c", "exit 7"})).code(), 7);
  EXPECT_EQ(solo(temp, run_web(temp, {"sh", "-c", "kill -9 $$"})).code(), 128 + SIGKILL);
}

TEST(SoloRun, SaysSoWhenItsCommandCannotBeStarted) {
  const TempDir temp;
  const Outcome missing = solo(temp, run_web(temp, {"/no/such"}));
  EXPECT_EQ(missing.code(), 127);
  EXPECT_EQ(missing.err, "solo: cannot run '/no/such': No such file or directory\n");
  EXPECT_EQ(solo(temp, run_web(temp, {temp.path()})).code(), 126);
}

TEST(SoloRun, LosesToAnOwnerWithItsPidAndTheExitCodeAskedFor) {
  const TempDir temp;
  Running owner(temp);
  const Outcome loser = solo(temp, run_web(temp, {"false"}));
  EXPECT_EQ(loser.code(), 0);
  EXPECT_EQ(loser.err, "web already running (pid " + std::to_string(owner.pid()) + ")\n");
  EXPECT_EQ(solo(temp, run_web(temp, {"false"}, {"--busy-exit", "75"})).code(), 75);

  std::filesystem::remove(temp.record());
  const Outcome unknown = solo(temp, run_web(temp, {"false"}));
  EXPECT_EQ(unknown.err,
            "web already running (pid unknown; find the holder with 'lsof " + temp.lock() + "')\n");
  owner.end_input();
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 0);
}

TEST(SoloRun, PassesSignalsOnAndThenGivesUp) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const TempDir temp;
    Running owner(temp);
    owner.signal(signal);
    const int status = owner.wait();
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 128 + signal);
    const auto record = parse_record(slurp(temp.record()));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, Record::State::kReleased);
  }
}

TEST(SoloRun, KilledTakesItsCommandWithItAndTheNextOneGetsIn) {
  const TempDir temp;
  Running owner(temp);
  owner.signal(SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(owner.wait()));
  EXPECT_TRUE(owner.output_ended());
  EXPECT_EQ(solo(temp, run_web(temp, {"sh", "-c", "exit 7"})).code(), 7);
}

TEST(SoloRun, HandsItsCommandNeitherDescriptorsNorASignalMask) {
  const TempDir temp;
  const Outcome descriptors = solo(temp, run_web(temp, {"sh", "-c", "ls -l /proc/$$/fd"}));
  EXPECT_EQ(descriptors.out.find("web."), std::string::npos) << descriptors.out;
  EXPECT_EQ(descriptors.out.find("signalfd"), std::string::npos) << descriptors.out;
  EXPECT_EQ(descriptors.out.find(temp.state()), std::string::npos) << descriptors.out;
  const Outcome mask = solo(temp, run_web(temp, {"grep", "SigBlk", "/proc/self/status"}));
  EXPECT_EQ(mask.out, "SigBlk:\t0000000000000000\n");
}

TEST(SoloRun, WorksWithIgnoredChildrenAndWithoutStdio) {
  const TempDir temp;
  const Words seven = run_web(temp, {"sh", "-c", "exit 7"});
  EXPECT_EQ(solo(temp, seven, [] { ::signal(SIGCHLD, SIG_IGN); }).code(), 7);
  const char* const script = "for n in 0 1 2; do test -e /proc/$$/fd/$n || exit 1; done; exit 7";
  const Outcome closed = solo(temp, run_web(temp, {"sh", "-c", script}), [] {
    for (int fd = 0; fd < 3; ++fd) ::close(fd);
  });
  EXPECT_EQ(closed.code(), 7);
}

TEST(SoloRun, FailsWithWhatWhereAndWhy) {
  const TempDir temp;
  ASSERT_EQ(::chmod(temp.state().c_str(), 0777), 0);
  const Outcome outcome = solo(temp, run_web(temp, {"true"}));
  EXPECT_EQ(outcome.code(), 4);
  EXPECT_EQ(outcome.err, "solo: '" + temp.state() +
                             "' is writable by others; make it private with chmod go-w\n");
}

TEST(SoloStatus, TellsRunningStoppedAndUnknownApart) {
  const TempDir temp;
  EXPECT_EQ(solo(temp, status_web(temp)).code(), 3);
  EXPECT_TRUE(std::filesystem::is_empty(temp.state()));

  Running owner(temp);
  const std::string pid = std::to_string(owner.pid());
  const Outcome text = solo(temp, status_web(temp));
  EXPECT_EQ(text.code(), 0);
  EXPECT_TRUE(text.out.starts_with("web running (pid " + pid + ") since 2")) << text.out;
  const Outcome json = solo(temp, status_web(temp, {"--json"}));
  EXPECT_EQ(json.code(), 0);
  EXPECT_NE(json.out.find("\"state\":\"running\",\"pid\":" + pid + ","), std::string::npos);

  owner.end_input();
  owner.wait();
  const Outcome stopped = solo(temp, status_web(temp));
  EXPECT_EQ(stopped.code(), 3);
  EXPECT_EQ(stopped.out, "web stopped\n");

  std::filesystem::remove(temp.lock());
  ASSERT_EQ(::mkfifo(temp.lock().c_str(), 0600), 0);
  const Outcome unknown = solo(temp, status_web(temp));
  EXPECT_EQ(unknown.code(), 4);
  EXPECT_EQ(unknown.out, "web unknown: '" + temp.lock() + "' is not a regular file\n");
}

TEST(Solo, CalledWronglyEndsWith2AndOneLineAndTouchesNothing) {
  const TempDir temp;
  for (const Words& words : {Words{"solo"}, Words{"solo", "stop", "web"},
                             Words{"solo", "run", "web"}, Words{"solo", "status", ".."}}) {
    const Outcome outcome = solo(temp, words);
    EXPECT_EQ(outcome.code(), 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  EXPECT_TRUE(std::filesystem::is_empty(temp.state()));
}

TEST(Solo, HelpsAndTellsItsVersion) {
  const TempDir temp;
  const Outcome help = solo(temp, {"solo", "--help"});
  EXPECT_EQ(help.code(), 0);
  EXPECT_NE(help.out.find("solo run NAME"), std::string::npos);
  const Outcome version = solo(temp, {"solo", "--version"});
  EXPECT_EQ(version.code(), 0);
  EXPECT_TRUE(version.out.starts_with("solo "));
}

TEST(Solo, FailsWhenItsAnswerCannotBeWritten) {
  const TempDir temp;
  const Outcome outcome =
      solo(temp, status_web(temp), [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), 1); });
  EXPECT_EQ(outcome.code(), 4);
}

// To a program that has just begun, and that we trace: a value of its auxiliary vector, which the
// kernel laid on its stack behind the arguments and the environment.
void tell(pid_t traced, unsigned long type, unsigned long value) {
  const std::string process = "/proc/" + std::to_string(traced);
  std::istringstream stat(slurp(process + "/stat"));
  std::string field;
  for (int i = 0; i < 28; ++i) stat >> field;  // startstack: where argc is; the name has no space
  std::fstream memory(process + "/mem", std::ios::in | std::ios::out | std::ios::binary);
  memory.seekg(static_cast<std::streamoff>(std::stoull(field)));
  const auto next = [&memory] {
    unsigned long word = 0;
    memory.read(reinterpret_cast<char*>(&word), sizeof word);
    EXPECT_TRUE(memory.good());
    return memory.good() ? word : 0;
  };
  next();  // argc
  for (int ends = 0; ends < 2;) ends += next() == 0 ? 1 : 0;
  for (unsigned long found = next(); found != type; found = next()) {
    ASSERT_NE(found, static_cast<unsigned long>(AT_NULL));
    next();
  }
  memory.seekp(memory.tellg());
  memory.write(reinterpret_cast<const char*>(&value), sizeof value);
  memory.flush();
  EXPECT_TRUE(memory.good());
}

// The kernel says AT_SECURE to a program that was started set-user-ID or with file capabilities.
// Only root can make such a file; whoever traces a program can say the same. Told by what the
// program answers: a leak checker changes its exit code.
TEST(Solo, RefusesToRunSetUserId) {
  const TempDir temp;
  const Outcome outcome = solo(
      temp, {"solo", "--version"}, [] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); },
      [](pid_t child) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSTOPPED(status));
        tell(child, AT_SECURE, 1);
        ASSERT_EQ(::ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
      });
  EXPECT_NE(outcome.code(), 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("solo: refuses to run set-user-ID")) << outcome.err;
}

}  // namespace
}  // namespace solo::testing
