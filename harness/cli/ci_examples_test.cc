// SPDX-License-Identifier: Apache-2.0
// The commands of docs/ci, as a job of somebody else's project runs them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace lockproof {
namespace {

namespace fs = std::filesystem;

class CiExample : public testing::TestWithParam<const char*> {
 protected:
  CiExample() {
    std::string pattern = testing::TempDir() + "ci.XXXXXX";
    project_ = ::mkdtemp(pattern.data());
    fs::create_directory(project_ / "locks");
    std::ofstream(project_ / "known-locks.toml") << "";
  }
  ~CiExample() override {
    std::error_code ignored;
    fs::remove_all(project_, ignored);
  }

  void protect_with(const std::string& subject) {
    std::ofstream(project_ / "locks/ours.toml")
        << "title = \"ours\"\nsubject = \"" << subject << "\"\ninvariants = [\"one_owner\"]\n";
  }
  // The exit status of the example's one command.
  int run() {
    std::ifstream file(fs::path(LOCKPROOF_SOURCE) / "docs/ci" / GetParam());
    std::string command;
    for (std::string line; std::getline(file, line);) {
      const std::size_t at = line.find("- run: lockproof ");
      const std::size_t there = line.find("- lockproof ");
      if (at != std::string::npos) command = line.substr(at + 7);
      if (there != std::string::npos) command = line.substr(there + 2);
    }
    EXPECT_NE(command, "");
    const int status =
        std::system(("cd '" + project_.string() +
                     "' && PATH='" LOCKPROOF_BIN "':$PATH timeout 60 " + command + " >out 2>&1")
                        .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  fs::path project_;
};

TEST_P(CiExample, FailsOnABrokenLockAndPassesOnOneThatHolds) {
  protect_with("canary/no_lock");
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(fs::exists(project_ / "kept/locks/ours/latest/timeline.html"));
  EXPECT_TRUE(fs::exists(project_ / "locks.xml"));
  protect_with("control/flock");
  EXPECT_EQ(run(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, CiExample, testing::Values("github.yml", "gitlab.yml"));

}  // namespace
}  // namespace lockproof
