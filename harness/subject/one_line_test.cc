// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "subject/scenario.h"

namespace lockproof {
namespace {

TEST(OneLineScenario, IsAWrapperWithTheDefaults) {
  const auto made =
      one_line_scenario(CommandSubject::Type::kWrapper, "/usr/bin/flock -n {dir}/lock {critical}");
  ASSERT_TRUE(made.ok()) << made.error().sentence;
  EXPECT_EQ(made->name, "wrapper:flock");
  EXPECT_EQ(made->title, "/usr/bin/flock -n {dir}/lock {critical}");
  EXPECT_EQ(made->subject.command->run.back(), "{critical}");
  EXPECT_EQ(made->cast.size(), 3u);
  EXPECT_EQ(made->invariants, (std::vector<std::string>{"one_owner", "clean_exit", "recovers"}));
  EXPECT_TRUE(made->file.empty());
}

TEST(OneLineScenario, SaysWhatIsWrongWithTheLine) {
  const auto said = [](CommandSubject::Type type, std::string_view line) {
    const auto made = one_line_scenario(type, line);
    return made.ok() ? "accepted" : made.error().sentence;
  };
  EXPECT_EQ(said(CommandSubject::Type::kWorker, "python3 w.py {dir}"), "accepted");
  EXPECT_EQ(said(CommandSubject::Type::kWrapper, "flock {dir}/lock"),
            "--wrapper: a wrapper must run {critical} exactly once, found none");
  EXPECT_EQ(said(CommandSubject::Type::kWorker, "{here}/w {dir}"),
            "--worker: {here} is the folder of a scenario file; write the path");
  EXPECT_EQ(said(CommandSubject::Type::kWorker, ""), "--worker: the command is empty");
  EXPECT_EQ(said(CommandSubject::Type::kWorker, "a 'b"), "--worker: a ' is not closed");
}

}  // namespace
}  // namespace lockproof
