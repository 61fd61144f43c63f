// SPDX-License-Identifier: Apache-2.0
#include "live/live_world.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "live/probe.h"
#include "world/contract.h"

namespace lockproof {

template <>
struct Maker<live::LiveWorld> {
  static std::unique_ptr<World> make() { return std::make_unique<live::LiveWorld>(); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Live, WorldContract, live::LiveWorld);

class LiveWorldTest : public testing::Test {
 protected:
  // A run of one process over the files, in a world that keeps what it can.
  void begin(const std::vector<std::string>& lines, std::vector<StartFile> files = {}) {
    auto program = ScriptProgram::parse(lines, texts_);
    ASSERT_TRUE(program.ok()) << program.error().sentence;
    programs_.push_back(std::make_unique<ScriptProgram>(std::move(*program)));
    start_ = {&texts_, {programs_.back().get()}, std::move(files)};
    const auto begun = world_.reset(start_);
    ASSERT_TRUE(begun.ok()) << begun.error().sentence;
  }
  std::string go() { return format(world_.perform(0), texts_); }

  Texts texts_;
  std::vector<std::unique_ptr<Program>> programs_;
  Start start_;
  live::LiveWorld world_{live::LiveWorld::Programs::kKept};
};

TEST_F(LiveWorldTest, AStartThatIsTheSameAgainForgetsEverything) {
  begin({R"(open cwd "f" O_RDWR 0)", R"(write 3 "new")", R"(mkdir cwd "d" 0700)", "fork",
         R"(symlink "f" cwd "d/g")", "fstat 3"},
        {{"f", "old"}, {"e/f", ""}});
  std::set<std::string> looks;
  for (int run = 0; run < 3; ++run) {
    EXPECT_EQ(world_.file("f")->content, "old");
    for (const char* told : {"3", "3", "0", "1002", "0"}) EXPECT_EQ(go(), told);
    looks.insert(go());
    EXPECT_EQ(world_.file("f")->content, "new");
    ASSERT_TRUE(world_.reset(start_).ok());
    EXPECT_EQ(world_.processes(), 1u);
  }
  EXPECT_EQ(looks.size(), 1u) << "the numbers of inodes are those of the first time";
}

TEST_F(LiveWorldTest, WhatIsAnotherThingInEachRunIsNotKept) {
  const std::vector<std::string> script = {R"(open cwd "/dev/urandom" O_RDONLY 0)", "read 3 8",
                                           R"(open cwd "/proc/1001/stat" O_RDONLY 0)",
                                           "read 4 1024"};
  std::size_t kept = 0;
  for (int run = 0; run < 3; ++run) {
    begin(script);
    for (std::size_t i = 0; i < script.size(); ++i) go();
    if (run == 0) kept = texts_.size();
  }
  EXPECT_EQ(texts_.size(), kept);
}

TEST(LiveProbe, WhereTheTestsRunNothingIsLacking) { EXPECT_EQ(live::what_is_lacking(), ""); }

TEST_F(LiveWorldTest, AnotherProgramOrFileIsAnotherStart) {
  begin({"getppid"}, {{"f", "old"}});
  EXPECT_EQ(go(), "1");
  begin({R"(open cwd "f" O_RDWR 0)"}, {{"f", "old"}});
  EXPECT_EQ(go(), "3");
  start_.files[0].content = "other";
  ASSERT_TRUE(world_.reset(start_).ok());
  EXPECT_EQ(world_.file("f")->content, "other");
}

TEST_F(LiveWorldTest, ALockIsSeenOnAFileWhoseNameIsGone) {
  for (const std::string takes_the_name : {R"(unlink cwd "f" 0)", R"(rename cwd "g" cwd "f")"}) {
    begin({R"(open cwd "f" O_RDWR 0)", "flock 3 LOCK_EX", takes_the_name, "close 3", "getppid"},
          {{"f", ""}, {"g", ""}});
    std::vector<World::Locked> looks;
    for (int step = 0; step < 4; ++step) {
      go();
      looks.push_back(world_.locked("f"));
    }
    EXPECT_EQ(looks, (std::vector<World::Locked>{World::Locked::kNo, World::Locked::kYes,
                                                 World::Locked::kOrphan, World::Locked::kNo}))
        << takes_the_name;
  }
}

TEST_F(LiveWorldTest, WordsArriveWithTheNextCallAndOnlyOnce) {
  begin({"say claim", "getppid", "say busy", "say claim", "getppid", "getppid"});
  const auto said = [&] {
    std::string text;
    for (const Said& word : world_.said(0)) text += format(word) + " ";
    return text;
  };
  EXPECT_EQ(said(), "claim ");
  EXPECT_EQ(go(), "1");
  EXPECT_EQ(said(), "busy claim ");
  EXPECT_EQ(go(), "1");
  EXPECT_EQ(said(), "");
}

TEST_F(LiveWorldTest, WhoSaysMoreThanThereIsRoomForIsNotRun) {
  std::vector<std::string> lines(9, "say busy");
  lines.emplace_back("getppid");
  auto program = ScriptProgram::parse(lines, texts_);
  ASSERT_TRUE(program.ok());
  const auto begun = world_.reset({&texts_, {&*program}, {}});
  ASSERT_FALSE(begun.ok());
  EXPECT_EQ(begun.error().sentence, "process 0 says too much between two calls");
}

// The kernel does not make a child while a signal is about to arrive, and begins that call again.
TEST_F(LiveWorldTest, WhoseChildHasDiedCanHaveAnotherOne) {
  begin({"fork", "fork", "getppid"});
  const auto kill = [&](unsigned process) {
    ASSERT_TRUE(world_.inject(Fault::kSignal, process, SIGKILL));
    world_.step_death(process);
    world_.step_death(process);
    ASSERT_EQ(world_.state(process), ProcessState::kZombie);
  };
  EXPECT_EQ(go(), "1002");
  kill(1);
  EXPECT_EQ(go(), "1003");
  kill(2);
  EXPECT_TRUE(world_.inject(Fault::kExecChild, 0, 0));
  EXPECT_EQ(world_.processes(), 4u);
  EXPECT_EQ(go(), "1");
}

TEST_F(LiveWorldTest, WhoWasAZombieInOneRunIsNotInTheWayOfTheNext) {
  begin({"fork", "exit 0"});
  for (int run = 0; run < 200; ++run) {
    ASSERT_EQ(go(), "1002") << "in run " << run;
    world_.perform(1);
    while (world_.can_step_death(1)) world_.step_death(1);
    ASSERT_EQ(world_.state(1), ProcessState::kZombie) << "of one that never waits";
    ASSERT_TRUE(world_.reset(start_).ok());
  }
}

// What others cannot do, and what would reach beyond the run.
TEST_F(LiveWorldTest, NobodyReachesBeyondTheRun) {
  begin({"kill 1 9", "kill -1 9", "kill 0 9", "pidfd_open 1", "kill 4000 9", "getppid"});
  for (const char* told : {"EPERM", "EPERM", "EPERM", "EPERM", "ESRCH", "1"}) {
    EXPECT_EQ(go(), told);
  }
}

// By `pkill lockproof`: the templates, too, which no run knows.
TEST_F(LiveWorldTest, WhatSomebodyElseHasEndedIsInNobodysWay) {
  begin({"fork", "exit 0"});
  const std::string traced = "TracerPid:\t" + std::to_string(::getpid()) + "\n";
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "status");
    const std::string status(std::istreambuf_iterator<char>(file), {});
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid > 1 && status.find(traced) != std::string::npos) ::kill(pid, SIGINT);
  }
  EXPECT_FALSE(world_.reset(start_).ok()) << "and it ends";
}

// The parent-death signal is not asked for yet.
TEST_F(LiveWorldTest, ANurseryWhoseMakerDiesAtItsBirthEnds) {
  auto program = ScriptProgram::parse({"getppid"}, texts_);
  ASSERT_TRUE(program.ok());
  int gate[2];
  ASSERT_EQ(::pipe2(gate, O_CLOEXEC), 0);
  const pid_t maker = ::fork();
  if (maker == 0) {
    char go;
    if (::read(gate[0], &go, 1) != 1) ::_exit(1);
    ::_exit(world_.reset({&texts_, {&*program}, {}}).ok() ? 0 : 1);
  }
  auto running = seize(maker);
  ASSERT_TRUE(running.ok()) << running.error().sentence;
  ASSERT_EQ(::write(gate[1], "g", 1), 1);
  Stop stop = std::move(*running).wait();
  const auto* made = std::get_if<HasForked>(&stop);
  ASSERT_NE(made, nullptr);
  const pid_t nursery = made->child;
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, nursery, 0)));
  ::kill(maker, SIGKILL);
  EXPECT_TRUE(std::holds_alternative<HasEnded>(RunningTracee(maker).wait()));
  Stop born = RunningTracee(nursery).wait();
  ASSERT_TRUE(std::holds_alternative<IsBorn>(born));
  std::move(std::get<IsBorn>(born).tracee).go_on();
  pollfd ended = {pidfd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 20'000), 1);
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
  ::waitpid(nursery, nullptr, __WALL);
  for (const int end : gate) ::close(end);
}

}  // namespace lockproof
