// SPDX-License-Identifier: Apache-2.0
#include "trace/cage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

#include "core/fd.h"
#include "trace/descendants.h"

namespace lockproof {
namespace {

constexpr int kPatienceMs = 20'000;  // a bound for the hopeless case only

// Processes that hold the write end of a pipe: when the last of them has ended, and not before, the
// read end says so.
class Roll {
 public:
  Roll() {
    std::array<int, 2> fds{-1, -1};
    EXPECT_EQ(::pipe2(fds.data(), O_CLOEXEC), 0);
    read_ = Fd(fds[0]);
    write_ = Fd(fds[1]);
  }
  void say(char c) const { EXPECT_EQ(::write(write_.get(), &c, 1), 1); }
  void await(char wanted) const {
    char c = 0;
    do {
      ASSERT_TRUE(readable());
      ASSERT_EQ(::read(read_.get(), &c, 1), 1);
    } while (c != wanted);
  }
  bool all_gone() {
    write_.reset();
    for (char c = 0; readable();) {
      if (::read(read_.get(), &c, 1) == 0) return true;
    }
    return false;
  }

 private:
  bool readable() const {
    struct pollfd fd {
      read_.get(), POLLIN, 0
    };
    return ::poll(&fd, 1, kPatienceMs) == 1;
  }
  Fd read_, write_;
};

// Does what it can to get away: a new session, twice forked, deaf to requests.
void make_stubborn_daemon(const Roll& roll) {
  if (::fork() != 0) return;
  ::setsid();
  for (int signal : {SIGTERM, SIGHUP, SIGINT}) ::signal(signal, SIG_IGN);
  if (::fork() != 0) ::_exit(0);
  roll.say('d');
  for (;;) ::pause();
}

class CageTest : public testing::TestWithParam<Cage::Kind> {
 protected:
  // A kind that this host refuses has nothing to promise; that it is refused with a reason is
  // checked.
  bool refused() {
    const auto outcome = run_caged_as(GetParam(), [](const Cage&, int) {});
    EXPECT_TRUE(outcome.ok() || !outcome.error().sentence.empty());
    return !outcome.ok();
  }
};

TEST_P(CageTest, nothing_survives_the_engine) {
  if (refused()) return;
  Roll roll;
  const auto outcome = run_caged_as(GetParam(), [&](const Cage&, int) {
    for (int i = 0; i < 3; ++i) make_stubborn_daemon(roll);
    for (int i = 0; i < 3; ++i) roll.await('d');
  });
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(roll.all_gone());
}

TEST_P(CageTest, nothing_survives_the_callers_sigkill) {
  if (refused()) return;
  Roll roll;
  const pid_t caller = ::fork();
  ASSERT_GE(caller, 0);
  if (caller == 0) {
    (void)run_caged_as(GetParam(), [&](const Cage&, int) {
      for (int i = 0; i < 3; ++i) make_stubborn_daemon(roll);
      while (!cage_end_requested()) ::poll(nullptr, 0, 10);
    });
    ::_exit(0);
  }
  for (int i = 0; i < 3; ++i) roll.await('d');
  ASSERT_EQ(::kill(caller, SIGKILL), 0);
  ::waitpid(caller, nullptr, 0);
  EXPECT_TRUE(roll.all_gone());
}

TEST_P(CageTest, the_directory_is_private_and_goes_away) {
  if (refused()) return;
  const auto outcome = run_caged_as(GetParam(), [](const Cage& cage, int out) {
    struct stat info {};
    const bool right = ::stat(cage.dir.c_str(), &info) == 0 && (info.st_mode & 07777) == 0700 &&
                       info.st_uid == ::geteuid() && std::filesystem::is_empty(cage.dir);
    const std::string text = (right ? "right " : "wrong ") + cage.dir;
    EXPECT_EQ(::write(out, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  });
  ASSERT_TRUE(outcome.ok());
  ASSERT_TRUE(outcome->output.starts_with("right /")) << outcome->output;
  EXPECT_FALSE(std::filesystem::exists(outcome->output.substr(6)));
}

TEST_P(CageTest, a_request_to_end_reaches_the_engine_and_its_result_still_arrives) {
  if (refused()) return;
  Roll roll;
  const pid_t caller = ::getpid();
  const pid_t asker = ::fork();
  ASSERT_GE(asker, 0);
  if (asker == 0) {
    roll.await('r');
    ::kill(caller, SIGINT);
    ::_exit(0);
  }
  const auto outcome = run_caged_as(GetParam(), [&](const Cage&, int out) {
    roll.say('r');
    while (!cage_end_requested()) ::poll(nullptr, 0, 10);
    EXPECT_EQ(::write(out, "done", 4), 4);
  });
  ::waitpid(asker, nullptr, 0);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->output, "done");
  EXPECT_TRUE(outcome->interrupted);
}

TEST_P(CageTest, the_init_of_a_namespace_has_a_keeper_and_nothing_else) {
  if (refused()) return;
  const auto outcome = run_caged_as(GetParam(), [](const Cage&, int out) {
    const std::string count = std::to_string(descendants().size());
    EXPECT_EQ(::write(out, count.data(), count.size()), static_cast<ssize_t>(count.size()));
  });
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->output, GetParam() == Cage::Kind::kSubreaper ? "0" : "1");
}

INSTANTIATE_TEST_SUITE_P(Kinds, CageTest,
                         testing::Values(Cage::Kind::kNamespaces, Cage::Kind::kUserNamespaces,
                                         Cage::Kind::kSubreaper));

TEST(Cage, the_host_gives_some_kind) {
  const CageProbe probe = probe_cage();
  EXPECT_FALSE(describe(probe.kind).empty());
  EXPECT_EQ(probe.reduced.empty(), probe.kind == Cage::Kind::kNamespaces);
}

}  // namespace
}  // namespace lockproof
