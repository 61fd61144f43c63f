// SPDX-License-Identifier: Apache-2.0
// What somebody may have planted where the state directory, the lock file or the record should be.
#include "solo/control.h"
#include "testing.h"

namespace solo::testing {
namespace {

// The claim is refused, with a message about `about`, and leaks nothing.
void expect_refused(const TempDir& temp, const std::string& about,
                    port::Sys& sys = port::linux_sys()) {
  const std::size_t descriptors = open_descriptors();
  {
    const ClaimResult result = claim_in(sys, temp);
    ASSERT_TRUE(is_error(result)) << why(result);
    EXPECT_NE(why(result).find(about), std::string::npos) << why(result);
  }
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(PlantedLock, ASymbolicLinkIsRefusedAndItsTargetUntouched) {
  const TempDir temp;
  const std::string victim = temp.path() + "/victim";
  spill(victim, "precious");
  ASSERT_EQ(::symlink(victim.c_str(), temp.lock().c_str()), 0);
  expect_refused(temp, "web.lock");
  EXPECT_EQ(slurp(victim), "precious");
}

TEST(PlantedLock, ADanglingSymbolicLinkCreatesNothing) {
  const TempDir temp;
  const std::string nowhere = temp.path() + "/nowhere";
  ASSERT_EQ(::symlink(nowhere.c_str(), temp.lock().c_str()), 0);
  expect_refused(temp, "web.lock");
  EXPECT_NE(::access(nowhere.c_str(), F_OK), 0);
}

TEST(PlantedLock, AHardLinkIsRefused) {
  const TempDir temp;
  spill(temp.path() + "/victim", "precious");
  ASSERT_EQ(::link((temp.path() + "/victim").c_str(), temp.lock().c_str()), 0);
  expect_refused(temp, "hard link");
}

TEST(PlantedLock, AFifoIsRefusedWithoutWaiting) {
  const TempDir temp;
  ASSERT_EQ(::mkfifo(temp.lock().c_str(), 0600), 0);
  expect_refused(temp, "not a regular file");
  EXPECT_TRUE(std::holds_alternative<Unknown>(probe_in(temp)));
}

TEST(PlantedLock, ADirectoryIsRefused) {
  const TempDir temp;
  ASSERT_EQ(::mkdir(temp.lock().c_str(), 0700), 0);
  expect_refused(temp, "web.lock");
}

TEST(PlantedLock, AForeignFileIsRefused) {
  const TempDir temp;
  spill(temp.lock(), "");
  GivenAway sys(temp.lock());
  expect_refused(temp, "web.lock' belongs to another user", sys);
}

TEST(PlantedRecord, AFifoIsRefusedWithoutWaiting) {
  const TempDir temp;
  ASSERT_EQ(::mkfifo(temp.record().c_str(), 0600), 0);
  expect_refused(temp, "not a regular file");
}

TEST(PlantedRecord, ASymbolicLinkIsRefused) {
  const TempDir temp;
  spill(temp.path() + "/victim", "precious");
  ASSERT_EQ(::symlink((temp.path() + "/victim").c_str(), temp.record().c_str()), 0);
  expect_refused(temp, "web.record");
}

TEST(PlantedRecord, ALinkInPlaceOfTheNextRecordIsReplacedAndNotFollowed) {
  const TempDir temp;
  spill(temp.path() + "/victim", "precious");
  ASSERT_EQ(
      ::symlink((temp.path() + "/victim").c_str(), (temp.state() + "/web.record.new").c_str()), 0);
  EXPECT_TRUE(owns(claim_in(temp)));
  EXPECT_EQ(slurp(temp.path() + "/victim"), "precious");
}

TEST(PlantedRecord, ALinkPlantedAfterTheLeftoverWasRemovedIsRefused) {
  const TempDir temp;
  const std::string victim = temp.path() + "/victim";
  const std::string next = temp.state() + "/web.record.new";
  spill(victim, "precious");
  RelaySys sys(port::linux_sys());
  int planted = 0;
  sys.after = [&](std::string_view call) {
    if (call == "unlinkat" && ++planted == 1) {
      EXPECT_EQ(::symlink(victim.c_str(), next.c_str()), 0);
    }
    return 0;
  };
  EXPECT_TRUE(is_error(claim_in(sys, temp)));
  EXPECT_EQ(slurp(victim), "precious");
  EXPECT_TRUE(owns(claim_in(temp)));
}

TEST(PlantedRecord, OfAnotherUserIsNotBelievedAndNobodyIsSignalled) {
  const TempDir temp;
  const Pipe said;
  const Child owner([&] { claim_and_stay(temp, said); });
  ASSERT_EQ(said.receive(), 'o');
  GivenAway sys(temp.record());
  sys.before = [](std::string_view call) {
    EXPECT_NE(call, "pidfd_send_signal");
    return call == "pidfd_send_signal" ? -EPERM : 0;
  };
  const StateDir dir = StateDir::open(sys, temp.state(), StateDir::IfMissing::kFail).value();
  const StopResult result = stop(sys, dir, web(), {0, {0, 0}});
  ASSERT_TRUE(std::holds_alternative<Error>(result));
  EXPECT_NE(std::get<Error>(result).what.find("web.record' belongs to another user"),
            std::string::npos);
}

TEST(PlantedRecord, NothingIsWritableForOthersWhateverTheUmaskAllows) {
  const TempDir temp;
  const mode_t old = ::umask(0);
  const ClaimResult result = claim_in(temp);
  ::umask(old);
  ASSERT_TRUE(owns(result));
  for (const std::string& path : {temp.lock(), temp.record()}) {
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600u) << path;
  }
}

// Opening `path` as the state directory is refused, with a message about `about`.
void expect_dir_refused(const std::string& path, const std::string& about,
                        port::Sys& sys = port::linux_sys()) {
  const auto dir = StateDir::open(sys, path, StateDir::IfMissing::kCreate);
  ASSERT_FALSE(dir.ok()) << path;
  EXPECT_NE(dir.error().describe().find(about), std::string::npos) << dir.error().describe();
}

TEST(StateDir, IsCreatedPrivateWhateverTheUmaskAllows) {
  const TempDir temp;
  const mode_t old = ::umask(0);
  const auto dir =
      StateDir::open(port::linux_sys(), temp.path() + "/new", StateDir::IfMissing::kCreate);
  ::umask(old);
  ASSERT_TRUE(dir.ok());
  struct stat info {};
  ASSERT_EQ(::stat((temp.path() + "/new").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
}

TEST(StateDir, IsNotCreatedTogetherWithMissingParents) {
  const TempDir temp;
  expect_dir_refused(temp.path() + "/no/such", "No such file");
}

TEST(StateDir, ThatIsALinkOrLiesBehindOneIsRefused) {
  const TempDir temp;
  ASSERT_EQ(::symlink(temp.state().c_str(), (temp.path() + "/link").c_str()), 0);
  ASSERT_EQ(::symlink(temp.path().c_str(), (temp.path() + "/up").c_str()), 0);
  expect_dir_refused(temp.path() + "/link", "symbolic link");
  expect_dir_refused(temp.path() + "/link/", "symbolic link");
  expect_dir_refused(temp.path() + "/up/s", "symbolic link");
}

TEST(StateDir, ThatIsAFileIsRefused) {
  const TempDir temp;
  spill(temp.path() + "/file", "");
  expect_dir_refused(temp.path() + "/file", "no directory");
}

TEST(StateDir, ThatOthersCanWriteToIsRefused) {
  const TempDir temp;
  for (const mode_t mode : {0770, 0707, 01777}) {
    ASSERT_EQ(::chmod(temp.state().c_str(), mode), 0);
    expect_dir_refused(temp.state(), "writable by others");
  }
}

TEST(StateDir, WithAParentThatOthersCanWriteToIsRefusedUnlessSticky) {
  const TempDir temp;
  ASSERT_EQ(::chmod(temp.path().c_str(), 0777), 0);
  expect_dir_refused(temp.state(), "writable by others");
  ASSERT_EQ(::chmod(temp.path().c_str(), 01777), 0);
  EXPECT_TRUE(StateDir::open(port::linux_sys(), temp.state(), StateDir::IfMissing::kFail).ok());
}

TEST(StateDir, OfAnotherUserIsRefusedAndSoIsAParentOfAnotherUser) {
  const TempDir temp;
  GivenAway own(temp.state());
  expect_dir_refused(temp.state(), "s' belongs to another user", own);
  GivenAway parent(temp.path());
  expect_dir_refused(temp.state(), temp.path() + "' belongs to another user", parent);
}

TEST(StateDir, ByARelativeOrWindingPathIsRefused) {
  expect_dir_refused("", "absolute");
  expect_dir_refused("tmp/s", "absolute");
  expect_dir_refused("/tmp/../tmp/s", "'..'");
  expect_dir_refused("/", "cannot be");
  expect_dir_refused(std::string("/tmp/a\0b", 8), "zero byte");
}

TEST(StateDir, OnANetworkFileSystemIsRefused) {
  class Network : public RelaySys {
   public:
    using RelaySys::RelaySys;
    int fstatfs(int, struct statfs* out) override {
      *out = {};
      out->f_type = 0x6969;
      return 0;
    }
  };
  const TempDir temp;
  Network sys(port::linux_sys());
  EXPECT_TRUE(is_error(claim_in(sys, temp)));
}

TEST(StateDir, DefaultComesFromTheUidAlone) {
  EXPECT_EQ(default_state_dir(0), "/run/solo");
  EXPECT_EQ(default_state_dir(1000), "/run/user/1000/solo");
}

}  // namespace
}  // namespace solo::testing
