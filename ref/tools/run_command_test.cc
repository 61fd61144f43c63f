// SPDX-License-Identifier: Apache-2.0
// `solo run`, end to end.
#include "command_testing.h"

namespace solo::testing {
namespace {

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

TEST(SoloRun, TellsNobodyWhatItsCommandWasGiven) {
  const TempDir temp;
  const Words status = {"sh",  "-c",         "\"$0\" status web --state-dir \"$1\" --json",
                        kSolo, temp.state(), "a-secret"};
  const Outcome outcome = solo(temp, run_web(temp, status));
  EXPECT_EQ(outcome.code(), 0);
  EXPECT_NE(outcome.out.find("running"), std::string::npos);
  EXPECT_EQ((outcome.out + outcome.err + slurp(temp.record())).find("secret"), std::string::npos);
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

TEST(SoloRun, OwnsUntilItHasDrainedWhenItIsOnlyTold) {
  const TempDir temp;
  const Draining draining(temp);
  Child owner([&] { execute(run_web(temp, draining.command())); });
  ASSERT_EQ(draining.next(), "up\n");
  ::kill(owner.pid(), SIGTERM);
  EXPECT_EQ(draining.next(), "drains\n");
  EXPECT_EQ(solo(temp, run_web(temp, {"true"}, {"--busy-exit=75"})).code(), 75);
  draining.end();
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 5);
}

TEST(SoloRun, KillsWhatDrainsForTooLong) {
  const TempDir temp;
  const Draining draining(temp);
  Child owner([&] { execute(run_web(temp, draining.command(), {"--drain=100ms"})); });
  ASSERT_EQ(draining.next(), "up\n");
  ::kill(owner.pid(), SIGTERM);
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 128 + SIGKILL);
}

TEST(SoloRun, RemovesTheSideFilesOfAnEarlierOwnerAndItsOwn) {
  const TempDir temp;
  const std::string port = temp.state() + "/web.port";
  spill(port, "of one that was killed");
  const Outcome outcome = solo(
      temp,
      run_web(temp, {"sh", "-c", "test -e " + port + " && exit 1; echo 1 >" + port + "; exit 7"},
              {"--side-file", "web.port"}));
  EXPECT_EQ(outcome.code(), 7);
  EXPECT_FALSE(std::filesystem::exists(port));
}

// Another process keeps the input open all the while, so that no end of file can do the work.
TEST(SoloRun, EndsWithItsParentThoughItsInputStaysOpen) {
  const TempDir temp;
  std::array<int, 2> input{}, output{};
  ASSERT_EQ(::pipe2(input.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
  const Pipe said;
  Child parent([&] {
    const pid_t solo_pid = ::fork();
    if (solo_pid == 0) {
      ::dup2(input[0], 0);
      ::dup2(output[1], 1);
      execute(run_web(temp, {"sh", "-c", "echo up; exec cat"}, {"--watch-parent=24h"}));
    }
    for (;;) ::pause();
  });
  ::close(output[1]);
  char word[3];
  ASSERT_EQ(::read(output[0], word, 3), 3);
  parent.kill_and_reap();
  pollfd end{output[0], POLLIN, 0};
  char byte;
  EXPECT_EQ(::poll(&end, 1, 30'000), 1) << "the server is still there";
  EXPECT_EQ(::read(output[0], &byte, 1), 0);
  for (const int fd : {input[0], input[1], output[0]}) ::close(fd);
}

// Three things end at once: the watched process, the command with a status of its own, and what the
// record says, which somebody has changed.
TEST(SoloRun, WatchesOnlyWhileItsCommandRunsAndHidesNeitherItsStatusNorWhatFailed) {
  const TempDir temp;
  Child parent([] { ::pause(); });
  const Pipe up, input;
  const std::string command =
      "trap 'rm " + temp.record() + "; exit 7' TERM; echo; exec 3<&0; cat <&3 & wait";
  Child child([&] {
    ::dup2(input.reader(), 0);
    ::dup2(up.writer(), 1);
    ::dup2(::open((temp.path() + "/err").c_str(), O_WRONLY | O_CREAT, 0600), 2);
    execute(run_web(temp, {"sh", "-c", command}, {"--parent=" + std::to_string(parent.pid())}));
  });
  up.receive();
  parent.kill_and_reap();
  EXPECT_EQ(WEXITSTATUS(child.wait()), 7);
  EXPECT_EQ(slurp(temp.path() + "/err"),
            "solo: '" + temp.record() + "' was changed by somebody else\n");
}

}  // namespace
}  // namespace solo::testing
