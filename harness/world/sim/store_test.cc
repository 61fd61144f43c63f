// SPDX-License-Identifier: Apache-2.0
#include "sim/store.h"

#include <csignal>
#include <cstring>

#include "core/event.h"
#include "sim/machine.h"

namespace lockproof::sim {
namespace {

// Four digits are a pid; whatever else is half a record.
std::int64_t read_record(std::string_view content) {
  if (content.empty()) return seen::kEmpty;
  return content.size() == 4 ? std::stoll(std::string(content)) : seen::kTorn;
}

class StoreTest : public ::testing::Test {
 protected:
  Situation situation() {
    Situation now{m.kernel, {}, {}};
    now.views[b] = {{2, 1}, 2};
    EXPECT_TRUE(canonicalize(now, kSameOrder, Pids::kSymbolic, m.tables, naming));
    return now;
  }
  SituationId put() { return store.put(situation()); }
  const About& about() { return store.about(put()); }
  void open(std::uint8_t slot, const char* name) {
    m(slot, std::string("open cwd \"") + name + "\" O_RDWR|O_CREAT 0600");
  }

  Machine m;
  Naming naming{m.texts};
  Store store{m.tables, naming, {"pid", "lock", read_record}};
  std::uint8_t a = m.start();
  std::uint8_t b = m.start();
};

TEST_F(StoreTest, GivesBackWhatWasPutIn) {
  std::vector<Situation> all;
  all.push_back(situation());
  open(a, "pid");
  m(a, R"(write 3 "1001")");
  open(b, "lock");
  m(b, "flock 3 LOCK_EX");
  m(b, "fcntl_lock 3 F_SETLK F_WRLCK 0 0");
  m.fork(b);
  all.push_back(situation());
  m(a, "sleep 5000000");
  m(a, "clock_gettime CLOCK_MONOTONIC");
  send(m.kernel, b, SIGKILL);
  all.push_back(situation());
  std::vector<SituationId> ids;
  for (const Situation& one : all) ids.push_back(store.put(one));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Situation again = store.get(ids[i]);
    EXPECT_TRUE(again.kernel == all[i].kernel) << i;
    EXPECT_EQ(std::memcmp(&again.views, &all[i].views, sizeof again.views), 0) << i;
  }
}

TEST_F(StoreTest, KeepsEachSituationOnce) {
  const SituationId first = put();
  const Kernel before = m.kernel;
  open(a, "f");
  const SituationId second = put();
  EXPECT_NE(first, second);
  m.kernel = before;
  EXPECT_EQ(put(), first);
  EXPECT_EQ(store.size(), 2u);
  Situation other_view = situation();
  other_view.views[a] = {{1}, 1};
  EXPECT_NE(store.put(other_view), first) << "who knows whom counts";
}

TEST_F(StoreTest, SaysWhomTheRecordNames) {
  EXPECT_EQ(about().record, kRecordAbsent);
  open(a, "pid");
  EXPECT_EQ(about().record, kRecordEmpty);
  m(a, R"(write 3 "10")");
  EXPECT_EQ(about().record, kRecordTorn);
  m(a, R"(write 3 "02")");
  EXPECT_EQ(about().record, b);
  m(a, R"(pwrite 3 "1001" 0)");
  EXPECT_EQ(about().record, a);
  m(a, R"(pwrite 3 "1200" 0)");
  EXPECT_EQ(about().record, kRecordOther);
  m(a, R"(unlink cwd "pid" 0)");
  EXPECT_EQ(about().record, kRecordAbsent);
}

TEST_F(StoreTest, SaysWhoHasTheLock) {
  EXPECT_EQ(about().lock, kLockFree);
  open(a, "lock");
  open(b, "other");
  m(b, "flock 3 LOCK_EX");
  EXPECT_EQ(about().lock, kLockFree) << "that is another file";
  m(a, "flock 3 LOCK_EX");
  EXPECT_EQ(about().lock, kLockHeld);
  m(a, R"(unlink cwd "lock" 0)");
  EXPECT_EQ(about().lock, kLockOrphan);
  open(b, "lock");
  EXPECT_EQ(about().lock, kLockOrphan) << "the name leads elsewhere";
  m(b, "flock 4 LOCK_EX");
  EXPECT_EQ(about().lock, kLockHeld);
}

TEST_F(StoreTest, WhatHasNoRoleIsNotLookedAt) {
  open(a, "pid");
  m(a, "flock 3 LOCK_EX");
  Store bare(m.tables, naming, {});
  const About& about = bare.about(bare.put(situation()));
  EXPECT_EQ(about.record, kRecordNone);
  EXPECT_EQ(about.side, kRecordNone);
  EXPECT_EQ(about.lock, kLockFree);
}

TEST_F(StoreTest, ASideFileIsReadAsTheRecordIs) {
  Store sided(m.tables, naming, {"", "", nullptr, "port", read_record});
  EXPECT_EQ(sided.about(sided.put(situation())).side, kRecordAbsent);
  open(a, "port");
  EXPECT_EQ(sided.about(sided.put(situation())).side, kRecordEmpty);
  m(a, R"(write 3 "1002")");
  EXPECT_EQ(sided.about(sided.put(situation())).side, b);
}

TEST_F(StoreTest, AnOrphanLivesAndDependsOnItsParentWhichHasEnded) {
  const std::uint8_t child = m.fork(a);
  const auto orphans = [&](Role role) {
    Situation now = situation();
    now.remembered.role[child] = static_cast<std::uint8_t>(role);
    return store.about(store.put(now)).orphans;
  };
  EXPECT_EQ(orphans(Role::kDependant), 0u);
  m(a, "exit 0");
  m.die_completely(a);
  EXPECT_EQ(orphans(Role::kDependant), 1u << child);
  EXPECT_EQ(orphans(Role::kInstance), 0u);
}

TEST_F(StoreTest, WhatIsRememberedTellsSituationsApart) {
  Situation now = situation();
  const SituationId without = store.put(now);
  now.remembered.stopping = 1;
  const SituationId with = store.put(now);
  EXPECT_NE(with, without);
  EXPECT_EQ(store.get(with).remembered, now.remembered);
}

TEST_F(StoreTest, AFileInAFolderHasARoleToo) {
  Store deep(m.tables, naming, {"d/pid", "", read_record});
  m(a, R"(mkdir cwd "d" 0700)");
  EXPECT_EQ(deep.record_inode(m.kernel), kNone);
  open(a, "d/pid");
  EXPECT_EQ(deep.record_inode(m.kernel), file_at(m.kernel, m.tables, 1, "d/pid"));
  EXPECT_EQ(deep.about(deep.put(situation())).record, kRecordEmpty);
  open(a, "file");
  Store through(m.tables, naming, {"file/pid", "", read_record});
  EXPECT_EQ(through.record_inode(m.kernel), kNone);
}

TEST_F(StoreTest, SaysHowProcessesAre) {
  const std::uint8_t c = m.start();
  const std::uint8_t child = m.fork(b);
  m(child, "exit 0");
  m.die_completely(child);
  m(a, "sleep 5000000");
  m(b, "sleep 500000000");
  m.kernel.now_ns = 5'000'000;
  send(m.kernel, c, SIGSTOP);
  const std::uint8_t d = m.start();
  send(m.kernel, d, SIGKILL);
  const About& now = about();
  const auto bit = [](std::uint8_t slot) { return static_cast<Places>(1u << slot); };
  EXPECT_EQ(now.present, bit(a) | bit(b) | bit(c) | bit(d) | bit(child));
  EXPECT_EQ(now.running, bit(a) | bit(b));
  EXPECT_EQ(now.stopped, bit(c));
  EXPECT_EQ(now.dying, bit(d)) << "a zombie waits for its parent";
  EXPECT_EQ(now.waking, bit(a));
  EXPECT_EQ(now.asleep, bit(b));
}

TEST_F(StoreTest, KeysTellWhatIsMoreThanANumber) {
  const std::uint8_t c = m.start();
  const auto keys = [&] { return about().keys; };
  EXPECT_EQ(keys()[a], keys()[c]);
  const Kernel alike = m.kernel;
  open(a, "f");
  open(c, "f");
  EXPECT_EQ(keys()[a], keys()[c]);
  m(a, "flock 3 LOCK_EX");
  EXPECT_NE(keys()[a], keys()[c]) << "it holds a lock";
  m.kernel = alike;
  open(b, "f");
  m(b, R"(write 3 "1001 ")");
  EXPECT_NE(keys()[a], keys()[c]) << "its pid stands somewhere";
  m(b, R"(write 3 "1003")");
  EXPECT_NE(keys()[a], keys()[c]) << "and elsewhere than the other's";
}

TEST(Fingerprints, DoNotDependOnTheOrderInWhichTextsWereMet) {
  const auto fingerprint = [](const std::vector<const char*>& first, const char* content) {
    Machine m;
    for (const char* text : first) m.texts.intern(text);
    Naming naming(m.texts);
    Store store(m.tables, naming, {"pid", "lock", read_record});
    const std::uint8_t a = m.start();
    m(a, R"(open cwd "lock" O_RDWR|O_CREAT 0600)");
    m(a, R"(open cwd "pid" O_RDWR|O_CREAT 0600)");
    m(a, std::string("write 4 \"") + content + "\"");
    Situation now{m.kernel, {}, {}};
    EXPECT_TRUE(canonicalize(now, kSameOrder, Pids::kSymbolic, m.tables, naming));
    return store.about(store.put(now)).fingerprint;
  };
  EXPECT_EQ(fingerprint({}, "1001"), fingerprint({"z", "1001", "pid", "lock", "home"}, "1001"));
  EXPECT_NE(fingerprint({}, "1001"), fingerprint({}, "1002"));
}

}  // namespace
}  // namespace lockproof::sim
