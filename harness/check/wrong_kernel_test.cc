// SPDX-License-Identifier: Apache-2.0
// A rule of the simulated kernel that is wrong is found by a comparison with Linux, and named.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <cerrno>

#include "check/both_worlds.h"
#include "check/live.h"
#include "check/test_programs.h"

namespace lockproof {
namespace {

struct WrongRule {
  const char* program;  // of test::locking_programs()
  Op op;
  std::int32_t flags;  // all of them
  int error;           // which it answers, whatever is the case
  const char* difference;
};

class WrongKernel final : public sim::SimWorld {
 public:
  explicit WrongKernel(const WrongRule& rule) : rule_(rule) {}

  Answer perform(unsigned process) override {
    const Call& call = pending(process);
    const bool is_wrong = call.op == rule_.op && (call.flags & rule_.flags) == rule_.flags;
    if (!is_wrong || !inject(Fault::kErrno, process, rule_.error)) {
      return SimWorld::perform(process);
    }
    return fail(rule_.error);
  }

 private:
  const WrongRule& rule_;
};

class Wrong : public testing::TestWithParam<WrongRule> {
 protected:
  // What random runs of three show of it.
  static LiveConformance compared(const WrongRule& rule) {
    for (const auto& program : test::locking_programs(LOCKPROOF_PID_FILE)) {
      if (std::string(program.name) != rule.program) continue;
      StageOptions options;
      options.learns = true;
      options.owner = LOCKPROOF_BIN "/lockproof-owner";
      auto stage = Stage::make(test::scenario_of(program, 3, {"clean_exit"}), options);
      EXPECT_TRUE(stage.ok()) << stage.error().sentence;
      WrongKernel kernel(rule);
      BothWorlds both(**stage, kernel);
      const auto conformance = conform_live(both, 20, 1, 100);
      EXPECT_TRUE(conformance.ok());
      return *conformance;
    }
    ADD_FAILURE() << rule.program;
    return {};
  }
};

TEST_P(Wrong, IsNamed) {
  const LiveConformance wrong = compared(GetParam());
  EXPECT_NE(wrong.difference.find(GetParam().difference), std::string::npos) << wrong.difference;
  WrongRule none = GetParam();
  none.op = Op::kSocket;
  const LiveConformance right = compared(none);
  EXPECT_EQ(right.difference, "");
  EXPECT_EQ(right.runs, 20u);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Wrong,
    testing::Values(WrongRule{"flock_n", Op::kFlock, LOCK_NB, EWOULDBLOCK,
                              "'flock 3 LOCK_EX|LOCK_NB': EAGAIN in sim, 0 in live"},
                    WrongRule{"pid_file", Op::kOpenat, O_EXCL, EEXIST, "EEXIST in sim, 3 in live"},
                    WrongRule{"pid_file", Op::kUnlinkat, 0, ENOENT, "ENOENT in sim, 0 in live"},
                    WrongRule{"python_lockf", Op::kFcntlLock, F_SETLK, EAGAIN,
                              "EAGAIN in sim, 0 in live"}),
    [](const auto& rule) {
      return std::string(rule.param.program) + "_" + std::string(name(rule.param.op));
    });

}  // namespace
}  // namespace lockproof
