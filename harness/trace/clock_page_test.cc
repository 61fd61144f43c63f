// SPDX-License-Identifier: Apache-2.0
#include "trace/clock_page.h"

#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr ShownTimes kTimes = {7 * kSecond + 1, 8 * kSecond + 2, 9 * kSecond + 3};

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  EXPECT_EQ(::clock_gettime(clock, &time), 0);
  return time.tv_sec * kSecond + time.tv_nsec;
}

// What a child of ours, whose vDSO was replaced, has to say: true in an array that both see.
class ClockPageTest : public testing::Test {
 protected:
  static constexpr int kMost = 16;

  ClockPageTest()
      : said_(static_cast<bool*>(
            ::mmap(nullptr, kMost, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~ClockPageTest() override { ::munmap(said_, kMost); }

  // `life` begins once `replace` was done to the child, which libc has told where its vDSO is.
  template <class Life, class Replace>
  void child(Replace replace, Life life) {
    int go[2];
    ASSERT_EQ(::pipe(go), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      char byte = 0;
      ::close(go[1]);
      if (::read(go[0], &byte, 1) != 1) ::_exit(99);
      life(said_);
      ::_exit(0);
    }
    ::close(go[0]);
    replace(pid);
    ASSERT_EQ(::write(go[1], "", 1), 1);
    ::close(go[1]);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  static std::uint64_t vdso() { return ::getauxval(AT_SYSINFO_EHDR); }

  bool* const said_;
};

TEST_F(ClockPageTest, ItsClocksStandWhereTheyWereSet) {
  child([](pid_t pid) { EXPECT_TRUE(ClockPage::put(pid, vdso(), kTimes).is_there()); },
        [](bool* said) {
          said[0] = read_clock(CLOCK_REALTIME) == kTimes.realtime;
          said[1] = read_clock(CLOCK_MONOTONIC) == kTimes.monotonic;
          said[2] = read_clock(CLOCK_BOOTTIME) == kTimes.boottime;
          said[3] = read_clock(CLOCK_REALTIME_COARSE) == kTimes.realtime;
          said[4] = read_clock(CLOCK_MONOTONIC_RAW) == kTimes.monotonic;
        });
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(said_[i]) << i;
  EXPECT_NE(read_clock(CLOCK_REALTIME), kTimes.realtime) << "this one's own is the kernel's";
}

TEST_F(ClockPageTest, AllElseIsAskedOfTheKernel) {
  const std::int64_t now = read_clock(CLOCK_REALTIME);
  child([](pid_t pid) { ClockPage::put(pid, vdso(), kTimes); },
        [now](bool* said) {
          timeval day{};
          said[0] = ::gettimeofday(&day, nullptr) == 0 && day.tv_sec >= now / kSecond;
          said[1] = ::time(nullptr) + 1 >= now / kSecond;  // its clock is a tick late
          said[2] = read_clock(CLOCK_PROCESS_CPUTIME_ID) != 0;
          timespec exact{};
          said[3] = ::clock_getres(CLOCK_MONOTONIC, &exact) == 0 && exact.tv_nsec > 0;
          said[4] = ::clock_gettime(77, &exact) == -1 && errno == EINVAL;
          unsigned core = ~0u;
          said[5] = ::getcpu(&core, nullptr) == 0 && core != ~0u;
          // libc asks for the processor first; a vDSO that cannot tell is no error.
          char byte = 0;
          said[6] = ::getrandom(&byte, 1, 0) == 1;
        });
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(said_[i]) << i;
}

TEST_F(ClockPageTest, ItGoesOnAndIsHiddenAsItsOwnerSays) {
  constexpr ShownTimes kLater = {17 * kSecond, 18 * kSecond, 19 * kSecond};
  child(
      [&](pid_t pid) {
        ClockPage page = ClockPage::put(pid, vdso(), kTimes);
        page.show(pid, kLater);
      },
      [&](bool* said) { said[0] = read_clock(CLOCK_MONOTONIC) == kLater.monotonic; });
  EXPECT_TRUE(said_[0]);
  const std::int64_t now = read_clock(CLOCK_REALTIME);
  child(
      [](pid_t pid) {
        ClockPage page = ClockPage::put(pid, vdso(), kTimes);
        page.hide(pid);
        EXPECT_FALSE(page.is_there());
        page.show(pid, kTimes);  // there is none
      },
      [now](bool* said) { said[1] = read_clock(CLOCK_REALTIME) >= now; });
  EXPECT_TRUE(said_[1]);
}

TEST_F(ClockPageTest, WhoIsGoneHasNone) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_FALSE(ClockPage::put(pid, vdso(), kTimes).is_there());
}

}  // namespace
}  // namespace lockproof
