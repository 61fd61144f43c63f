// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "program/script.h"
#include "sim/answers.h"

namespace lockproof::sim {
namespace {

using Lines = std::vector<std::string>;

// Two processes, 1001 and 1002, which are struck in all ways.
class ReachTest : public ::testing::Test {
 protected:
  void ask(const Lines& first, const Lines& second) {
    SpaceStart start;
    for (const Lines* const lines : {&first, &second}) {
      auto program = ScriptProgram::parse(*lines, texts);
      ASSERT_TRUE(program.ok()) << program.error().sentence;
      programs.push_back(std::move(*program));
      start.cast.push_back({&programs.back(), false});
    }
    start.rules.pids = Pids::kConcrete;
    for (const FaultLeft fault : {FaultLeft::kKill, FaultLeft::kTerm, FaultLeft::kStop}) {
      start.faults[static_cast<unsigned>(fault)] = 1;
    }
    auto space = SimSpace::make(start, tables);
    ASSERT_TRUE(space.ok()) << space.error().sentence;
    test::Answers answers(**space, tables);
    answers.collect(20'000);
    EXPECT_TRUE((*space)->refusals().empty()) << (*space)->refusals().front();
    EXPECT_EQ(answers.differ, std::set<std::string>{});
    EXPECT_LT(answers.questions(), answers.steps);
  }

  Texts texts;
  Tables tables{texts};
  std::deque<ScriptProgram> programs;
};

TEST_F(ReachTest, LocksOfDescriptions) {
  ask({R"(open cwd "f" O_RDWR|O_CREAT 0600)", "flock 3 LOCK_EX", "fork", "close 3"},
      {R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)", "flock 3 LOCK_SH|LOCK_NB", "fork",
       R"(unlink cwd "f" 0)"});
}

TEST_F(ReachTest, LocksOfProcesses) {
  const Lines locks = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "fcntl_lock 3 F_SETLK F_WRLCK 0 0",
                       "fcntl_lock 3 F_GETLK F_WRLCK 0 0", "close 3"};
  ask(locks, locks);
  Lines child = locks;
  child.insert(child.begin() + 1, "fork");
  ask(child, locks);
}

// The last one frees the inode.
TEST_F(ReachTest, FilesWithoutAName) {
  const Lines opens = {R"(open cwd "f" O_RDWR|O_CREAT 0600)", R"(unlink cwd "f" 0)", "close 3",
                       R"(open cwd "g" O_RDWR|O_CREAT 0600)", "fstat 3"};
  ask(opens, opens);
}

TEST_F(ReachTest, DirectoriesWithoutAName) {
  ask({R"(mkdir cwd "d" 0700)", R"(open cwd "d" O_RDONLY|O_DIRECTORY 0)", "close 3",
       R"(mkdir cwd "e" 0700)"},
      {R"(unlink cwd "d" AT_REMOVEDIR)", R"(open cwd "f" O_RDWR|O_CREAT 0600)", "fstat 3"});
}

TEST_F(ReachTest, DescriptorsOfProcesses) {
  ask({"pidfd_open 1002", "pidfd_send_signal 3 15", "poll 3 -1 -1 0", "close 3"},
      {"pidfd_open 1001", "poll 3 -1 -1 0", "pidfd_send_signal 3 9", "kill 1001 0"});
}

TEST_F(ReachTest, FilesOfProcesses) {
  ask({R"(open cwd "/proc/1002/stat" O_RDONLY 0)", "read 3 1024", "setsid", "close 3"},
      {R"(open cwd "/proc/1001/stat" O_RDONLY 0)", "read 3 1024", "setsid", "fork"});
}

TEST_F(ReachTest, Families) {
  ask({"set_parent_death_signal 15", "fork", "waitpid -1 WNOHANG", "getppid"},
      {"fork", "getppid", "waitpid -1 0", "exit 3"});
}

TEST_F(ReachTest, Ports) {
  const Lines listens = {"socket 0", "bind 3 4000", "listen 3 1", "close 3"};
  ask(listens, listens);
}

}  // namespace
}  // namespace lockproof::sim
