// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "subject/scenario.h"
#include "subject/test_subjects.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class FindScenarios : public ::testing::Test {
 protected:
  FindScenarios() {
    for (const char* name : {"one/b", "one/a", "one/deeper/c", "two/d"}) {
      folder_.write(std::string("root/") + name + ".toml", testing::kGoodWrapper);
    }
    folder_.write("root/one/notes.txt", "not a scenario");
    folder_.write("here/e.toml", testing::kGoodWrapper);
    // Links to folders: one leads back to its own parent.
    fs::create_directory_symlink(root(), root() / "two/loop");
    before_ = fs::current_path();
    fs::current_path(folder_.path() / "here");
  }
  ~FindScenarios() override { fs::current_path(before_); }

  fs::path root() const { return folder_.path() / "root"; }

  Names found(const Names& words) const {
    const auto result = find_scenarios(words, root());
    if (!result.ok()) return {"error: " + result.error().sentence};
    Names names;
    for (const Scenario& scenario : result.value()) names.push_back(scenario.name);
    return names;
  }

  testing::Folder folder_;
  fs::path before_;
};

TEST_F(FindScenarios, ByNameByFamilyByFileAndByFolder) {
  EXPECT_EQ(found({"two/d"}), (Names{"two/d"}));
  EXPECT_EQ(found({"one"}), (Names{"one/a", "one/b", "one/deeper/c"}));
  EXPECT_EQ(found({"one/deeper"}), (Names{"one/deeper/c"}));
  EXPECT_EQ(found({"one/deeper/c"}),
            (Names{"one/deeper/c"}));  // so a schedule of it is found again
  EXPECT_EQ(found({"e.toml"}), (Names{"here/e"}));
  EXPECT_EQ(found({"./e.toml"}), (Names{"here/e"}));
  EXPECT_EQ(found({"."}), (Names{"here/e"}));
  EXPECT_EQ(found({root().string()}), (Names{"one/a", "one/b", "one/deeper/c", "two/d"}));
}

TEST_F(FindScenarios, EachOnceInTheOrderOfTheWords) {
  EXPECT_EQ(found({"two", "one/b", "one", (root() / "two/d.toml").string()}),
            (Names{"two/d", "one/b", "one/a", "one/deeper/c"}));
}

TEST_F(FindScenarios, APathThatExistsComesBeforeANameAndAFamilyBeforeAFolder) {
  folder_.write("here/one/a.toml", "title = 't'\nsubject = 'testing/lock'\n");
  folder_.write("here/one/z.toml", testing::kGoodBuiltin);
  const auto by_path = find_scenarios({"one/a.toml"}, root());
  ASSERT_TRUE(by_path.ok()) << by_path.error().sentence;
  EXPECT_NE(by_path->front().subject.builtin, nullptr);
  folder_.write("here/two/d/q.toml", testing::kGoodWrapper);
  EXPECT_EQ(found({"two/d"}), (Names{"d/q"}));
  EXPECT_EQ(found({"one"}).front(), "one/a");
  EXPECT_EQ(found({"one"}).size(), 3u);
}

TEST_F(FindScenarios, AWordThatMeansNothingGetsTheNearestName) {
  EXPECT_EQ(found({"two/e"}),
            (Names{"error: no scenario, family, file or folder 'two/e'; did you mean 'two/d'?"}));
  EXPECT_EQ(found({"onee"}),
            (Names{"error: no scenario, family, file or folder 'onee'; did you mean 'one'?"}));
  EXPECT_EQ(found({}), (Names{"error: no scenario was named"}));
  EXPECT_EQ(found({""}).front().find("error: no scenario, family, file or folder ''"), 0u);
  EXPECT_EQ(found({"../../etc"}).front().find("error: no scenario, family"), 0u);
}

TEST_F(FindScenarios, AnEmptyFolderAndABrokenFileAreErrors) {
  fs::create_directory(folder_.path() / "here/empty");
  EXPECT_EQ(found({"./empty"}), (Names{"error: ./empty: no scenario (*.toml) in this folder"}));
  folder_.write("root/one/a.toml", "title = 3\n");
  EXPECT_EQ(found({"one"}).front(), "error: " + (root() / "one/a.toml").string() +
                                        ":1: key 'title': expected text, found 3");
}

TEST_F(FindScenarios, AFifoNeitherBlocksNorIsRead) {
  ASSERT_EQ(::mkfifo((folder_.path() / "here/f.toml").c_str(), 0600), 0);
  EXPECT_EQ(found({"./f.toml"}), (Names{"error: ./f.toml: not a regular file"}));
  EXPECT_EQ(found({"/dev/zero"}), (Names{"error: /dev/zero: not a regular file"}));
}

TEST_F(FindScenarios, AHugeFileIsNotReadWhole) {
  const fs::path file = folder_.write("here/huge.toml", "#");
  fs::resize_file(file, std::uintmax_t{1} << 40);  // sparse
  EXPECT_EQ(found({"./huge.toml"}),
            (Names{"error: ./huge.toml:1: larger than 1 MiB, the most that a scenario may be"}));
}

TEST_F(FindScenarios, TheLocksOfOtherPeopleAreScenarios) {
  const auto result = find_scenarios({"third_party"}, fs::path(LOCKPROOF_SOURCE) / "scenarios");
  ASSERT_TRUE(result.ok()) << result.error().sentence;
  ASSERT_GE(result->size(), 30u);
  for (const Scenario& scenario : result.value()) {
    EXPECT_TRUE(scenario.subject.command) << scenario.name;
    // Those of npm have no package, and say by their probe whether they are there.
    const CommandSubject& command = *scenario.subject.command;
    EXPECT_FALSE(command.package.empty() && command.probe.empty()) << scenario.name;
  }
}

TEST_F(FindScenarios, TheFileIsKnownForPlaceholders) {
  const auto result = find_scenarios({"two/d"}, root());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->front().file, root() / "two/d.toml");
}

}  // namespace
}  // namespace lockproof
