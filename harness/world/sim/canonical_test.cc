// SPDX-License-Identifier: Apache-2.0
#include "sim/canonical.h"

#include <csignal>
#include <cstring>

#include "sim/machine.h"

namespace lockproof::sim {
namespace {

bool operator==(const Situation& a, const Situation& b) {
  return a.kernel == b.kernel && std::memcmp(&a.views, &b.views, sizeof a.views) == 0;
}

// Two histories from one start: are their situations the same in canonical form?
class Canonical : public ::testing::Test {
 protected:
  Canonical() {
    m(a, R"(open cwd "x" O_RDWR|O_CREAT 0600)");
    m(a, R"(open cwd "y" O_RDWR|O_CREAT 0600)");
    m(a, "close 3");
    m(a, "close 4");
  }

  // The situation after these calls of these processes, from the start on.
  using Calls = std::vector<std::pair<std::uint8_t, const char*>>;
  Situation after(const Calls& calls) {
    const Kernel start = m.kernel;
    for (const auto& [slot, line] : calls) m(slot, line);
    return {std::exchange(m.kernel, start), {}, {}};
  }
  Situation canonical(Situation situation, Pids pids = Pids::kSymbolic,
                      const Order& order = kSameOrder) {
    EXPECT_TRUE(canonicalize(situation, order, pids, m.tables, naming));
    return situation;
  }
  Situation with_record(std::string_view content) {
    Situation situation = after({});
    situation.kernel.inodes[2].content = m.texts.intern(content);
    return situation;
  }
  std::string record(const Situation& situation) {
    return std::string(m.texts[situation.kernel.inodes[2].content]);
  }

  Machine m;
  Naming naming{m.texts};
  std::uint8_t a = m.start();
  std::uint8_t b = m.start();
};

constexpr Order kExchanged = {1, 0, 2, 3, 4, 5, 6, 7};

TEST_F(Canonical, ProcessesThatChangedPlacesAreTheSame) {
  const auto did = [&](std::uint8_t one, const char* its_pid, const char* watch) {
    Situation situation = after({{one, R"(open cwd "x" O_RDWR 0)"},
                                 {one, "flock 3 LOCK_EX"},
                                 {one, its_pid},
                                 {one, watch},
                                 {one, "fork"}});
    situation.views[one] = {
        {static_cast<std::uint8_t>(one + 1), static_cast<std::uint8_t>(2 - one)}, 2};
    situation.views[1 - one] = {{static_cast<std::uint8_t>(2 - one)}, 1};
    return situation;
  };
  const Situation first = did(a, R"(write 3 "1001\n")", "pidfd_open 1002");
  const Situation second = did(b, R"(write 3 "1002\n")", "pidfd_open 1001");
  EXPECT_FALSE(canonical(first) == canonical(second));
  EXPECT_TRUE(canonical(first) == canonical(second, Pids::kSymbolic, kExchanged));
  EXPECT_EQ(canonical(second, Pids::kSymbolic, kExchanged).kernel.processes[2].parent, 0);
}

TEST_F(Canonical, IsItsOwnCanonicalForm) {
  Situation situation = canonical(after({{b, R"(open cwd "y" O_RDWR 0)"},
                                         {b, R"(write 3 "1002 1099")"},
                                         {a, R"(open cwd "z" O_RDWR|O_CREAT 0600)"},
                                         {a, "sleep 30000000"}}));
  EXPECT_TRUE(canonical(situation) == situation);
}

TEST_F(Canonical, OpenFilesAreNumberedByTheirFirstUse) {
  const Calls a_first = {{a, R"(open cwd "x" O_RDWR 0)"}, {b, R"(open cwd "y" O_RDWR 0)"}};
  const Calls b_first = {{b, R"(open cwd "y" O_RDWR 0)"}, {a, R"(open cwd "x" O_RDWR 0)"}};
  EXPECT_FALSE(after(a_first) == after(b_first));
  EXPECT_TRUE(canonical(after(a_first)) == canonical(after(b_first)));
  const Calls other = {{a, R"(open cwd "y" O_RDWR 0)"}, {b, R"(open cwd "x" O_RDWR 0)"}};
  EXPECT_FALSE(canonical(after(a_first)) == canonical(after(other)));
}

TEST_F(Canonical, NamesHaveOneOrderAndInodesKeepTheirPlaces) {
  const Calls x_first = {{a, R"(link cwd "x" cwd "p" 0)"}, {a, R"(link cwd "y" cwd "q" 0)"}};
  const Calls y_first = {{a, R"(link cwd "y" cwd "q" 0)"}, {a, R"(link cwd "x" cwd "p" 0)"}};
  EXPECT_FALSE(after(x_first) == after(y_first));
  EXPECT_TRUE(canonical(after(x_first)) == canonical(after(y_first)));
  const Calls p_first = {{a, R"(mkdir cwd "p" 0700)"}, {a, R"(mkdir cwd "q" 0700)"}};
  const Calls q_first = {{a, R"(mkdir cwd "q" 0700)"}, {a, R"(mkdir cwd "p" 0700)"}};
  EXPECT_FALSE(canonical(after(p_first)) == canonical(after(q_first)));
}

TEST_F(Canonical, TheDeadAreNumberedByTheirFirstMention) {
  EXPECT_EQ(record(canonical(with_record("1077 1033 1077"))), "1009 1010 1009");
  EXPECT_EQ(record(canonical(with_record("1033 1077 1033"))), "1009 1010 1009");
  EXPECT_EQ(record(canonical(with_record("1077 1002"))), "1009 1002") << "one of them lives";
  Situation seen = with_record("1077");
  seen.views[0] = {{1, 33}, 2};
  EXPECT_EQ(record(canonical(seen)), "1010") << "views are looked at first";
  EXPECT_EQ(canonical(seen).views[0].pids[1], 9);
}

TEST_F(Canonical, WhatNobodyMentionsIsNewAgain) {
  const Situation none = after({});
  Situation one = none;
  one.kernel.last_pid = 40;
  EXPECT_TRUE(canonical(none) == canonical(one));
}

TEST_F(Canonical, ConcretePidsStayAsTheyAre) {
  EXPECT_EQ(record(canonical(with_record("1077 1033"), Pids::kConcrete)), "1077 1033");
  Situation one = after({});
  one.kernel.last_pid = 40;
  EXPECT_EQ(canonical(one, Pids::kConcrete).kernel.last_pid, 40);
}

TEST_F(Canonical, MorePidsThanThereAreNumbersCannotBeWrittenDown) {
  const auto mentioned = [&](int count) {
    std::string content;
    for (int i = 0; i < count; ++i) content += std::to_string(1120 + i) + " ";
    Situation situation = with_record(content);
    return canonicalize(situation, kSameOrder, Pids::kSymbolic, m.tables, naming);
  };
  EXPECT_TRUE(mentioned(91));
  EXPECT_FALSE(mentioned(92));
}

class CanonicalTime : public Canonical {
 protected:
  // b starts at `ms`, a then sleeps for `sleep`, and it has slept for `slept`.
  Situation timed(std::int64_t ms, const char* sleep, std::int64_t slept, bool looked = false) {
    const Kernel before = m.kernel;
    if (looked) m(a, "clock_gettime CLOCK_MONOTONIC");
    m.kernel.now_ns += ms * 1'000'000;
    m.start();
    m(a, sleep);
    m.kernel.now_ns += slept * 1'000'000;
    return {std::exchange(m.kernel, before), {}, {}};
  }
};

TEST_F(CanonicalTime, IsForgottenWhileNobodyHasLookedAtAClock) {
  EXPECT_TRUE(canonical(timed(20, "sleep 30000000", 0)) ==
              canonical(timed(500, "sleep 30000000", 0)));
  EXPECT_FALSE(canonical(timed(20, "sleep 30000000", 0, true)) ==
               canonical(timed(500, "sleep 30000000", 0, true)));
}

TEST_F(CanonicalTime, ButNotWhoStartedFirst) {
  EXPECT_FALSE(canonical(timed(0, "getpid", 0)) == canonical(timed(20, "getpid", 0)));
  const auto started = [&](std::uint32_t one, std::uint32_t other) {
    Situation situation = after({});
    situation.kernel.processes[a].start = one;
    situation.kernel.processes[b].start = other;
    return canonical(situation);
  };
  EXPECT_TRUE(started(3, 5) == started(1, 9));
  EXPECT_FALSE(started(3, 5) == started(5, 3));
}

TEST_F(CanonicalTime, NorHowLongIsLeftToSleep) {
  EXPECT_FALSE(canonical(timed(20, "sleep 30000000", 0)) ==
               canonical(timed(20, "sleep 40000000", 0)));
  EXPECT_TRUE(canonical(timed(20, "sleep 30000000", 0)) ==
              canonical(timed(20, "sleep 40000000", 10)));
  EXPECT_FALSE(canonical(timed(20, "sleep 30000000", 29)) ==
               canonical(timed(20, "sleep 30000000", 30)))
      << "it is over";
}

TEST_F(CanonicalTime, NorHowLongAnAlarmIsOff) {
  EXPECT_FALSE(canonical(timed(20, "alarm 30000000", 0)) ==
               canonical(timed(20, "alarm 40000000", 0)));
  EXPECT_TRUE(canonical(timed(20, "alarm 30000000", 0)) ==
              canonical(timed(500, "alarm 40000000", 10)));
}

TEST_F(CanonicalTime, ASleepThatIsOverIsNotForgotten) {
  for (const std::int64_t slept : {30, 31}) {
    const Kernel over = canonical(timed(0, "sleep 30000000", slept)).kernel;
    EXPECT_GT(wake_ns(over, a), 0);
    EXPECT_EQ(wake_ns(over, a), over.now_ns);
  }
  const Situation waits = canonical(timed(0, "sleep 30000000", 10));
  EXPECT_EQ(wake_ns(waits.kernel, a) - waits.kernel.now_ns, 20'000'000);
  EXPECT_TRUE(canonical(waits) == waits);
}

TEST_F(Canonical, OfTheDeadOnlyWhatSomebodyCanStillSeeIsKept) {
  const auto killed = [&](std::uint8_t slot, int signal) {
    Situation situation = after({});
    situation.views[slot] = {{3}, 1};
    send(situation.kernel, slot, signal);
    return canonical(situation);
  };
  EXPECT_TRUE(killed(a, SIGKILL) == killed(a, SIGTERM)) << "init asks for no status";
  EXPECT_EQ(killed(a, SIGKILL).views[a].count, 0);
  const std::uint8_t child = m.fork(a);
  EXPECT_FALSE(killed(child, SIGKILL) == killed(child, SIGTERM)) << "its parent may wait for it";
}

}  // namespace
}  // namespace lockproof::sim
