// SPDX-License-Identifier: Apache-2.0
#include "core/table_memory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace lockproof {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytes = std::size_t{64} << 20;
constexpr std::size_t kWritten = std::size_t{16} << 20;

class TableMemory : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { fs::remove_all(folder_); }
  // Of all the process, so in one of its own. 0: all is as it has to be.
  template <class Tries>
  int in_a_process(Tries tries) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(tries());
    int status = -1;
    ::waitpid(pid, &status, 0);
    return status;
  }

  std::string folder_ = fs::temp_directory_path() / "table_memory.XXXXXX";
};

TEST_F(TableMemory, ATableIsZeroAndInMemory) {
  char* const table = static_cast<char*>(map_table(kBytes));
  EXPECT_EQ(table[kBytes - 1], 0);
  const std::size_t before = resident_bytes();
  std::memset(table, 1, kWritten);
  EXPECT_GE(resident_bytes(), before + kWritten / 2);
  EXPECT_FALSE(room_to_spill());
  unmap_table(table, kBytes);
}

TEST_F(TableMemory, WhatIsSpilledIsInAFileWithoutANameAndNotCounted) {
  EXPECT_EQ(in_a_process([&] {
              if (!spill_tables_to(folder_) || !room_to_spill()) return 1;
              char* const table = static_cast<char*>(map_table(kBytes));
              const std::size_t before = resident_bytes();
              std::memset(table, 1, kWritten);
              if (resident_bytes() >= before + kWritten / 2) return 2;
              if (!fs::is_empty(folder_)) return 3;
              std::ifstream maps("/proc/self/maps");
              const std::string all(std::istreambuf_iterator<char>(maps), {});
              return all.find(folder_) == std::string::npos ? 4 : 0;
            }),
            0);
}

TEST_F(TableMemory, AChildDoesNotSeeWhatIsSpilled) {
  EXPECT_EQ(in_a_process([&] {
              if (!spill_tables_to(folder_)) return 1;
              char* const table = static_cast<char*>(map_table(kBytes));
              const int status = in_a_process([&] { return static_cast<int>(table[0]); });
              return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? 0 : 2;
            }),
            0);
}

TEST_F(TableMemory, AFolderWhereNoSuchFileCanBeMadeIsRefused) {
  const auto nowhere = spill_tables_to(folder_ + "/nowhere");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().kind, Error::Kind::kUsage);
  EXPECT_NE(nowhere.error().sentence.find("No such file"), std::string::npos);
  EXPECT_FALSE(spill_tables_to("/proc").ok());
  EXPECT_FALSE(room_to_spill());
}

}  // namespace
}  // namespace lockproof
