// SPDX-License-Identifier: Apache-2.0
// The optimal exploration on programs whose traces can be counted by hand: as many executions as
// traces, and none in vain.
#include "explore/optimal.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "explore/dfs.h"
#include "explore/dpor.h"
#include "explore/explore.h"
#include "program/native.h"
#include "sim/sim_world.h"

namespace lockproof {
namespace {

// Processes over variables that are 0 or 1: whether a file is there.
class Bodies {
 public:
  explicit Bodies(const std::vector<NativeProgram::Body>& bodies) {
    for (const NativeProgram::Body& body : bodies) {
      programs_.push_back(std::make_unique<NativeProgram>(body, "/home", texts_));
      start_.cast.push_back(programs_.back().get());
    }
    start_.texts = &texts_;
    outside_.texts = false;
  }
  Problem problem() { return {world_, start_, rules_, outside_, claims_, {}, {}}; }

 private:
  sim::SimWorld world_;
  Texts texts_;
  std::vector<std::unique_ptr<NativeProgram>> programs_;
  Start start_;
  Rules rules_;
  Outside outside_;
  std::vector<std::string> claims_ = {"one_owner"};
};

std::string variable(int number) { return "x" + std::to_string(number); }
bool read(Session& session, int number) {
  return session.sys().openat(AT_FDCWD, variable(number).c_str(), O_RDONLY, 0) >= 0;
}
void write(Session& session, int number) {
  session.sys().openat(AT_FDCWD, variable(number).c_str(), O_WRONLY | O_CREAT, 0600);
}

Explored explored(const Problem& problem, Strategy& strategy) {
  auto result = explore(problem, strategy);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().sentence);
  EXPECT_TRUE(result.ok() && result->exhausted);
  return result.ok() ? *result : Explored{};
}

// One writes a variable that all others read: each of those reads before it or after it, and reads
// do not depend on each other. 2^n traces.
TEST(Optimal, ReadersOfOneWriter) {
  for (int readers = 1; readers <= 5; ++readers) {
    std::vector<NativeProgram::Body> bodies = {[](Session& session) { write(session, 0); }};
    for (int i = 0; i < readers; ++i) {
      bodies.emplace_back([](Session& session) { read(session, 0); });
    }
    Bodies all(bodies);
    const Problem problem = all.problem();
    Optimal optimal(problem);
    EXPECT_EQ(explored(problem, optimal).executions, 1u << readers);
    EXPECT_EQ(optimal.overhead().in_vain, 0u);
  }
}

// "lastzero" of the paper: process j of n reads variable j - 1 and then writes variable j; process
// 0 reads variables from n downwards until it finds one that is 0 (variable 0 is never written).
//
// With n = 2 (r1 w1, r2 w2, and process 0): r2 comes before or after w1. If process 0 reads
// variable 2 before w2, that is all it reads: 2 traces. If after, it reads variable 1: after w1 if
// r2 was (w1 r2 w2 happen in this order then), else before or after w1: 1 + 2 traces. 5 in all.
//
// In general (n + 3) 2^(n - 2): let the first k of the reads downwards find 1. The order of r(j+1)
// and w(j) is free for each of the n - 1 pairs. Where process 0 stops at variable n, nothing more
// is to be said: 2^(n-1). Where it has read variable n, ..., j + 1 as written and reads j as 0,
// w(j) comes after that, so after w(j+1), so r(j+1) comes before w(j); the other n - 2 pairs are
// free: 2^(n-2), for each j from 1 to n - 1. Where it finds all written, all pairs are free:
// 2^(n-1). Together 2^(n-1) + (n - 1) 2^(n-2) + 2^(n-1) = (n + 3) 2^(n-2). For n = 5, 10 and 15 the
// paper has 64, 3328 and 147456.
std::vector<NativeProgram::Body> last_zero(int n) {
  std::vector<NativeProgram::Body> bodies = {[n](Session& session) {
    int last = n;
    while (last > 0 && read(session, last)) --last;
  }};
  for (int j = 1; j <= n; ++j) {
    bodies.emplace_back([j](Session& session) {
      read(session, j - 1);
      write(session, j);
    });
  }
  return bodies;
}

TEST(Optimal, LastZero) {
  for (const auto& [n, traces] : {std::pair{2, 5u}, {3, 12u}, {4, 28u}, {5, 64u}, {6, 144u}}) {
    Bodies all(last_zero(n));
    const Problem problem = all.problem();
    Optimal optimal(problem);
    EXPECT_EQ(explored(problem, optimal).executions, traces) << n;
    EXPECT_EQ(optimal.overhead().in_vain, 0u) << n;
  }
}

// Where source sets begin executions that sleep sets then end.
TEST(Optimal, NothingIsBegunInVain) {
  Bodies all(last_zero(5));
  const Problem problem = all.problem();
  Dpor source_sets(problem);
  Optimal optimal(problem);
  EXPECT_EQ(explored(problem, source_sets).executions, 64u);
  EXPECT_GT(source_sets.overhead().in_vain, 0u);
  RecordProperty("in_vain", std::to_string(source_sets.overhead().in_vain));
  EXPECT_EQ(explored(problem, optimal).executions, 64u);
  EXPECT_EQ(optimal.overhead().in_vain, 0u);
}

}  // namespace
}  // namespace lockproof
