// SPDX-License-Identifier: Apache-2.0
// What commands leave in a store, as a user meets it.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;

class StoreCli : public ::testing::Test {
 protected:
  StoreCli() {
    std::string pattern = testing::TempDir() + "store.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~StoreCli() override {
    ::unsetenv("LOCKPROOF_STORE");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::size_t kept() {
    const std::string runs = lockproof({"list", "runs", "--store", folder_}).out;
    return static_cast<std::size_t>(std::count(runs.begin(), runs.end(), '\n'));
  }

  std::string folder_;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(StoreCli, AStoreThatIsAskedForKeepsAll) {
  const Outcome run = lockproof({"check", "control/flock", "canary/no_lock", "--store", folder_});
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(says(run.err, "kept      " + folder_ + "/canary/no_lock/")) << run.err;
  const Outcome list = lockproof({"list", "runs", "--store", folder_});
  EXPECT_TRUE(says(list.out, "violated: at no time two owners\n")) << list.out;
  EXPECT_TRUE(says(list.out, "holds\n")) << list.out;
}

TEST_F(StoreCli, ElseWhatIsViolated) {
  ::setenv("LOCKPROOF_STORE", folder_.c_str(), 1);
  lockproof({"check", "control/flock"});
  EXPECT_EQ(kept(), 0u);
  lockproof({"check", "canary", "--expected"});
  EXPECT_EQ(kept(), 0u);
  lockproof({"check", "canary/no_lock", "--no-store"});
  EXPECT_EQ(kept(), 0u);
  lockproof({"check", "canary/no_lock"});
  EXPECT_EQ(kept(), 1u);
  lockproof({"stress", "canary/no_lock", "--duration", "10s"});
  EXPECT_EQ(kept(), 2u);
}

TEST_F(StoreCli, PruningIsAskedFor) {
  for (int i = 0; i < 3; ++i) lockproof({"check", "canary/no_lock", "--store", folder_});
  const Outcome run = lockproof({"prune", "--keep", "1", "--store", folder_});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 2) << run.out;
  EXPECT_EQ(kept(), 1u);
  EXPECT_EQ(lockproof({"prune", "--keep", "0"}).status, 2);
}

TEST_F(StoreCli, TheVerdictIsSaidWhenTheStoreCannotBeWritten) {
  const Outcome run = lockproof({"check", "canary/no_lock", "--store", "/proc/none"});
  EXPECT_EQ(run.status, 4);
  EXPECT_TRUE(run.out.starts_with("VIOLATED")) << run.out;
  EXPECT_TRUE(says(run.err, "lockproof: error[LP0407]: the store could not be made: /proc/none"))
      << run.err;
}

}  // namespace
}  // namespace lockproof
