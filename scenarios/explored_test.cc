// SPDX-License-Identifier: Apache-2.0
// Built-in subjects, unchanged, explored to the end on the simulated kernel.
#include <gtest/gtest.h>

#include "explore/dfs.h"
#include "explore/dpor.h"
#include "explore/explore.h"
#include "explore/replay.h"
#include "program/native.h"
#include "sim/sim_world.h"
#include "subject/builtin.h"

namespace lockproof {
namespace {

// Some processes that run one subject over one directory.
class Cast {
 public:
  Cast(std::string_view subject, unsigned processes, unsigned kills) {
    const Builtin* const builtin = find_builtin(subject);
    program_ = std::make_unique<NativeProgram>(builtin->verbs.front().act,
                                               std::string(world_.directory()), texts_);
    start_.texts = &texts_;
    start_.cast.assign(processes, program_.get());
    rules_.budget[0] = static_cast<std::uint8_t>(kills);
    outside_.texts = false;
    outside_.read_record = builtin->read_record;
    if (!builtin->record.empty()) {
      outside_.files.push_back({std::string(builtin->record), Object::kRecord});
      files_.emplace_back(builtin->record);
    }
    if (!builtin->lock.empty()) {
      outside_.files.push_back({std::string(builtin->lock), Object::kLock});
      files_.emplace_back(builtin->lock);
    }
  }

  void put(std::string name, std::string content) {
    start_.files.push_back({std::move(name), std::move(content)});
  }
  Problem problem() { return {world_, start_, rules_, outside_, invariants_, {}, files_}; }

  Explored explore_all(Strategy& strategy, const Problem& problem) {
    auto explored = explore(problem, strategy);
    EXPECT_TRUE(explored.ok()) << (explored.ok() ? "" : explored.error().sentence);
    if (!explored.ok()) return {};
    EXPECT_TRUE(explored->exhausted) << explored->reason;
    testing::Test::RecordProperty("executions", std::to_string(explored->executions));
    return *explored;
  }

 private:
  sim::SimWorld world_;
  Texts texts_;
  std::unique_ptr<NativeProgram> program_;
  Start start_;
  Rules rules_;
  Outside outside_;
  std::vector<std::string> invariants_ = {"one_owner", "losers_touch_nothing"};
  std::vector<std::string> files_;
};

TEST(ExploredLock, ThatChecksAndUnlinksHasTwoOwners) {
  Cast cast("genie/read_check_unlink_write", 2, 0);
  cast.put("serve.pid", "1249\n");
  const Problem problem = cast.problem();
  Dpor dpor(problem);
  const Explored explored = cast.explore_all(dpor, problem);
  ASSERT_TRUE(explored.violations.contains("one_owner"));
  const auto again = replay(problem, explored.violations.at("one_owner").choices);
  ASSERT_TRUE(again.ok()) << again.error().sentence;
  EXPECT_EQ(again->findings.size(), 1u);
}

struct Bounded {
  const char* subject;
  unsigned processes;
  unsigned kills;
};
class RightLock : public testing::TestWithParam<Bounded> {};

TEST_P(RightLock, Holds) {
  Cast cast(GetParam().subject, GetParam().processes, GetParam().kills);
  const Problem problem = cast.problem();
  Dpor dpor(problem);
  EXPECT_TRUE(cast.explore_all(dpor, problem).violations.empty());
}

INSTANTIATE_TEST_SUITE_P(Subjects, RightLock,
                         testing::Values(Bounded{"control/flock", 2, 1},
                                         Bounded{"control/flock", 3, 1}, Bounded{"solo", 2, 0},
                                         Bounded{"solo", 2, 1}));

TEST(ExploredLock, ThatUnlinksAtExitHasTwoOwners) {
  Cast cast("memtomem/unlink_at_exit", 3, 0);
  const Problem problem = cast.problem();
  Dpor dpor(problem);
  const Explored explored = cast.explore_all(dpor, problem);
  EXPECT_TRUE(explored.violations.contains("one_owner"));
}

}  // namespace
}  // namespace lockproof
