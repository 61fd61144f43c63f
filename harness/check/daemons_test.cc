// SPDX-License-Identifier: Apache-2.0
// Daemons that are the owners themselves, checked as a whole: which promise a wrong one breaks, and
// that the right one breaks none.
#include <gtest/gtest.h>

#include <algorithm>

#include "check/check.h"

namespace lockproof {
namespace {

// One at a time by a lock on its record; it forks, and the child serves.
const std::string kRight = R"(
use Fcntl qw(:flock O_RDWR O_CREAT O_EXCL);
sysopen(F, $ARGV[0], O_RDWR | O_CREAT);
flock(F, LOCK_EX | LOCK_NB) or exit 1;
exit 0 if fork;
truncate(F, 0);
syswrite(F, "pid=$$\n");
sleep;
)";

struct Daemon {
  std::string code = kRight;
  std::string more = "";  // of [subject]
  std::string owners = "{ argv = 'syswrite' }";
  std::string cast = "['start', 'start']";
  int kills = 0;
};

std::string with(const std::string& what, const std::string& by) {
  std::string code = kRight;
  const std::size_t at = code.find(what);
  EXPECT_NE(at, code.npos) << what;
  return code.replace(at, what.size(), by);
}

RunResult checked(const Daemon& daemon, const std::string& invariant,
                  InWorld world = InWorld::kAuto) {
  const std::string text = "title = 't'\ncast = " + daemon.cast + "\ninvariants = ['" + invariant +
                           "']\n[subject]\nkind = 'daemon'\nstart = ['/usr/bin/perl', '-e', '''" +
                           daemon.code + "''', '{dir}/state']\nowners = " + daemon.owners +
                           "\nrecord = { path = '{dir}/state', read = 'regex:pid=([0-9]+)' }\n" +
                           daemon.more + "[faults]\nkill = " + std::to_string(daemon.kills) + "\n";
  const auto scenario = parse_scenario(text, "x.toml", "testing/x");
  EXPECT_TRUE(scenario.ok()) << scenario.error().sentence;
  if (!scenario.ok()) return {};
  CheckOptions options;
  options.world = world;
  const auto result = check(*scenario, options);
  EXPECT_TRUE(result.ok()) << result.error().sentence;
  return result.ok() ? *result : RunResult{};
}

void expect_holds(const RunResult& result) {
  EXPECT_EQ(result.verdict, Verdict::kHolds) << result.reason;
}
void expect_broken(const RunResult& result, const std::string& invariant) {
  EXPECT_EQ(result.verdict, Verdict::kViolated) << result.reason;
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings.front().invariant, invariant);
}

TEST(CheckedDaemons, TheRightOneHolds) {
  Daemon right;
  right.more = "busy_exit = [1]\n";
  right.kills = 1;
  for (const char* invariant :
       {"one_owner", "record_names_owner", "one_survivor", "recovers", "clean_exit"}) {
    SCOPED_TRACE(invariant);
    expect_holds(checked(right, invariant));
  }
}

TEST(CheckedDaemons, WithoutALockThereAreTwo) {
  Daemon two;
  two.code = with("flock(F, LOCK_EX | LOCK_NB) or exit 1;", "");
  expect_broken(checked(two, "one_owner"), "one_owner");
  expect_broken(checked(two, "one_survivor"), "one_survivor");
}

TEST(CheckedDaemons, WhoDoesNotRestIsNoOwner) {
  Daemon two;
  two.code = with("sleep;", "sleep 5; exit 0;");
  two.code.replace(two.code.find("flock(F, LOCK_EX | LOCK_NB) or exit 1;"), 38, "");
  const RunResult result = checked(two, "one_owner");
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(result.reason.starts_with("nobody ever owned")) << result.reason;
}

TEST(CheckedDaemons, ARecordThatIsWrittenLateNamesNobody) {
  Daemon late;
  late.code = with("syswrite(F, \"pid=$$\\n\");", "0 and syswrite(F, 0);");
  expect_broken(checked(late, "record_names_owner"), "record_names_owner");
}

// The launcher has ended by then: it is the daemon that is killed.
TEST(CheckedDaemons, TheDaemonItselfIsKilled) {
  Daemon stale;
  stale.code =
      with("truncate(F, 0);", "sysopen(G, \"$ARGV[0].own\", O_RDWR|O_CREAT|O_EXCL) or exit 1;");
  stale.kills = 1;
  const RunResult result = checked(stale, "recovers");
  expect_broken(result, "recovers");
  const auto& events = result.history.events;
  const auto killed = std::find_if(events.begin(), events.end(),
                                   [](const Event& event) { return event.kind == Kind::kFault; });
  ASSERT_NE(killed, events.end());
  const auto start = std::find_if(events.begin(), events.end(), [&](const Event& event) {
    return event.kind == Kind::kStart && event.life == killed->target;
  });
  ASSERT_NE(start, events.end());
  EXPECT_EQ(start->detail, "child");
}

TEST(CheckedDaemons, AStartThatStartsNobodyIsCaughtAtRest) {
  Daemon none;
  none.code = with("sleep;", "exit 0;");
  expect_broken(checked(none, "one_survivor"), "one_survivor");
  expect_broken(checked(none, "recovers"), "recovers");
}

TEST(CheckedDaemons, ALoserEndsAsItsPolicySays) {
  Daemon loser;
  loser.more = "busy_exit = [1]\n";
  expect_holds(checked(loser, "clean_exit"));
  loser.more = "busy_exit = [7]\n";
  expect_broken(checked(loser, "clean_exit"), "clean_exit");
  loser.more = "loser = 'reuses'\n";
  expect_broken(checked(loser, "clean_exit"), "clean_exit");
  loser.code = with("or exit 1", "or exit 0");
  expect_holds(checked(loser, "clean_exit"));
}

// It waits with the command line of the owner, and only the line tells the two.
TEST(CheckedDaemons, ALoserMayStay) {
  Daemon loser;
  loser.code = with("or exit 1;", "or sleep;");
  loser.code.replace(loser.code.find("sleep;\n", loser.code.find("syswrite")), 6,
                     "syswrite(STDOUT, qq(up\\n)); sleep;");
  loser.owners = "{ ready = 'up' }";
  loser.more = "loser = 'stays'\n";
  expect_holds(checked(loser, "one_owner"));
  expect_holds(checked(loser, "one_survivor"));
  loser.code.replace(loser.code.find("LOCK_EX"), 7, "LOCK_SH");
  expect_broken(checked(loser, "one_survivor"), "one_survivor");
}

TEST(CheckedDaemons, StatusMayEndAsItLikesAndMustNotWrite) {
  Daemon asked;
  asked.cast = "['start', 'status']";
  asked.more = "status = ['/usr/bin/perl', '-e', 'open(F, $ARGV[0]); exit 3', '{dir}/state']\n";
  expect_holds(checked(asked, "clean_exit"));
  expect_holds(checked(asked, "probes_change_nothing"));
  asked.more = "status = ['/usr/bin/perl', '-e', 'open(F, q(>), $ARGV[0])', '{dir}/state']\n";
  expect_broken(checked(asked, "probes_change_nothing"), "probes_change_nothing");
}

TEST(CheckedDaemons, WhoStopsAndStartsAgainIsOneProcess) {
  Daemon cycle;
  cycle.cast = "['start', ['stop', 'start']]";
  cycle.more =
      "stop = ['/usr/bin/perl', '-e', 'open(F, $ARGV[0]); kill 15, $1 if <F> =~ /pid=(.+)/', "
      "'{dir}/state']\n";
  expect_holds(checked(cycle, "one_owner"));
  cycle.more.replace(cycle.more.find("kill 15, $1"), 11, "unlink $ARGV[0]");
  expect_broken(checked(cycle, "one_owner"), "one_owner");
}

// Its start has ended by then, and the daemon has come to rest.
TEST(CheckedDaemons, OneMayBeThereBefore) {
  Daemon before;
  before.cast = "['stop']\nsetup = ['start']";
  before.more = "stop = ['/usr/bin/perl', '-e', 'open(F, $ARGV[0]) or exit 1', '{dir}/state']\n";
  expect_holds(checked(before, "one_survivor"));
  before.more = "stop = ['/usr/bin/perl', '-e', 'unlink $ARGV[0]', '{dir}/state']\n";
  const RunResult result = checked(before, "record_names_owner");
  expect_broken(result, "record_names_owner");
  EXPECT_EQ(result.steps, 2u) << "stat, unlink";
}

TEST(CheckedDaemons, RealProcessesAloneFindTheSame) {
  Daemon two;
  two.code = with("flock(F, LOCK_EX | LOCK_NB) or exit 1;", "");
  const RunResult result = checked(two, "one_owner", InWorld::kLive);
  expect_broken(result, "one_owner");
}

}  // namespace
}  // namespace lockproof
