// SPDX-License-Identifier: Apache-2.0
// A search that was killed goes on from its last checkpoint, and ends as if it had not been.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/fd.h"
#include "explore/graph_space.h"
#include "explore/search.h"

namespace lockproof {
namespace {

using test::call_of;
using test::GraphSpace;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() {
    std::string pattern = testing::TempDir() + "checkpoint.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    file_ = folder_ + "/c";
  }
  ~CheckpointTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // 6000 nodes, each of which leads to three others; two owners at `breach`; a round at the end.
  static GraphSpace space(std::uint32_t breach, std::uint32_t seed = 7) {
    constexpr std::uint32_t kNodes = 6000;
    GraphSpace space;
    for (std::uint32_t node = 0; node < kNodes; ++node) {
      space.at(node, {.present = 7, .claiming = 1});
      for (std::uint32_t i = 0; i < 3; ++i) {
        const std::uint32_t to = (node * 3 + i + 1 + (node * seed + i) % 5) % kNodes;
        space.edge(node, to, call_of(static_cast<std::uint8_t>(i)));
      }
    }
    space.at(breach, {.present = 7, .owns = 3});
    return space;
  }
  struct Case {
    std::uint32_t breach = 60'000;  // none
    std::uint32_t seed = 7;
    bool for_ever = false;
    unsigned jobs = 1;
  };
  Result<SearchResult> run(const Case& what, const CheckpointPlan& plan) const {
    GraphSpace made = space(what.breach, what.seed);
    std::vector<const Claim*> claims = {find_claim("one_owner")};
    if (what.for_ever) claims.push_back(find_claim("no_livelock"));
    return search(made, claims, {.jobs = what.jobs}, nullptr, {.checkpoint = plan});
  }
  CheckpointPlan leaves() const { return {file_, "", "it", 0}; }
  CheckpointPlan resumes() const { return {"", file_, "it", 0}; }

  // Killed at the n-th thing that it does to a file of its folder: made, written, put in place.
  // False: it ended before.
  bool killed_at(const Case& what, int event) {
    const Fd seen(::inotify_init1(IN_CLOEXEC));
    EXPECT_GE(::inotify_add_watch(seen.get(), folder_.c_str(),
                                  IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_CLOSE_WRITE),
              0);
    int gate[2];
    EXPECT_EQ(::pipe2(gate, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(gate[0]);
      const auto done = run(what, leaves());
      ::_exit(done.ok() ? 0 : 1);
    }
    ::close(gate[1]);
    // One after the other, until it ends: then nobody has the gate.
    std::thread ends([&] {
      char c;
      while (::read(gate[0], &c, 1) > 0) {
      }
      std::ofstream(folder_ + "/end") << "x";
    });
    for (int i = 0; i < event && next_name(seen.get()) != "end"; ++i) {
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ends.join();
    ::close(gate[0]);
    return WIFSIGNALED(status);
  }

  // Whose event it is. The room is enough for one of the names here, and not for two.
  static std::string next_name(int seen) {
    alignas(inotify_event) char room[sizeof(inotify_event) + 32];
    if (::read(seen, room, sizeof room) <= 0) return "end";
    return reinterpret_cast<const inotify_event*>(room)->name;
  }

  static void expect_same(const SearchResult& a, const SearchResult& b) {
    EXPECT_EQ(a.end.states, b.end.states);
    EXPECT_EQ(a.end.transitions, b.end.transitions);
    EXPECT_EQ(a.end.depth, b.end.depth);
    EXPECT_EQ(a.exhausted, b.exhausted);
    EXPECT_EQ(a.owned, b.owned);
    ASSERT_EQ(a.breach.has_value(), b.breach.has_value());
    if (!a.breach) return;
    EXPECT_EQ(a.breach->claim, b.breach->claim);
    EXPECT_EQ(a.breach->choices, b.breach->choices);
    EXPECT_EQ(a.breach->round, b.breach->round);
  }

  std::string folder_;
  std::string file_;
};

TEST_F(CheckpointTest, KilledAtAnyMomentItEndsAsIfItHadNotBeen) {
  int resumed = 0;
  const Case cases[] = {{}, {.breach = 5'990}, {.for_ever = true}, {.breach = 4'000, .jobs = 3}};
  for (const Case& what : cases) {
    const SearchResult whole = *run(what, {});
    for (int event = 1; event < 40; event += 1 + event % 4) {
      std::filesystem::remove(file_);
      if (!killed_at(what, event)) break;
      if (!std::filesystem::exists(file_)) continue;
      Case other = what;
      other.jobs = what.jobs == 1 ? 2 : 1;  // any number of threads can go on
      const auto again = run(other, resumes());
      ASSERT_TRUE(again.ok()) << again.error().sentence;
      expect_same(*again, whole);
      ++resumed;
    }
  }
  EXPECT_GT(resumed, 8);
}

TEST_F(CheckpointTest, WhatIsStoppedLeavesOne) {
  const Case what;
  GraphSpace made = space(what.breach);
  CheckpointPlan plan = leaves();
  plan.every_s = 1000;
  const std::vector<const Claim*> claims = {find_claim("one_owner")};
  const auto part = search(made, claims, {.states = 1000}, nullptr, {.checkpoint = plan});
  ASSERT_TRUE(part.ok());
  ASSERT_FALSE(part->exhausted);
  expect_same(*run(what, resumes()), *run(what, {}));
}

TEST_F(CheckpointTest, OneOfSomethingElseIsRefused) {
  ASSERT_TRUE(run({}, leaves()).ok());
  CheckpointPlan other = resumes();
  other.of_what = "something else";
  EXPECT_EQ(run({}, other).error().kind, Error::Kind::kUsage);
  EXPECT_EQ(*checkpoint_of(file_), "it");
  std::ofstream(file_, std::ios::app) << "x";
  EXPECT_EQ(run({}, resumes()).error().kind, Error::Kind::kUsage);
  std::filesystem::remove(file_);
  EXPECT_EQ(run({}, resumes()).error().kind, Error::Kind::kUsage);
}

TEST_F(CheckpointTest, OneThatCannotBeWrittenIsSaid) {
  CheckpointPlan plan = leaves();
  plan.file = folder_ + "/no/c";
  const auto done = run({}, plan);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, Error::Kind::kEnvironment);
}

}  // namespace
}  // namespace lockproof
