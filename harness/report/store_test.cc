// SPDX-License-Identifier: Apache-2.0
#include "report/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "report/report.h"
#include "report/samples.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

class Store : public testing::Test {
 protected:
  Store() {
    std::string pattern = testing::TempDir() + "store.XXXXXX";
    top_ = ::mkdtemp(pattern.data());
    store_ = top_ / "a/b/kept";  // so that whoever leaves it stays in the test's folder
    fs::create_directories(store_.parent_path());
  }
  ~Store() override {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }

  fs::path keep(const RunResult& result) {
    const auto kept = keep_run(store_, result);
    EXPECT_TRUE(kept.ok()) << kept.error().sentence;
    return kept.ok() ? *kept : fs::path();
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    const auto runs = kept_runs(store_).value();
    for (const KeptRun& run : runs) names.push_back(run.name);
    return names;
  }

  fs::path top_, store_;
};

TEST_F(Store, KeepsWhatIsReadAgain) {
  const RunResult result = samples::violated();
  const fs::path folder = keep(result);
  EXPECT_EQ(folder.parent_path(), store_ / "memtomem/unlink_at_exit");
  for (const char* word : {"latest", "memtomem/unlink_at_exit"}) {
    const auto found = find_run(store_, word);
    ASSERT_TRUE(found.ok()) << found.error().sentence;
    EXPECT_EQ(found->name, folder.lexically_relative(store_));
    EXPECT_EQ(json_result(read_run(*found).value()), json_result(result));
  }
  for (const fs::path& path : {folder, folder / "result.json"}) {
    EXPECT_TRUE(find_run(top_ / "elsewhere", path).ok()) << path;
  }
  std::ifstream in(folder / "history.jsonl");
  EXPECT_EQ(read_history(in, "it").value().events, result.history.events);
}

TEST_F(Store, IsIgnoredByGit) {
  keep(samples::violated());
  std::ifstream in(store_ / ".gitignore");
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "*");
}

TEST_F(Store, ARunWithoutEventsHasNoHistory) {
  const fs::path folder = keep(samples::holds());
  EXPECT_TRUE(fs::exists(folder / "result.json"));
  EXPECT_FALSE(fs::exists(folder / "history.jsonl"));
}

TEST_F(Store, NoNameOfAScenarioLeadsOut) {
  RunResult result = samples::skipped();
  std::size_t kept = 0;
  for (const std::string& name : std::vector<std::string>{
           "", "..", "../../x", "a/../b", (top_ / "x").string(), "a/b/c", ".hidden", "\xff\n",
           "a/latest/", "wrapper:flock -n {dir}/lock", std::string(4000, 'x')}) {
    result.scenario = name;
    keep(result);
    EXPECT_EQ(names().size(), ++kept) << name;
  }
  for (const fs::path& folder : {top_, top_ / "a", top_ / "a/b"}) {
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  }
}

TEST_F(Store, ManyAtOnceNeverMix) {
  constexpr int kKeepers = 4, kEach = 12;
  std::vector<std::thread> keepers;
  for (int k = 0; k < kKeepers; ++k) {
    keepers.emplace_back([&, k] {
      RunResult result = samples::violated();
      for (int i = 0; i < kEach; ++i) {
        result.seed = static_cast<std::uint64_t>(k * kEach + i);
        EXPECT_TRUE(keep_run(store_, result).ok());
      }
    });
  }
  for (std::thread& keeper : keepers) keeper.join();
  std::set<std::uint64_t> seeds;
  const auto runs = kept_runs(store_).value();
  for (const KeptRun& run : runs) seeds.insert(read_run(run).value().seed);
  EXPECT_EQ(runs.size(), kKeepers * kEach);
  EXPECT_EQ(seeds.size(), kKeepers * kEach);
  EXPECT_EQ(find_run(store_, "latest").value().name, runs.back().name);
}

TEST_F(Store, PruningLeavesTheNewestAndWhatIsNotOurs) {
  for (int i = 0; i < 5; ++i) keep(samples::violated());
  keep(samples::holds());
  const fs::path notes = store_ / "memtomem/unlink_at_exit/notes";
  fs::create_directories(notes);
  std::ofstream(notes / "result.json") << "{}";
  const auto before = names();
  const auto gone = prune_runs(store_, 2);
  ASSERT_TRUE(gone.ok()) << gone.error().sentence;
  EXPECT_EQ(gone->size(), 3u);
  EXPECT_EQ(names(), (std::vector<std::string>{before[0], before[4], before[5]}));
  EXPECT_TRUE(fs::exists(notes / "result.json"));
  EXPECT_TRUE(find_run(store_, "memtomem/unlink_at_exit").ok());
  EXPECT_TRUE(prune_runs(top_ / "none", 1).value().empty());
}

TEST_F(Store, WhatIsNotThereOrDamagedIsNamed) {
  EXPECT_EQ(find_run(store_, "x").error().kind, Error::Kind::kUsage);
  const fs::path folder = keep(samples::violated());
  EXPECT_NE(find_run(store_, "memtomem/unlink_at_exi")
                .error()
                .sentence.find("did you mean 'memtomem/unlink_at_exit'?"),
            std::string::npos);
  std::ofstream(folder / "result.json") << "{\"schema\": 2}";
  const auto damaged = read_run(find_run(store_, "latest").value());
  EXPECT_EQ(damaged.error().kind, Error::Kind::kUsage);
  EXPECT_NE(damaged.error().sentence.find("result.json: "), std::string::npos);
}

TEST_F(Store, AStoreThatCannotBeWrittenIsOurs) {
  std::ofstream(store_.string()) << "a file";
  const auto kept = keep_run(store_, samples::violated());
  ASSERT_FALSE(kept.ok());
  EXPECT_EQ(kept.error().kind, Error::Kind::kInternal);
  EXPECT_NE(kept.error().sentence.find(store_.string()), std::string::npos);
}

}  // namespace
}  // namespace lockproof
