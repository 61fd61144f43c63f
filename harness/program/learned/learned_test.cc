// SPDX-License-Identifier: Apache-2.0
#include "learned/learned.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "trace/one_core.h"

namespace lockproof {
namespace {

constexpr const char* kOwner = LOCKPROOF_BIN "/lockproof-owner";

Command command_of(std::vector<std::string> words) {
  Command command;
  command.argv = std::move(words);
  command.directory = "/srv";
  command.busy_exit = {1};
  return command;
}

class Learned : public testing::Test {
 protected:
  void start(std::vector<std::string> words, const LearnedProgram::Limits& limits = {}) {
    auto started = LearnedProgram::start(command_of(std::move(words)), texts_, limits);
    ASSERT_TRUE(started.ok()) << started.error().sentence;
    program_ = std::move(*started);
  }
  // From the beginning, by these answers.
  Result<Node> go(std::vector<std::string_view> answers) {
    Node node = 0;
    for (const std::string_view answer : answers) {
      const auto next = program_->next(node, *parse_answer(answer, texts_));
      if (!next.ok()) return next.error();
      node = *next;
    }
    return node;
  }
  // With which it ends if the file reads so.
  std::int32_t status_if(const std::string& content) {
    Node node = 0;
    std::size_t read = 0;
    while (program_->call(node).op != Op::kExit) {
      Answer answer = done(0);
      switch (program_->call(node).op) {
        case Op::kGetpid:
          answer = done(1001);
          break;
        case Op::kOpenat:
          answer = done(3);
          break;
        case Op::kDup:
          answer = done(4);
          break;
        case Op::kRead:
          answer = done(read < content.size() ? 1 : 0);
          answer.text = texts_.intern(content.substr(std::min(read++, content.size()), 1));
          break;
        default:
          break;
      }
      const auto next = program_->next(node, answer);
      if (!next.ok()) {
        ADD_FAILURE() << next.error().sentence;
        return -1;
      }
      node = *next;
    }
    return program_->call(node).flags;
  }
  // From the beginning by whatever answers, to the first such call.
  Node first(Op op) {
    Node node = 0;
    while (program_->call(node).op != op) node = *program_->next(node, done(1));
    return node;
  }
  // Whatever it is answered.
  std::string why_it_ends() {
    Result<Node> node = 0;
    while (node.ok() && program_->call(*node).op != Op::kExit) {
      node = program_->next(*node, done(1));
    }
    const std::string sentence = node.ok() ? "" : node.error().sentence;
    return sentence.substr(0, sentence.find(", after '"));
  }
  std::string call_after(std::vector<std::string_view> answers) {
    const auto node = go(std::move(answers));
    return node.ok() ? format(program_->call(*node), texts_) : node.error().sentence;
  }
  std::string tree() { return program_->tree().text(texts_); }

  // A script that is there as long as the test.
  std::string script(const std::string& text) {
    script_ = std::filesystem::temp_directory_path() /
              ("lockproof-learned-" + std::to_string(::getpid()) + ".sh");
    std::ofstream(script_) << text;
    return script_;
  }
  void TearDown() override {
    if (!script_.empty()) std::filesystem::remove(script_);
  }

  Texts texts_;
  std::unique_ptr<LearnedProgram> program_;
  std::filesystem::path script_;
};

constexpr const char* kFlock = R"(tree 1
0 claim
  open cwd "lock" O_RDONLY|O_CREAT|O_NOCTTY 0666
  -> 3 : 1
1
  flock 3 LOCK_EX|LOCK_NB
  -> 0 : 2
  -> EAGAIN : 3
2
  fork
  -> 0 : 4
  -> 1002 : 5
3 busy
  exit 1
4 start owns
  hold
  -> 0 : 6
5
  waitpid 1002 0
  -> 1002 : 7
6 gives_up released
  exit 0
7
  exit 0
)";

void learn_flock(Program& program, Texts& texts) {
  const auto next = [&](Node node, std::string_view answer) {
    const auto found = program.next(node, *parse_answer(answer, texts));
    EXPECT_TRUE(found.ok()) << found.error().sentence;
    return found.ok() ? *found : 0;
  };
  const Node opened = next(0, "3");
  const Node locked = next(opened, "0");
  next(opened, "EAGAIN");
  const Node child = next(locked, "0");
  const Node parent = next(locked, "1002");
  next(child, "0");
  next(parent, "1002");
}

// Runtimes look at clocks hundreds of times before they begin.
TEST_F(Learned, ClocksBeforeAnythingButWhoItIsAreNobodysMatter) {
  start({"/usr/bin/python3", "-I", "-S", "-c",
         "import os, signal, time\n"
         "signal.signal(signal.SIGTERM, lambda *_: 0); os.getpid(); time.monotonic()\n"
         "os.mkdir('/srv/d'); time.monotonic()"});
  std::vector<std::string_view> answers;
  while (call_after(answers) == "getpid") answers.push_back("1001");
  EXPECT_EQ(call_after(answers), "sigaction 15 handled");
  for (const char* answer : {"0", "1001"}) answers.push_back(answer);
  EXPECT_EQ(call_after(answers), R"(mkdir cwd "d" 0777)");
  answers.push_back("0");
  EXPECT_EQ(call_after(answers), "clock_gettime CLOCK_MONOTONIC");
}

// flock(1) forks, and its child executes what owns: no call of either is made.
TEST_F(Learned, WhatAProgramAsksIsKnownWithoutItsSource) {
  start({"flock", "-n", "/srv/lock", kOwner});
  learn_flock(*program_, texts_);
  EXPECT_EQ(tree(), kFlock);
  EXPECT_EQ(program_->starts(), 1u);
  EXPECT_EQ(program_->copies(), 7u);
}

TEST_F(Learned, ByCopiesAndByStartsIsTheSameTree) {
  start({"flock", "-n", "/srv/lock", kOwner}, {.by = LearnedProgram::By::kStarts});
  learn_flock(*program_, texts_);
  EXPECT_EQ(tree(), kFlock);
  EXPECT_EQ(program_->copies(), 0u);
}

TEST_F(Learned, WhoStandsNoMoreIsLedThereAgain) {
  start({"flock", "-n", "/srv/lock", kOwner}, {.standing = 1});
  learn_flock(*program_, texts_);
  EXPECT_EQ(tree(), kFlock);
  EXPECT_GT(program_->starts(), 1u);
}

// setlock(8) executes what owns in its own place.
TEST_F(Learned, WhoExecutesTheOwnerIsTheOwner) {
  start({"setlock", "-n", "/srv/lock", kOwner});
  EXPECT_EQ(call_after({"3"}), "flock 3 LOCK_EX|LOCK_NB");
  const auto owner = go({"3", "0"});
  ASSERT_TRUE(owner.ok()) << owner.error().sentence;
  EXPECT_EQ(program_->call(*owner).op, Op::kHold);
  ASSERT_EQ(program_->said(*owner).size(), 1u);
  EXPECT_EQ(program_->said(*owner)[0].kind, Kind::kOwns);
}

TEST_F(Learned, AnExecThatEndsAHandlerIsAStep) {
  start({"dash", "-c", "trap : TERM; exec flock -n /srv/lock \"$0\"", kOwner});
  const Node execs = first(Op::kExecvp);
  EXPECT_EQ(program_->call(*program_->next(execs, done(0))).op, Op::kOpenat);
}

TEST_F(Learned, NoFileIsEverOld) {
  start({"/usr/bin/perl", "-e", "exit(-M '/srv/d' < 0 ? 7 : 8)"});
  Node node = first(Op::kFstatat);
  node = *program_->next(node, done(0));
  while (program_->call(node).op != Op::kExit) node = *program_->next(node, done(0));
  EXPECT_EQ(program_->call(node).flags, 7);
}

// A script that ends with 3 if the file says yes: dash reads byte by byte, moves descriptors, and
// handles SIGCHLD.
TEST_F(Learned, AShellScriptIsLearned) {
  start({"dash", script("read word < /srv/lock\ntest \"$word\" = yes && exit 3\nexit 4\n")});
  EXPECT_EQ(status_if("yes\n"), 3);
  EXPECT_EQ(status_if("yesterday\n"), 4);
  EXPECT_EQ(status_if(""), 4);
}

// It tries again and again, and remembers nothing of it.
TEST_F(Learned, WhoComesToWhereItWasIsThere) {
  start({"dash", script("until read word < /srv/lock; do :; done\nexit 3\n")});
  std::vector<Node> rounds;
  Node node = first(Op::kOpenat);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(format(program_->call(node), texts_), "open cwd \"lock\" O_RDONLY 0");
    rounds.push_back(node);
    node = *program_->next(node, fail(ENOENT));
  }
  // What the first rounds leave in its memory is there from then on.
  EXPECT_EQ(rounds[3], rounds[2]);
  EXPECT_EQ(rounds[4], rounds[2]);
  EXPECT_GE(program_->merged(), 1u);
  EXPECT_TRUE(program_->tree().goes_round());
  EXPECT_EQ(format(program_->call(*program_->next(node, done(3))), texts_), "dup 3 0");
}

// Random bytes, mount namespaces and processors are other ones.
TEST_F(Learned, TwoThatAreStartedAreAlike) {
  const OneCore here;
  const Command command = command_of({"dash", "-c", "read word < /srv/lock"});
  const auto first = Pupil::begin(command, texts_);
  const auto second = Pupil::begin(command, texts_);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(first->likeness());
  EXPECT_EQ(first->likeness(), second->likeness());
}

TEST_F(Learned, WhoCountsIsNeverWhereItWas) {
  start({"dash", script("n=0\nuntil read word < /srv/lock; do n=$((n+1)); done\n")});
  Node node = first(Op::kOpenat);
  for (int i = 0; i < 5; ++i) node = *program_->next(node, fail(ENOENT));
  EXPECT_EQ(program_->merged(), 0u);
  EXPECT_FALSE(program_->tree().goes_round());
}

TEST_F(Learned, PlacesStayApartWhereThatIsAskedFor) {
  start({"dash", script("until read word < /srv/lock; do :; done\nexit 3\n")}, {.merges = false});
  Node node = first(Op::kOpenat);
  for (int i = 0; i < 5; ++i) node = *program_->next(node, fail(ENOENT));
  EXPECT_EQ(program_->merged(), 0u);
  EXPECT_FALSE(program_->tree().goes_round());
}

// A shell reads its script block by block, and copies share the place where it reads.
TEST_F(Learned, WhatACopyReadsAnotherOneReadsToo) {
  const std::string long_way(20'000, '\n');
  start({"dash", script("read word < /srv/lock\n" + long_way +
                        "test \"$word\" = yes && exit 3\nexit 4\n")});
  EXPECT_EQ(status_if("yes\n"), 3);
  EXPECT_EQ(status_if("no\n"), 4);
  EXPECT_EQ(status_if(""), 4);
}

TEST_F(Learned, ACallThatIsNotKnownIsNamed) {
  const auto started = LearnedProgram::start(command_of({"mkfifo", "/srv/pipe"}), texts_, {});
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().kind, Error::Kind::kEnvironment);
  EXPECT_EQ(started.error().sentence,
            "the program makes the call mknodat \"/srv/pipe\" on a file of the run");
}

TEST_F(Learned, WhoSignalsAGroupIsRefused) {
  const auto started = LearnedProgram::start(command_of({"perl", "-e", "kill 0, 0"}), texts_, {});
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().sentence, "the program signals several at once");
}

// As by 022, but for what a narrower one takes away as well.
TEST_F(Learned, AnotherUmaskIsInTheModesOfFiles) {
  start({"/usr/bin/python3", "-I", "-S", "-c",
         "import os\n"
         "os.umask(0o333); os.close(os.open('/srv/one', os.O_CREAT, 0o666))\n"
         "os.umask(0o77); os.mkdir('/srv/two')"});
  EXPECT_EQ(call_after({"1001"}), R"(open cwd "one" O_RDONLY|O_CREAT|O_CLOEXEC 0444)");
  EXPECT_EQ(call_after({"1001", "3", "0"}), R"(mkdir cwd "two" 0700)");
}

TEST_F(Learned, AUmaskThatLetsOthersWriteIsRefused) {
  start({"/usr/bin/python3", "-I", "-S", "-c",
         "import os; os.mkdir('/srv/a'); os.umask(0); os.mkdir('/srv/b', 0o755); "
         "os.mkdir('/srv/c')"});
  EXPECT_EQ(call_after({"1001", "0"}), R"(mkdir cwd "b" 0755)");
  EXPECT_EQ(why_it_ends(),
            "the program makes a file that others may write, by another umask than 022");
}

TEST_F(Learned, WhatCopiesWouldShareIsRefused) {
  start({"/usr/bin/python3", "-I", "-S", "-c", "import mmap; mmap.mmap(-1, 4096)"});
  EXPECT_EQ(why_it_ends(), "the program maps memory that it shares with others");
}

// Its own code; the dynamic linker does it, too.
TEST_F(Learned, WhoReadsTheTimeStampCounterIsRefused) {
  start({"/usr/bin/python3", "-I", "-S", "-c",
         "import ctypes, mmap\n"
         "code = mmap.mmap(-1, 4096, flags=34, prot=7); code.write(b'\\x0f\\x31\\xc3')\n"
         "place = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
         "ctypes.CFUNCTYPE(ctypes.c_int)(place)()\n"});
  EXPECT_EQ(why_it_ends(), "the program reads the time stamp counter");
}

TEST_F(Learned, AProgramThatIsNotThereIsSaid) {
  const auto started = LearnedProgram::start(command_of({"/no/such/program"}), texts_, {});
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().kind, Error::Kind::kUsage);
  EXPECT_EQ(started.error().sentence,
            "'/no/such/program' cannot be executed: No such file or directory");
}

TEST_F(Learned, AProgramOfTooManyNodesIsGivenUp) {
  start({"flock", "-n", "/srv/lock", kOwner}, {.nodes = 2});
  EXPECT_EQ(call_after({"3"}), "flock 3 LOCK_EX|LOCK_NB");
  const auto further = go({"3", "0"});
  ASSERT_FALSE(further.ok());
  EXPECT_EQ(further.error().kind, Error::Kind::kStopped);
  EXPECT_EQ(further.error().sentence, "the program has more than 2 nodes");
}

TEST_F(Learned, AfterTheDeadlineNothingIsLearnedButWhatIsKnownIsKnown) {
  auto learning = LearnedProgram::Limits{};
  learning.deadline = Clock::time_point();
  start({"flock", "-n", "/srv/lock", kOwner}, learning);
  EXPECT_EQ(program_->call(0).op, Op::kOpenat);
  const auto further = go({"3"});
  ASSERT_FALSE(further.ok());
  EXPECT_EQ(further.error().kind, Error::Kind::kStopped);
  EXPECT_TRUE(further.error().sentence.ends_with("it has more than 1 nodes"))
      << further.error().sentence;
}

TEST_F(Learned, WhoWatchesEndsTheLearning) {
  std::vector<std::size_t> nodes;
  LearnedProgram::Limits limits;
  limits.watch = [&](const LearningProgress& progress) {
    nodes.push_back(progress.nodes);
    return false;
  };
  start({"flock", "-n", "/srv/lock", kOwner}, limits);
  const auto further = go({"3"});
  ASSERT_FALSE(further.ok());
  EXPECT_EQ(further.error().kind, Error::Kind::kStopped);
  EXPECT_EQ(further.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(nodes, std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace lockproof
