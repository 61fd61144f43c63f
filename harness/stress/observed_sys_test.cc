// SPDX-License-Identifier: Apache-2.0
#include "stress/observed_sys.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lockproof {
namespace {

class ObservedSysTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = testing::TempDir() + "observed.XXXXXX";
    ASSERT_NE(::mkdtemp(dir_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string path(const char* name) const { return dir_ + "/" + name; }
  int open(const char* name, int flags) {
    return sys_.openat(AT_FDCWD, path(name).c_str(), flags, 0600);
  }

  // What was said since the last call, as "begin record truncate".
  std::vector<std::string> said() { return std::exchange(said_, {}); }

  std::string dir_;
  std::vector<std::string> said_;
  ObservedSys sys_{solo::port::linux_sys(), "pid", "lock",
                   [this](Phase phase, Object object, Change change) {
                     said_.push_back(std::string(name(phase)) + " " + std::string(name(object)) +
                                     " " + std::string(name(change)));
                   }};
};

using Words = std::vector<std::string>;

TEST_F(ObservedSysTest, opening_without_truncation_changes_nothing) {
  const int fd = open("pid", O_RDWR | O_CREAT);
  EXPECT_EQ(said(), Words{});
  sys_.write(fd, "1", 1);
  EXPECT_EQ(said(), (Words{"begin record write", "end record write"}));
  sys_.ftruncate(fd, 0);
  EXPECT_EQ(said(), (Words{"begin record truncate", "end record truncate"}));
  sys_.close(fd);
  EXPECT_EQ(said(), Words{});
}

TEST_F(ObservedSysTest, an_open_that_truncates_is_a_change) {
  sys_.close(open("pid", O_WRONLY | O_CREAT | O_TRUNC));
  EXPECT_EQ(said(), (Words{"begin record truncate", "end record truncate"}));
}

TEST_F(ObservedSysTest, what_fails_has_no_end) {
  sys_.close(open("lock", O_WRONLY | O_CREAT | O_EXCL));
  EXPECT_EQ(said(), (Words{"begin lock create", "end lock create"}));
  EXPECT_LT(open("lock", O_WRONLY | O_CREAT | O_EXCL), 0);
  EXPECT_EQ(said(), Words{"begin lock create"});
}

TEST_F(ObservedSysTest, names_are_watched_through_rename_link_and_unlink) {
  sys_.close(open("new", O_WRONLY | O_CREAT));
  EXPECT_EQ(said(), Words{});
  sys_.renameat(AT_FDCWD, path("new").c_str(), AT_FDCWD, path("pid").c_str());
  EXPECT_EQ(said(), (Words{"begin record replace", "end record replace"}));
  sys_.linkat(AT_FDCWD, path("pid").c_str(), AT_FDCWD, path("lock").c_str(), 0);
  EXPECT_EQ(said(), (Words{"begin lock create", "end lock create"}));
  sys_.unlinkat(AT_FDCWD, path("pid").c_str(), 0);
  EXPECT_EQ(said(), (Words{"begin record unlink", "end record unlink"}));
}

TEST_F(ObservedSysTest, a_descriptor_number_that_is_used_again_is_another_file) {
  const int fd = open("pid", O_RDWR | O_CREAT);
  sys_.close(fd);
  const int other = open("other", O_RDWR | O_CREAT);
  ASSERT_EQ(fd, other);
  sys_.write(other, "1", 1);
  EXPECT_EQ(said(), Words{});
  sys_.close(other);
}

// Not every descriptor comes from an open that is seen, and not every close is seen.
TEST_F(ObservedSysTest, a_number_is_forgotten_by_its_close_and_by_the_next_open) {
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  const int closed = open("pid", O_RDWR | O_CREAT);
  sys_.close(closed);
  ASSERT_EQ(sys_.dup_above(null, closed), closed);
  sys_.write(closed, "1", 1);
  sys_.close(closed);

  const int lost = open("pid", O_RDWR | O_CREAT);
  ::close(lost);
  ASSERT_EQ(open("other", O_RDWR | O_CREAT), lost);
  sys_.write(lost, "1", 1);
  EXPECT_EQ(said(), Words{});
  sys_.close(lost);
  ::close(null);
}

}  // namespace
}  // namespace lockproof
