// SPDX-License-Identifier: Apache-2.0
// `solo stop`, `rm` and `guard`, end to end.
#include "command_testing.h"

namespace solo::testing {
namespace {

TEST(SoloStop, ReturnsWhenTheExitWasSeenAndSaysWhose) {
  const TempDir temp;
  Running owner(temp);
  const Outcome stopped = solo(temp, verb_web("stop", temp));
  EXPECT_EQ(stopped.code(), 0) << stopped.err;
  EXPECT_EQ(stopped.out, "web stopped (pid " + std::to_string(owner.pid()) + ")\n");
  EXPECT_TRUE(has_ended(owner.pid()));
  const Outcome again = solo(temp, verb_web("stop", temp));
  EXPECT_EQ(again.code(), 0);
  EXPECT_EQ(again.out, "web is not running\n");
}

TEST(SoloStop, NeverSignalsABystanderThatHasTheOwnersPidByNow) {
  const TempDir temp;
  const StopWeb end(temp);
  {
    Running owner(temp);
    owner.signal(SIGKILL);
    owner.wait();
  }
  const Child bystander([] { ::pause(); });
  change_record(temp, [&](Record& record) { record.pid = bystander.pid(); });
  EXPECT_EQ(solo(temp, verb_web("stop", temp)).out, "web is not running\n");
  EXPECT_EQ(solo(temp, verb_web("rm", temp)).out, "web is not running\n");
  EXPECT_EQ(solo(temp, verb_web("ensure", temp, {}, {"sleep", "1000"})).code(), 0);
  EXPECT_FALSE(has_ended(bystander.pid()));
}

TEST(SoloRm, LetsTheNextOneStartWhileTheOldOneDrainsAndTheRecordIsTheNextOnes) {
  const TempDir temp;
  const Draining draining(temp);
  Child old([&] { execute(run_web(temp, draining.command())); });
  ASSERT_EQ(draining.next(), "up\n");
  const Outcome removed = solo(temp, verb_web("rm", temp));
  EXPECT_EQ(removed.code(), 0) << removed.err;
  EXPECT_EQ(removed.out,
            "web removed (pid " + std::to_string(old.pid()) + "); it ends by itself\n");
  EXPECT_EQ(draining.next(), "drains\n");

  Running next(temp);
  const std::string record = slurp(temp.record());
  EXPECT_EQ(parse_record(record)->pid, next.pid());
  draining.end();
  EXPECT_EQ(WEXITSTATUS(old.wait()), 5);
  EXPECT_EQ(slurp(temp.record()), record);
  next.end_input();
  next.wait();
}

TEST(SoloGuard, RunsOnlyWhileNobodyOwnsAndKeepsOthersOut) {
  const TempDir temp;
  const std::string run = "exec " + std::string(kSolo) + " run web --busy-exit 9 --state-dir " +
                          temp.state() + " -- true";
  EXPECT_EQ(solo(temp, verb_web("guard", temp, {}, {"sh", "-c", run})).code(), 9);
  Running owner(temp);
  const Outcome refused =
      solo(temp, verb_web("guard", temp, {}, {"touch", temp.path() + "/destroyed"}));
  EXPECT_EQ(refused.code(), 2);
  EXPECT_EQ(refused.err, "web still running (pid " + std::to_string(owner.pid()) +
                             "): the command was not run\n");
  EXPECT_FALSE(std::filesystem::exists(temp.path() + "/destroyed"));
  owner.end_input();
  owner.wait();
}

}  // namespace
}  // namespace solo::testing
