// SPDX-License-Identifier: Apache-2.0
// `lockproof init`: a program is tried, and what is written is taken by `check` at once.
#include <gtest/gtest.h>
#include <pty.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

// A folder of its own, and commands of lockproof there.
class Init : public testing::Test {
 protected:
  Init() { EXPECT_NE(::mkdtemp(dir_.data()), nullptr); }
  ~Init() override { std::filesystem::remove_all(dir_); }

  std::string file(const std::string& name) const { return dir_ + "/" + name; }
  std::string text(const std::string& name) const {
    std::ostringstream all;
    all << std::ifstream(file(name)).rdbuf();
    return all.str();
  }
  // `init` with these words succeeds, and says what was tried.
  void write(std::vector<std::string> words, const std::string& tried) const {
    words.insert(words.begin(), "init");
    words.insert(words.end(), {"--output", file("x.toml")});
    const Outcome run = lockproof(words);
    EXPECT_EQ(run.status, 0) << run.out << run.err;
    EXPECT_TRUE(says(run.out, "tried  " + tried + "\n")) << run.out;
  }
  Outcome check() const { return lockproof({"check", file("x.toml")}); }

  std::string dir_ = testing::TempDir() + "init.XXXXXX";
};

TEST_F(Init, AWrapperIsTriedAndChecked) {
  write({"--wrapper", "flock -n -E 9 {dir}/lock {critical}"},
        "a second one ended with 9 while the first one owned");
  EXPECT_TRUE(says(text("x.toml"), "busy_exit = [9]")) << text("x.toml");
  const Outcome run = check();
  EXPECT_EQ(run.status, 0) << run.out << run.err;
}

// To be ended is no answer.
TEST_F(Init, WhoIsEndedByASignalIsNotBusy) {
  write({"--wrapper", R"(dash -c 'flock -n "$@" || kill -9 $$' x {dir}/lock {critical})"},
        "a second one was ended by signal 9 while the first one owned");
  EXPECT_FALSE(says(text("x.toml"), "busy_exit")) << text("x.toml");
}

TEST_F(Init, WhoWaitsForItsTurnIsNotBusy) {
  write({"--wrapper", "flock {dir}/lock {critical}"},
        "a second one waited while the first one owned");
  EXPECT_FALSE(says(text("x.toml"), "busy_exit")) << text("x.toml");
}

// To be told so is what `check` is for.
TEST_F(Init, WhatLocksNothingIsWrittenAndThenCaught) {
  write({"--wrapper", R"(dash -c ': >"$0"; "$@"' {dir}/lock {critical})"},
        "a second one owned while the first one did");
  const Outcome run = check();
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "at no time two owners")) << run.out;
  // The replay line finds the file again.
  const std::string before = "replay    lockproof replay ";
  const std::size_t begin = run.out.find(before) + before.size();
  const std::string line = run.out.substr(begin, run.out.find('\n', begin) - begin);
  const std::size_t space = line.find(' ');
  EXPECT_EQ(line.substr(space), " --scenario " + file("x.toml"));
  const Outcome again = lockproof({"replay", line.substr(0, space), "--scenario", file("x.toml")});
  EXPECT_EQ(again.status, 1) << again.out << again.err;
  EXPECT_TRUE(says(again.out, line)) << again.out;
}

TEST_F(Init, AWorkersWordsAndItsRecordAreSeen) {
  std::ofstream(file("w.sh")) << "exec 9>>$1.lock; flock -n 9 || { echo BUSY; exit 3; }\n"
                                 "echo $$ >$1; echo HELD; read x; rm $1; echo GONE\n";
  write({"--worker", "dash " + file("w.sh") + " {dir}/pid", "--says", "HELD,BUSY,GONE"},
        "a second one printed 'BUSY' while the first one owned");
  const std::string written = text("x.toml");
  EXPECT_TRUE(says(written, "busy_exit = [3]")) << written;
  EXPECT_TRUE(says(written, "record = \"{dir}/pid\"")) << written;
}

// Its start has ended when it owns; nobody says so.
TEST_F(Init, ADaemonIsFoundByWhoIsLeft) {
  const std::string served = std::string(LOCKPROOF_SOURCE) + "/scenarios/programs/served.pl";
  std::filesystem::copy(served, file("d [1].pl"));
  const std::string program = "perl '" + file("d [1].pl") + "' ";
  write({"--daemon", program + "start {dir}/pid", "--stop", program + "stop {dir}/pid"},
        "a second one ended with 1 while the first one owned");
  const std::string written = text("x.toml");
  EXPECT_TRUE(says(written, "{ argv = \"^perl ")) << written;
  EXPECT_TRUE(says(written, "record = \"{dir}/pid\"")) << written;
  const Outcome run = check();
  EXPECT_EQ(run.status, 0) << run.out << run.err;
}

// Named from here, and found from the folder of the file.
TEST_F(Init, AFileIsNamedFromTheScenariosFolder) {
  const std::string name = testing::TempDir() + "init_here.sh";
  std::ofstream(name) << "exec flock -n \"$@\"\n";
  const std::string relative = std::filesystem::proximate(name).string();
  write({"--wrapper", "dash " + relative + " {dir}/lock {critical}"},
        "a second one ended with 1 while the first one owned");
  std::filesystem::remove(name);
  EXPECT_TRUE(says(text("x.toml"), "\"{here}/../init_here.sh\"")) << text("x.toml");
}

TEST_F(Init, NothingIsOverwritten) {
  std::ofstream(file("x.toml")) << "mine";
  std::filesystem::create_symlink("nowhere", file("link"));
  for (const char* name : {"x.toml", "link"}) {
    const Outcome run =
        lockproof({"init", "--wrapper", "flock -n {dir}/lock {critical}", "--output", file(name)});
    EXPECT_EQ(run.status, 2) << run.out;
    EXPECT_TRUE(says(run.err, "this file is there already; expected a new one")) << run.err;
  }
  EXPECT_EQ(text("x.toml"), "mine");
}

TEST_F(Init, WhatIsNoLockOfItsKindIsOneSentenceAndNoFile) {
  struct Row {
    std::vector<std::string> words;
    const char* message;
  };
  const Row table[] = {
      {{}, "init: expected one of --wrapper, --worker and --daemon"},
      {{"--wrapper", "x {critical}", "--worker", "x"}, "init: expected one of"},
      {{"--wrapper", "flock {dir}/lock"}, "must run {critical} exactly once, found none"},
      {{"--wrapper", "no-such-locker {critical}"}, "no-such-locker is not installed"},
      {{"--wrapper", "dash -c 'echo a; echo why >&2; exit 3' {critical}"},
       "dash ended with status 3 and had not run {critical}; it printed 'why'"},
      {{"--worker", "dash -c 'kill -9 $$'"}, "dash was ended by signal 9 and had not printed"},
      {{"--worker", "echo locked"}, "the line 'acquired'; it printed 'locked'"},
      {{"--worker", "echo", "--says", "a,b"}, "--says a,b: expected the three lines"},
      {{"--wrapper", "flock {dir}/l {critical}", "--stop", "x"}, "--owners, --ready, --stop and"},
      {{"--daemon", "dash -c 'exit 4'"}, "dash ended with status 4 and not with 0"},
      {{"--daemon", "true"}, "true left nobody behind who runs in the background"},
      {{"--daemon", "true", "--owners", "("}, "--owners: the pattern"},
      {{"--daemon", "dash -c 'sleep 8 & sleep 9 &'"}, "left several processes behind"},
      {{"--daemon", "dash -c 'sleep 9 &'", "--owners", "sleep 8"},
       "--owners sleep 8: no process that dash left behind is like that: 'sleep 9'"},
      {{"--daemon", "true", "--stop", "a | b"}, "--stop: no shell runs the command"},
  };
  for (const Row& row : table) {
    std::vector<std::string> words = {"init", "--output", file("x.toml")};
    words.insert(words.end(), row.words.begin(), row.words.end());
    const Outcome run = lockproof(words);
    EXPECT_EQ(run.status, 2) << run.out << run.err;
    EXPECT_TRUE(says(run.err, row.message)) << row.message << "\n" << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_FALSE(std::filesystem::exists(file("x.toml")));
  }
}

// `lockproof init` at a terminal, where a person types these lines: its wait status, and what is
// seen.
std::pair<int, std::string> at_a_terminal(const std::string& lines) {
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  EXPECT_GE(pid, 0);
  if (pid == 0) {
    ::execl(test::kLockproof.c_str(), "lockproof", "init", nullptr);
    ::_exit(127);
  }
  EXPECT_EQ(::write(terminal, lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
  std::string shown;
  char buffer[4096];
  for (ssize_t size; (size = ::read(terminal, buffer, sizeof buffer)) > 0;) {
    shown.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return {status, shown};
}

TEST_F(Init, APersonAtATerminalIsAsked) {
  const auto [status, shown] =
      at_a_terminal("\nflock -n {dir}/lock {critical}\n" + file("asked.toml") + "\n");
  EXPECT_EQ(status, 0) << shown;
  EXPECT_TRUE(says(shown, "Which of these is your lock? [wrapper]: ")) << shown;
  EXPECT_TRUE(says(text("asked.toml"), "busy_exit = [1]")) << shown;
}

TEST_F(Init, AnAnswerThatMeansNothingIsToldSo) {
  const auto [status, shown] = at_a_terminal("deamon\n");
  EXPECT_EQ(WEXITSTATUS(status), 2) << shown;
  EXPECT_TRUE(says(shown, "found 'deamon'; did you mean 'daemon'?")) << shown;
}

}  // namespace
}  // namespace lockproof
