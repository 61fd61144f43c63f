// SPDX-License-Identifier: Apache-2.0
#include "trace/likeness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "trace/call_filter.h"
#include "trace/checkpoint.h"

namespace lockproof {
namespace {

StoppedTracee before_call(RunningTracee running) {
  Stop stop = std::move(running).wait();
  return std::move(std::get<BeforeCall>(stop).tracee);
}

// What the process does between two looks at it, each of which stands before the same call.
using Round = void (*)();
Round round = nullptr;

// The kernel would write into its memory which processor it was on (rseq(2)).
void leave_the_processor_unknown() {
  constexpr int kUnregister = 1;
  char* const thread = static_cast<char*>(__builtin_thread_pointer());
  ::syscall(SYS_rseq, thread + __rseq_offset, sizeof(struct rseq), kUnregister, RSEQ_SIG);
}

// Nothing of it lies where the process is looked at.
[[gnu::noinline]] void go_round() {
  [[maybe_unused]] volatile char frame[512];
  frame[0] = 0;
  round();
  frame[0] = 0;
}

[[noreturn]] void live() {
  leave_the_processor_unknown();
  ::syscall(SYS_close_range, 0, ~0u, 0);  // what others do with these is nothing of ours
  if (!install_call_filter()) ::_exit(99);
  while (::syscall(static_cast<long>(OwnCall::kReady)) != 0) ::sched_yield();
  for (;;) {
    ::syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
    go_round();
  }
}

class Looked {
 public:
  explicit Looked(Round what) {
    round = what;
    const pid_t pid = ::fork();
    if (pid == 0) live();
    auto seized = seize(pid);
    EXPECT_TRUE(seized.ok()) << seized.error().sentence;
    const RunningTracee ready = before_call(std::move(*seized)).answer(0);
    at_.emplace(before_call(RunningTracee(ready.pid())));
    for (int i = 0; i < 2; ++i) next();  // what is done once is done
  }
  ~Looked() { end(std::move(*at_)); }

  std::optional<Likeness> likeness(std::string_view more = "") {
    return lockproof::likeness(*at_, more, {});
  }
  // Round once; the calls that the round itself makes are made.
  void next() {
    RunningTracee running = std::move(*at_).answer(1);
    for (;;) {
      at_.emplace(before_call(std::move(running)));
      if (at_->call().number == SYS_getppid) return;
      running = std::move(*at_).go_on();
    }
  }
  StoppedTracee& at() { return *at_; }

 private:
  std::optional<StoppedTracee> at_;
};

// Whether a round leaves no trace.
bool alike_after_a_round(Round what) {
  Looked looked(what);
  const auto before = looked.likeness();
  EXPECT_TRUE(before.has_value());
  looked.next();
  const auto after = looked.likeness();
  EXPECT_TRUE(after.has_value());
  return before == after;
}

volatile int counter = 0;
char* page = nullptr;

TEST(Likeness, WhatRemembersNothingIsAlike) {
  EXPECT_TRUE(alike_after_a_round([] {}));
  EXPECT_TRUE(alike_after_a_round([] {
    volatile char below[2000];
    for (volatile char& c : below) c = static_cast<char>(counter + 1);
  }));
}

TEST(Likeness, WhatIsWrittenMakesADifference) {
  EXPECT_FALSE(alike_after_a_round([] { counter = counter + 1; }));
}

TEST(Likeness, WhatIsWrittenOnceMakesNoDifferenceLater) {
  EXPECT_TRUE(alike_after_a_round([] { counter = 7; }));
}

TEST(Likeness, ZeroesAreAsGoodAsWhatWasNeverTouched) {
  const auto map = [] {
    return static_cast<char*>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  };
  page = map();
  EXPECT_TRUE(alike_after_a_round([] { page[100] = page[200]; }));
  ::munmap(page, 4096);
  page = map();
  EXPECT_FALSE(alike_after_a_round([] { ++page[100]; }));
  ::munmap(page, 4096);
}

TEST(Likeness, WhatIsMappedMakesADifference) {
  EXPECT_FALSE(alike_after_a_round(
      [] { ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }));
}

TEST(Likeness, DescriptorsMakeADifference) {
  EXPECT_FALSE(alike_after_a_round([] { ::open("/dev/null", O_RDONLY); }));
  EXPECT_TRUE(alike_after_a_round([] { ::close(::open("/dev/null", O_RDONLY)); }));
}

TEST(Likeness, WhereAFileIsReadMakesADifference) {
  EXPECT_FALSE(alike_after_a_round([] {
    static const int self = ::open("/proc/self/exe", O_RDONLY);
    ::lseek(self, 1, SEEK_CUR);
  }));
}

TEST(Likeness, WhatTheKernelKeepsMakesADifference) {
  EXPECT_FALSE(alike_after_a_round([] { ::umask(::umask(0) + 1); }));
  // Each time one more is blocked, which is remembered nowhere else.
  EXPECT_FALSE(alike_after_a_round([] {
    std::uint64_t set = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &set, sizeof set);
    set = (set << 1) | 1;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, nullptr, sizeof set);
    set = 0;
  }));
}

TEST(Likeness, WhatOthersCanWriteIsNotKnown) {
  page = static_cast<char*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Looked looked([] {});
  EXPECT_EQ(looked.likeness(), std::nullopt);
  ::munmap(page, 4096);
}

TEST(Likeness, WhatTheCallerAddsMakesADifference) {
  Looked looked([] {});
  EXPECT_EQ(looked.likeness("a"), looked.likeness("a"));
  EXPECT_NE(looked.likeness("a"), looked.likeness("b"));
  EXPECT_EQ(likeness("a"), likeness("a"));
  EXPECT_NE(likeness("a"), likeness("b"));
}

TEST(Likeness, ACopyIsAlike) {
  Looked looked([] { counter = counter + 1; });
  const auto original = looked.likeness();
  auto copied = copy(std::move(looked.at()));
  ASSERT_TRUE(copied);
  EXPECT_EQ(likeness(copied->copy, "", {}), original);
  end(std::move(copied->copy));
  looked.at() = std::move(copied->original);
  EXPECT_EQ(looked.likeness(), original);
}

}  // namespace
}  // namespace lockproof
