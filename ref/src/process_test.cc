// SPDX-License-Identifier: Apache-2.0
#include "solo/process.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/prctl.h>

#include "testing.h"

namespace solo::testing {
namespace {

// A line as the kernel writes it, for a process of that name.
std::string stat_line(const std::string& name, const std::string& flags = "4194304") {
  return "42 (" + name + ") R 7 42 42 34816 42 " + flags +
         " 96 0 0 0 0 0 0 0 -20 -1 1 0 8675309 2625536 232 "
         "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";
}

TEST(ProcStat, IsCountedFromTheLastParenthesis) {
  for (const char* name : {"sh", "a) S 1 1 (", ")", "(((", "a\nb", ") Z 1 2 3 4 5 6 7 8 9", ""}) {
    const auto stat = parse_proc_stat(stat_line(name));
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->state, 'R') << name;
    EXPECT_EQ(stat->parent, 7) << name;
    EXPECT_EQ(stat->start_ticks, 8675309u) << name;
  }
}

// Its files are closed by then, and its lock may be the next one's, though it is no zombie yet.
TEST(ProcStat, SaysOfWhoIsOnItsWayOutThatItHasEnded) {
  EXPECT_FALSE(parse_proc_stat(stat_line("sh"))->has_ended());
  EXPECT_TRUE(parse_proc_stat(stat_line("sh", "4194308"))->has_ended());
}

TEST(ProcStat, CutShortIsNothing) {
  const std::string whole = stat_line("sh");
  const std::size_t end = whole.find("8675309") + 7;
  for (std::size_t size = 0; size <= end; ++size) {
    EXPECT_FALSE(parse_proc_stat(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(ProcStat, HasNoSignBeforeParentAndFlags) {
  const std::string whole = stat_line("sh");
  for (const char* field : {"7 42 42", "4194304 96"}) {
    std::string text = whole;
    EXPECT_FALSE(parse_proc_stat(text.insert(text.find(field), "-"))) << text;
  }
}

RC_GTEST_PROP(ProcStat, AnyBytesComeToAnEnd, (std::string bytes)) {
  parse_proc_stat(bytes);
  parse_proc_stat(stat_line(bytes));
}

TEST(Identity, IsTheSameUnderAHostileNameOfTheProcess) {
  const auto before = identify_self(port::linux_sys());
  ASSERT_TRUE(before.ok()) << before.error().describe();
  EXPECT_EQ(before.value().pid, ::getpid());
  char name[16] = {};
  ::prctl(PR_GET_NAME, name, 0, 0, 0);
  ::prctl(PR_SET_NAME, "a) S 1 1 (", 0, 0, 0);
  const auto after = identify_self(port::linux_sys());
  ::prctl(PR_SET_NAME, name, 0, 0, 0);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after.value().start_ticks, before.value().start_ticks);
}

Record record_of(const Identity& who) {
  Record record;
  record.pid = who.pid;
  record.start_ticks = who.start_ticks;
  record.boot_id = who.realm.boot_id;
  record.pid_namespace = who.realm.pid_namespace;
  record.generation = 1;
  return record;
}

TEST(NamesLiveProcess, OnlyWhenEverythingFits) {
  auto& sys = port::linux_sys();
  const auto self = identify_self(sys);
  ASSERT_TRUE(self.ok());
  const Realm realm = self.value().realm;
  const Record mine = record_of(self.value());
  EXPECT_TRUE(names_live_process(sys, mine, realm));

  auto changed = [&](auto change) {
    Record record = mine;
    change(record);
    return names_live_process(sys, record, realm);
  };
  EXPECT_FALSE(changed([](Record& r) { ++r.start_ticks; }));
  EXPECT_FALSE(changed([](Record& r) { ++r.pid_namespace; }));
  EXPECT_FALSE(changed([](Record& r) { r.boot_id[0] = r.boot_id[0] == '0' ? '1' : '0'; }));
  EXPECT_FALSE(changed([](Record& r) { r.pid = kMaxPid; }));
  EXPECT_FALSE(changed([](Record& r) { r.state = Record::State::kReleased; }));
}

TEST(DescendsFrom, WhoStartedItAndWhoStartedThatOneAndNobodyElse) {
  const auto self = identify_self(port::linux_sys());
  ASSERT_TRUE(self.ok());
  const std::uint64_t start = self.value().start_ticks;
  const auto asked_by_a_grandchild = [](pid_t pid, std::uint64_t start_ticks) {
    Child child([&] {
      Child grandchild(
          [&] { ::_exit(descends_from(port::linux_sys(), pid, start_ticks) == 1 ? 1 : 0); });
      ::_exit(WEXITSTATUS(grandchild.wait()));
    });
    return WEXITSTATUS(child.wait()) == 1;
  };
  EXPECT_EQ(descends_from(port::linux_sys(), ::getpid(), start), 1);
  EXPECT_TRUE(asked_by_a_grandchild(::getpid(), start));
  EXPECT_FALSE(asked_by_a_grandchild(::getpid(), start + 1)) << "it had that pid before";
  EXPECT_FALSE(asked_by_a_grandchild(kMaxPid, start));
  const Child sibling([] { ::pause(); });
  EXPECT_FALSE(asked_by_a_grandchild(sibling.pid(), start));
}

TEST(NamesLiveProcess, NotAZombieThatNobodyHasReapedYet) {
  const Pipe said;
  Pipe life;
  Child child([&] {
    life.close_writer();
    said.send('r');
    life.receive();
    ::_exit(0);
  });
  ASSERT_EQ(said.receive(), 'r');
  const auto realm = this_realm(port::linux_sys());
  ASSERT_TRUE(realm.ok());
  const auto stat = parse_proc_stat(slurp("/proc/" + std::to_string(child.pid()) + "/stat"));
  ASSERT_TRUE(stat);
  const Record record = record_of({realm.value(), child.pid(), stat->start_ticks});
  EXPECT_TRUE(names_live_process(port::linux_sys(), record, realm.value()));

  life.close_writer();
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(names_live_process(port::linux_sys(), record, realm.value()));
}

}  // namespace
}  // namespace solo::testing
