// SPDX-License-Identifier: Apache-2.0
// What shards see together is what one process sees: the same states, each once, and a breach of
// the same length.
#include "explore/shards.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "explore/graph_space.h"
#include "explore/search.h"

namespace lockproof {
namespace {

using test::call_of;
using test::GraphSpace;

// A folder for rounds, removed at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = testing::TempDir() + "shards.XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ShardPlace place(unsigned count, unsigned index = 0) const {
    return {path_, 0, index, count, 60, "it"};
  }

 private:
  std::string path_;
};

using Make = std::function<GraphSpace()>;
const std::vector<const Claim*> kClaims = {find_claim("one_owner"), find_claim("recovers")};

// Each on a thread with a space of its own, as processes have.
void run_all(const Make& make, const Folder& folder, unsigned count, unsigned but = ~0u) {
  std::vector<std::jthread> threads;
  for (unsigned index = 0; index < count; ++index) {
    if (index == but) continue;
    threads.emplace_back([&, index] {
      GraphSpace space = make();
      ShardPlace place = folder.place(count, index);
      if (but != ~0u) place.patience_s = 0.01;
      const SearchLimits limits{.jobs = 1 + index % 2};
      const auto done = search(space, kClaims, limits, nullptr, {.shard = place});
      ASSERT_TRUE(done.ok()) << done.error().sentence;
      EXPECT_EQ(done->stopped.empty(), but == ~0u) << done->stopped;
    });
  }
}

Result<SearchResult> merged(const Make& make, const Folder& folder, unsigned count) {
  GraphSpace space = make();
  return merge_shards(space, kClaims, folder.place(count));
}

SearchResult alone(const Make& make) {
  GraphSpace space = make();
  return *search(space, kClaims, {}, nullptr);
}

// Two owners at the nodes that `owned` names.
Make graph(std::vector<std::pair<std::uint32_t, std::uint32_t>> edges,
           std::vector<std::uint32_t> owned) {
  return [edges, owned] {
    GraphSpace space;
    for (const auto& [from, to] : edges) {
      space.edge(from, to, call_of(static_cast<std::uint8_t>(to % 3)));
    }
    for (const std::uint32_t node : owned) space.at(node, {.present = 7, .owns = 3});
    return space;
  };
}

TEST(Shards, TogetherSeeWhatOneSees) {
  EXPECT_TRUE(rc::check([] {
    const auto nodes = *rc::gen::inRange(1u, 60u);
    const auto node = rc::gen::inRange(0u, nodes);
    const auto edges = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint32_t>>>(
        rc::gen::pair(node, node));
    const auto owned = *rc::gen::container<std::vector<std::uint32_t>>(
        *rc::gen::inRange(0, 3), rc::gen::inRange(1u, nodes + 40));
    const auto count = *rc::gen::inRange(1u, 17u);
    const Make make = graph(edges, owned);
    const SearchResult whole = alone(make);
    const Folder folder;
    run_all(make, folder, count);
    const auto all = merged(make, folder, count);
    if (!all.ok()) RC_FAIL(all.error().sentence);
    RC_CLASSIFY(whole.breach.has_value(), "violated");
    RC_ASSERT(all->end.states == whole.end.states);
    RC_ASSERT(all->end.transitions == whole.end.transitions);
    RC_ASSERT(all->end.depth == whole.end.depth);
    RC_ASSERT(all->exhausted == whole.exhausted);
    RC_ASSERT(all->owned == whole.owned);
    RC_ASSERT(all->breach.has_value() == whole.breach.has_value());
    if (!whole.breach) return;
    RC_ASSERT(all->breach->claim == whole.breach->claim);
    RC_ASSERT(all->breach->choices.size() == whole.breach->choices.size());
  }));
}

// A tree of 300 nodes that leads back to its beginning.
Make tree() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  for (std::uint32_t node = 1; node < 300; ++node) edges.emplace_back((node - 1) / 2, node);
  for (std::uint32_t node = 150; node < 300; ++node) edges.emplace_back(node, 0);
  return graph(edges, {});
}

TEST(Shards, OneThatIsLostIsNamedAndCanBeRunAgain) {
  const Folder folder;
  run_all(tree(), folder, 4, 2);
  const auto without = merged(tree(), folder, 4);
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().kind, Error::Kind::kStopped);
  EXPECT_EQ(without.error().sentence, "shard 3/4 is missing from round 0 on; run it --shard 3/4");
  run_all(tree(), folder, 4);
  const auto all = merged(tree(), folder, 4);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->end.states, 300u);
}

TEST(Shards, OneThatDiedInARoundGoesOnWhereItDied) {
  const Folder folder;
  run_all(tree(), folder, 3);
  const SearchResult whole = *merged(tree(), folder, 3);
  for (unsigned round = 4;; ++round) {  // what it would not have written
    if (!std::filesystem::remove(round_file(folder.place(3), round, 1))) break;
  }
  EXPECT_TRUE(merged(tree(), folder, 3)
                  .error()
                  .sentence.starts_with("shard 2/3 is missing from round 4 on"));
  GraphSpace space = tree()();
  ASSERT_TRUE(search(space, kClaims, {}, nullptr, {.shard = folder.place(3, 1)}).ok());
  const auto again = merged(tree(), folder, 3);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->end.states, whole.end.states);
}

TEST(Shards, AFileThatIsCutOrChangedIsRefused) {
  const Folder folder;
  run_all(tree(), folder, 2);
  const std::string file = round_file(folder.place(2), 3, 1);
  const auto size = std::filesystem::file_size(file);
  for (const std::uintmax_t at : {std::uintmax_t{3}, size / 2, size - 1}) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(at));
    const char was = static_cast<char>(bytes.get());
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(static_cast<char>(was ^ 4)).flush();
    const auto all = merged(tree(), folder, 2);
    ASSERT_FALSE(all.ok()) << at;
    EXPECT_EQ(all.error().kind, Error::Kind::kUsage);
    EXPECT_TRUE(all.error().sentence.starts_with(file)) << all.error().sentence;
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(was).flush();
  }
  ASSERT_TRUE(merged(tree(), folder, 2).ok());
  std::filesystem::resize_file(file, size - 9);
  EXPECT_FALSE(merged(tree(), folder, 2).ok());
}

TEST(Shards, OfAnotherSearchAreRefused) {
  const Folder folder;
  run_all(tree(), folder, 2);
  EXPECT_EQ(merged(tree(), folder, 1).error().kind, Error::Kind::kUsage);
}

}  // namespace
}  // namespace lockproof
