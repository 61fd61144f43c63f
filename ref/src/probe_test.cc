// SPDX-License-Identifier: Apache-2.0
#include "solo/probe.h"

#include <sstream>

#include "testing.h"

namespace solo::testing {
namespace {

// Everything about a directory's files that a change would show in.
std::string snapshot(const std::string& path) {
  std::map<std::string, std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    struct stat info {};
    EXPECT_EQ(::lstat(entry.path().c_str(), &info), 0);
    std::ostringstream line;
    line << info.st_ino << ' ' << info.st_mode << ' ' << info.st_nlink << ' ' << info.st_size << ' '
         << info.st_mtim.tv_sec << '.' << info.st_mtim.tv_nsec << ' ' << info.st_ctim.tv_sec << '.'
         << info.st_ctim.tv_nsec;
    lines[entry.path()] = line.str();
  }
  std::string all;
  for (const auto& [name, line] : lines) all += name + ' ' + line + '\n';
  return all;
}

// What it would see of a lock that is held only for a moment.
ProbeResult probe_without_locking(const TempDir& temp) {
  RelaySys sys(port::linux_sys());
  sys.before = [](std::string_view call) {
    for (const char* changing : {"mkdirat", "unlinkat", "renameat", "write", "fchmod", "flock"}) {
      EXPECT_NE(call, changing);
    }
    return 0;
  };
  return probe(sys, temp.state(), web());
}

TEST(Probe, OfNothingIsFreeAndCreatesNeitherDirectoryNorFile) {
  const TempDir temp;
  EXPECT_TRUE(std::holds_alternative<Free>(probe(port::linux_sys(), temp.path() + "/no", web())));
  EXPECT_FALSE(std::filesystem::exists(temp.path() + "/no"));
  EXPECT_TRUE(std::holds_alternative<Free>(probe_without_locking(temp)));
  EXPECT_TRUE(std::filesystem::is_empty(temp.state()));
}

TEST(Probe, ChangesNothingWhileHeldAndWhileFree) {
  const TempDir temp;
  ClaimResult owner = claim_in(temp);
  ASSERT_TRUE(owns(owner));
  std::string before = snapshot(temp.path());
  const ProbeResult held = probe_without_locking(temp);
  EXPECT_EQ(snapshot(temp.path()), before);
  ASSERT_TRUE(std::holds_alternative<Held>(held));
  ASSERT_TRUE(std::get<Held>(held).holder);
  EXPECT_EQ(*std::get<Held>(held).holder, std::get<InstanceLock>(owner).record());

  std::get<InstanceLock>(owner).give_up();
  before = snapshot(temp.path());
  EXPECT_TRUE(std::holds_alternative<Free>(probe_without_locking(temp)));
  EXPECT_EQ(snapshot(temp.path()), before);
}

TEST(Probe, NeverMakesAContenderBusy) {
  const TempDir temp;
  { ASSERT_TRUE(owns(claim_in(temp))); }
  RelaySys sys(port::linux_sys());
  int claims = 0;
  sys.after = [&](std::string_view) {
    const ClaimResult contender = claim_in(temp);
    EXPECT_TRUE(owns(contender)) << why(contender);
    ++claims;
    return 0;
  };
  probe(sys, temp.state(), web());
  EXPECT_GT(claims, 5);
}

TEST(Probe, OfALockWhoseRecordNamesADeadOrNobodyIsHeldByAnUnknown) {
  const TempDir temp;
  const ClaimResult owner = claim_in(temp);
  ASSERT_TRUE(owns(owner));
  Record record = std::get<InstanceLock>(owner).record();
  ++record.start_ticks;  // another life of that pid
  for (const std::string& text : {std::string(), std::string("garbage"), format_record(record)}) {
    spill(temp.record(), text);
    const ProbeResult result = probe_in(temp);
    ASSERT_TRUE(std::holds_alternative<Held>(result)) << text;
    EXPECT_FALSE(std::get<Held>(result).holder) << text;
  }
  std::filesystem::remove(temp.record());
  EXPECT_TRUE(std::holds_alternative<Held>(probe_in(temp)));
}

TEST(Probe, ThatCannotFindOutSaysSoAndNeverFree) {
  const TempDir temp;
  { ASSERT_TRUE(owns(claim_in(temp))); }
  for (const char* failing : {"fcntl_lock", "fstat", "fstatat", "openat", "fstatfs"}) {
    RelaySys sys(port::linux_sys());
    sys.before = [&](std::string_view call) { return call == failing ? -EIO : 0; };
    EXPECT_TRUE(std::holds_alternative<Unknown>(probe(sys, temp.state(), web()))) << failing;
  }
}

}  // namespace
}  // namespace solo::testing
