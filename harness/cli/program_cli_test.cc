// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else, explored and replayed by the command.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;
using test::Running;

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

const std::vector<std::string> kFlock = {"--wrapper", "flock -n {dir}/lock {critical}"};
// It closes its lock before it runs the command: who is killed then leaves an owner without one.
const std::vector<std::string> kFlockThatCloses = {"--wrapper",
                                                   "flock -n -o {dir}/lock {critical}"};

std::vector<std::string> words(std::vector<std::string> first,
                               const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

TEST(ProgramCli, RunsOfACommandAreDrawn) {
  const Outcome run =
      lockproof(words(words({"check"}, kFlock), {"--strategy", "random", "--executions", "20"}));
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "20 runs that were drawn broke nothing")) << run.out;
  EXPECT_TRUE(says(run.out, "2 processes and a late one")) << run.out;
}

// It takes a part of the budget, and is not mistaken for a budget that was too short.
TEST(ProgramCli, WhoNeverComesToACallIsNamed) {
  const Outcome run =
      lockproof({"check", "--wrapper", "/bin/sh -c 'while :; do :; done' {critical}", "--world",
                 "live", "--budget", "1s"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "does not come to its next call within")) << run.out;
  EXPECT_TRUE(says(run.out, "the time budget of 1 s was reached")) << run.out;
}

// That it was told to be busy would be a verdict about a lock that was never tried.
TEST(ProgramCli, ACommandThatCannotBeRunIsNoVerdict) {
  for (const char* const world : {"auto", "live"}) {
    const Outcome run = lockproof({"check", "--world", world, "--wrapper",
                                   "env {dir}/no-such-program {dir}/lock {critical}"});
    EXPECT_EQ(run.status, 3) << run.out << run.err;
    EXPECT_TRUE(says(run.out, "INCONCLUSIVE")) << run.out;
    EXPECT_TRUE(says(run.out, "ends with status 127, by which")) << run.out;
  }
}

TEST(ProgramCli, AStatusThatMeansBusyByTheScenarioIsOne) {
  const std::string file = ::testing::TempDir() + "/busy_127.toml";
  std::ofstream(file) << R"(title = "busy is 127"
[subject]
name      = "flock"
kind      = "wrapper"
run       = ["flock", "-E", "127", "-n", "{dir}/lock", "{critical}"]
busy_exit = [127]
)";
  const Outcome run = lockproof({"check", file, "--processes", "2", "--kills", "0"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
}

TEST(ProgramCli, ADaemonOwnsAfterItsStartHasEnded) {
  const Outcome run = lockproof({"check", "--kills", "0", "--daemon",
                                 "start-stop-daemon -S -b -m -p {dir}/pid --startas {critical}"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "run       8 steps; no run with fewer breaks a promise")) << run.out;
  EXPECT_TRUE(says(run.out, " --daemon 'start-stop-daemon -S ")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
}

// The owner is what the start has left behind, and the kill strikes it.
TEST(ProgramCli, ADaemonThatOwnsByItselfIsSearched) {
  const Outcome right = lockproof({"check", "programs/daemon_flock"});
  EXPECT_EQ(right.status, 0) << right.out << right.err;
  EXPECT_TRUE(says(right.out, "HOLDS  programs/daemon_flock (sim, search)")) << right.out;
  EXPECT_TRUE(says(right.out, "2 processes and a late one, 1 kill")) << right.out;
  const Outcome wrong = lockproof({"check", "programs/daemon_json_unlocked"});
  EXPECT_EQ(wrong.status, 1) << wrong.out << wrong.err;
  EXPECT_TRUE(says(wrong.out, "run       20 steps; no run with fewer breaks a promise"))
      << wrong.out;
  EXPECT_TRUE(says(wrong.out, "confirmed on Linux")) << wrong.out;
}

TEST(ProgramCli, ADaemonThatOwnsByItselfIsNoneForStress) {
  const Outcome run = lockproof({"stress", "programs/daemon_flock", "--duration", "1s"});
  EXPECT_EQ(run.status, 77) << run.out << run.err;
  EXPECT_TRUE(says(run.out + run.err, "nobody can tell the owners of a daemon with 'owners'"))
      << run.out << run.err;
}

TEST(ProgramCli, AProbeKnowsTheFolderOfItsFile) {
  const std::string file = ::testing::TempDir() + "lockproof_probe.toml";
  std::ofstream(file) << "title = 't'\ncast = ['run']\n[subject]\nkind = 'wrapper'\n"
                         "run = ['flock', '-n', '{dir}/lock', '{critical}']\n"
                         "probe = ['test', '-f', '{here}/lockproof_probe.toml']\n";
  const Outcome run = lockproof({"check", file});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  std::remove(file.c_str());
}

TEST(ProgramCli, AWrongCommandIsCaughtAndItsRunReplayed) {
  const Outcome run = lockproof(
      words(words({"check", "--world", "live"}, kFlockThatCloses),
            {"--strategy", "random", "--executions", "3000", "--kills", "1", "--seed", "3"}));
  ASSERT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "at no time two owners")) << run.out;
  EXPECT_TRUE(says(run.out, "run       9 steps; none of them can be left out")) << run.out;
  const std::string before = "lockproof replay ";
  const std::size_t begin = run.out.find(before) + before.size();
  const std::string schedule = run.out.substr(begin, run.out.find(' ', begin) - begin);
  EXPECT_TRUE(
      says(run.out, schedule + " --world live --wrapper 'flock -n -o {dir}/lock {critical}'"))
      << run.out;
  const Outcome again =
      lockproof(words({"replay", schedule, "--world", "live", "--processes", "2", "--kills", "1"},
                      kFlockThatCloses));
  EXPECT_EQ(again.status, 1) << again.out << again.err;
  EXPECT_TRUE(says(again.out, "was told that it owns while")) << again.out;
  const Outcome other = lockproof(words({"replay", schedule, "--world", "live"},
                                        {"--wrapper", "setlock -n {dir}/lock {critical}"}));
  EXPECT_EQ(other.status, 2);
  EXPECT_TRUE(says(other.err, "the schedule is of wrapper/flock")) << other.err;
}

TEST(ProgramCli, BadWordsAreOneSentenceAndExit2) {
  const std::pair<std::vector<std::string>, const char*> table[] = {
      {{"check"}, "expected scenarios, or one of --wrapper, --worker and --daemon"},
      {words({"check", "canary/no_lock"}, kFlock), "expected scenarios, or one of"},
      {{"check", "--wrapper", "no_such_program {critical}"}, "no_such_program is not installed"},
      {{"check", "--wrapper", "flock {dir}/lock true"},
       "a wrapper must run {critical} exactly once"},
      {{"check", "--wrapper", "flock /mnt/a /srv/b /media/c {critical}"},
       "a run covers one of /mnt, /srv and /media"},
  };
  for (const auto& [line, message] : table) {
    const Outcome run = lockproof(line);
    EXPECT_EQ(run.status, 2) << message;
    EXPECT_TRUE(says(run.err, message)) << run.err;
  }
}

// Every run of three flock(1) and a late one, of which two are killed: the program as it is on
// disk.
TEST(ProgramCli, ARightCommandIsLearnedSearchedAndCompared) {
  const Outcome run =
      lockproof(words(words({"check"}, kFlock), {"--processes", "3", "--kills", "2"}));
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "HOLDS  wrapper/flock (sim, search)")) << run.out;
  EXPECT_TRUE(says(run.out, "3 processes and a late one, 2 kills")) << run.out;
  EXPECT_TRUE(says(run.out, "learned, 8 places of the program; 20 random runs")) << run.out;
}

TEST(ProgramCli, TheShortestRunOfAWrongCommandIsConfirmed) {
  const Outcome run = lockproof(words(words({"check"}, kFlockThatCloses), {"--kills", "1"}));
  ASSERT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "no run with fewer breaks a promise")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
  const std::string before = "lockproof replay ";
  const std::size_t begin = run.out.find(before) + before.size();
  const std::string schedule = run.out.substr(begin, run.out.find(' ', begin) - begin);
  const Outcome again =
      lockproof(words({"replay", schedule, "--processes", "2", "--kills", "1"}, kFlockThatCloses));
  EXPECT_EQ(again.status, 1) << again.out << again.err;
}

// It polls, and remembers how often: there is no end of it. The budget ends it, for all that.
const std::vector<std::string> kCounts = {
    "--worker",
    "/usr/bin/perl -e '$n = 0; while (!mkdir \"{dir}/lock\") { $n++ } "
    "syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1'"};

TEST(ProgramCli, TheBudgetEndsTheLearningAndSaysWhatIsKnown) {
  const Outcome run = lockproof(words(words({"check"}, kCounts),
                                      {"--processes", "3", "--budget", "300ms", "--world", "sim"}));
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "INCONCLUSIVE")) << run.out;
  EXPECT_TRUE(says(run.out, "the program is not learned within")) << run.out;
}

// There is no end of it: only the interruption ends it.
TEST(ProgramCli, AnInterruptionEndsTheLearning) {
  Running run(words(words({"check"}, kCounts), {"--processes", "3", "--world", "sim"}));
  ASSERT_TRUE(run.says("learning, "));
  run.signal(SIGINT);
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 3) << outcome.out << outcome.err;
  EXPECT_TRUE(says(outcome.out, "interrupted")) << outcome.out;
}

// What it takes to find the shortest run, and the verdict.
std::string found(const Outcome& run) {
  std::string found = run.out.substr(0, run.out.find('\n'));
  const std::size_t steps = run.out.find(" run ");
  if (steps != std::string::npos) {
    found += run.out.substr(steps, run.out.find(';', steps) - steps);
  }
  return found;
}

// A directory is the lock; who does not get it tries three times.
const std::vector<std::string> kPollsThrice = {
    "--worker",
    "/usr/bin/perl -e 'for (1..3) { if (mkdir \"{dir}/lock\") { syswrite STDOUT, \"acquired\\n\"; "
    "sysread STDIN, $x, 1; rmdir \"{dir}/lock\"; syswrite STDOUT, \"released\\n\"; exit 0 } "
    "select undef, undef, undef, 0.01 } syswrite STDOUT, \"busy\\n\"'"};

TEST(ProgramCli, MergingChangesNoVerdictAndNoLength) {
  const std::vector<std::vector<std::string>> subjects = {{"programs/dash_stale"},
                                                          {"programs/perl_stale"},
                                                          {"programs/flock_two"},
                                                          words(kFlockThatCloses, {"--kills", "1"}),
                                                          words(kPollsThrice, {"--kills", "1"})};
  for (const std::vector<std::string>& subject : subjects) {
    const Outcome merged = lockproof(words({"check", "--world", "sim"}, subject));
    const Outcome apart = lockproof(words({"check", "--world", "sim", "--no-merging"}, subject));
    EXPECT_EQ(merged.status, apart.status) << subject.front();
    EXPECT_EQ(found(merged), found(apart)) << subject.front();
    EXPECT_NE(merged.status, 3) << merged.out;
  }
}

// It polls for ever: that is a round of its graph, and so it is known that who is killed keeps the
// others out for ever.
TEST(ProgramCli, WhoPollsForEverIsFoundOut) {
  const std::string polls =
      "/usr/bin/perl -e 'while (!mkdir \"{dir}/lock\") { select undef, undef, undef, 0.01 } "
      "syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1; rmdir \"{dir}/lock\"; "
      "syswrite STDOUT, \"released\\n\"'";
  const Outcome run = lockproof({"check", "--worker", polls, "--processes", "2"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "invariant no_livelock")) << run.out;
  EXPECT_TRUE(says(run.out, "the last 2 can go on for ever")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
}

// Each round has two children of its own, whose pids are new ones.
TEST(ProgramCli, WhoPollsByChildrenIsFoundOut) {
  const std::string polls =
      "dash -c 'while ! mkdir \"$1\"; do sleep 0.1; done; \"$2\"; rmdir \"$1\"' dash {dir}/lock "
      "{critical}";
  const Outcome run = lockproof({"check", "--wrapper", polls, "--processes", "1"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "invariant no_livelock")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
}

TEST(ProgramCli, RandomRunsOfACommandAreTheSameOnLinux) {
  const Outcome run = lockproof(words(words({"conform"}, kFlock), {"--runs", "10"}));
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "10 runs the same on Linux")) << run.out;
  const Outcome not_learned =
      lockproof({"conform", "--wrapper", "mkfifo {dir}/lock {critical}", "--runs", "1"});
  EXPECT_EQ(not_learned.status, 3) << not_learned.out;
  EXPECT_TRUE(says(not_learned.out, "not learned: the program makes the call mknodat"))
      << not_learned.out;
  const Outcome nothing = lockproof({"conform"});
  EXPECT_EQ(nothing.status, 2) << nothing.out;
}

// It says its pid in hexadecimal, so no name can stand for it: only real processes show that.
TEST(ProgramCli, WhoEncodesItsPidIsSearchedWithPidsAsTheyAre) {
  const std::vector<std::string> encodes = {
      "--worker",
      "/usr/bin/perl -e 'mkdir(sprintf \"{dir}/%x\", $$) or exit 1; syswrite STDOUT, "
      "\"acquired\\n\"; sysread STDIN, $x, 1'"};
  const Outcome run = lockproof(words({"check", "--kills", "0"}, encodes));
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "invariant one_owner")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
  const Outcome same = lockproof(words(words({"conform"}, encodes), {"--runs", "10"}));
  EXPECT_EQ(same.status, 0) << same.out << same.err;
  EXPECT_TRUE(says(same.out, "10 runs the same")) << same.out;
  EXPECT_TRUE(says(same.out, "pids as they are")) << same.out;
}

// A handler might run whenever it asks who it is, and so it does with the call before.
TEST(ProgramCli, WhoHandlesSignalsAndAsksWhoItIsIsTheSameOnLinux) {
  const Outcome run =
      lockproof({"conform", "--runs", "10", "--worker",
                 "/usr/bin/perl -MPOSIX=_exit -e '$SIG{TERM} = sub {}; mkdir \"{dir}/$$\"; "
                 "syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1; _exit 0'"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "10 runs the same on Linux")) << run.out;
}

// Its start may end before the child that it made has begun to own: it has not failed.
TEST(ProgramCli, ADaemonWhoseChildTakesStepsBeforeItOwnsIsTheSameOnLinux) {
  const Outcome run =
      lockproof({"conform", "--runs", "10", "--kills", "0", "--daemon",
                 "dash -c '( : >> \"$1\"; exec \"$0\" ) & exit 0' {critical} {dir}/log"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "10 runs the same on Linux")) << run.out;
}

TEST(ProgramCli, WhoAsksOfASocketOrForATimerGetsAnAnswer) {
  const Outcome run = lockproof(
      {"conform", "--runs", "2", "--worker",
       "/usr/bin/perl -e 'getsockopt(STDIN, 1, 3); syscall(222, 1, 0, 0) == -1 or exit 1; "
       "mkdir \"{dir}/lock\" or exit 1; syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1'"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "2 runs the same on Linux")) << run.out;
}

// A SIGTERM while it waits for the lock: the handler runs, and it waits again.
TEST(ProgramCli, WhoseHandlersRestartCallsIsLearned) {
  const std::vector<std::string> restarts = {
      "--worker",
      "/usr/bin/perl -MPOSIX -MFcntl=:flock -e '"
      "sigaction(SIGTERM, POSIX::SigAction->new(sub {}, POSIX::SigSet->new, SA_RESTART)); "
      "open(F, \">\", \"{dir}/lock\"); flock(F, LOCK_EX) or die; syswrite STDOUT, "
      "\"acquired\\n\"; sysread STDIN, $x, 1; close F; syswrite STDOUT, \"released\\n\"; "
      "_exit(0)'"};
  const Outcome run = lockproof(words({"check"}, restarts));
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  const Outcome tree = lockproof(words({"learn"}, restarts));
  EXPECT_TRUE(says(tree.out, "-> ERESTARTSYS caught=16")) << tree.out;
  const Outcome same = lockproof(words(words({"conform"}, restarts), {"--runs", "50"}));
  EXPECT_TRUE(says(same.out, "50 runs the same on Linux")) << same.out;
  EXPECT_TRUE(says(same.out, "; 0 not made")) << same.out;
}

// A SIGTERM from outside comes to it when it blocks it, and one from itself: it dies of it once it
// does not, and not before.
TEST(ProgramCli, WhoBlocksASignalDiesOfItLater) {
  const std::vector<std::string> blocks = {
      "--worker",
      "/usr/bin/perl -MPOSIX -e '$t = POSIX::SigSet->new(SIGTERM); sigprocmask(SIG_BLOCK, $t); "
      "mkdir \"{dir}/lock\" or kill TERM, $$; sigprocmask(SIG_UNBLOCK, $t); rmdir \"{dir}/lock\"; "
      "syswrite STDOUT, \"busy\\n\"; _exit(0)'"};
  const Outcome same = lockproof(words(words({"conform"}, blocks), {"--runs", "50"}));
  EXPECT_EQ(same.status, 0) << same.out << same.err;
  EXPECT_TRUE(says(same.out, "50 runs the same on Linux")) << same.out;
  EXPECT_TRUE(says(same.out, "; 0 not made")) << same.out;
}

// It asks for its group, blocks SIGCHLD around each child, and restarts calls.
TEST(ProgramCli, BashIsLearned) {
  const Outcome run = lockproof(
      {"check", "--kills", "1", "--wrapper",
       "bash -c 'set -C; { echo $$ >\"$1\"; } 2>/dev/null || exit 1; \"$2\"; rm -f \"$1\"' "
       "bash {dir}/pid {critical}"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "invariant recovers")) << run.out;
  EXPECT_TRUE(says(run.out, "no run with fewer breaks a promise")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
}

// scenarios/programs/pid_file.cc
std::string pid_file(const std::string& files) { return LOCKPROOF_PID_FILE " " + files; }

TEST(ProgramCli, TwoWhoBothFindADeadOnesPidFileCanBothOwn) {
  const std::string file = testing::TempDir() + "pid_file_" + std::to_string(::getpid()) + ".toml";
  std::ofstream(file) << "title = 'two find the PID file of a dead process'\n"
                         "cast = ['run', 'run']\n"
                         "files = { 'pid' = 'dead' }\n"
                         "invariants = ['one_owner']\n"
                         "[subject]\n"
                         "kind = 'worker'\n"
                         "run = ['" LOCKPROOF_PID_FILE
                         "', '{dir}/pid']\n"
                         "[faults]\n";
  const Outcome run = lockproof({"check", file});
  std::filesystem::remove(file);
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "at no time two owners")) << run.out;
  EXPECT_TRUE(says(run.out, "no run with fewer breaks a promise")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
}

// Who is killed between the creation of its file and the pid in it keeps the others out for ever.
TEST(ProgramCli, APidFileWithoutAPidKeepsEverybodyOut) {
  const Outcome run =
      lockproof({"check", "--worker", pid_file("{dir}/pid"), "--processes", "3", "--kills", "1"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "invariant recovers")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
}

TEST(ProgramCli, APidFileThatIsTakenOverUnderALockHolds) {
  const Outcome run = lockproof(
      {"check", "--worker", pid_file("{dir}/pid {dir}/guard"), "--processes", "4", "--kills", "2"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "4 processes and a late one, 2 kills")) << run.out;
  EXPECT_TRUE(says(run.out, "each call and answer the same")) << run.out;
}

// Owning would begin and end within one step, and nobody else could own meanwhile.
TEST(ProgramCli, WhoOwnsBeforeItsFirstStepIsRefused) {
  const Outcome run = lockproof({"check", "--wrapper", "env {critical}"});
  EXPECT_EQ(run.status, 2) << run.out << run.err;
  EXPECT_TRUE(says(run.err, "owns before its first look into {dir}, or at a lock")) << run.err;
}

TEST(ProgramCli, ManyOfWhatCannotBeLearnedAreSkipped) {
  const Outcome run =
      lockproof({"check", "--processes", "3", "--wrapper", "mkfifo {dir}/lock {critical}"});
  EXPECT_EQ(run.status, 77) << run.out;
  EXPECT_TRUE(says(run.out, "not learned: the program makes the call mknodat")) << run.out;
}

}  // namespace
}  // namespace lockproof
