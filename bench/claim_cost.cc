// SPDX-License-Identifier: Apache-2.0
// What does a claim of solo cost, beside the system calls that it has to make?
//
// A life of an owner, claim and give up, is made once with every call written down; then the same
// calls are made again without solo: same arguments, same order, so the same descriptors. What is
// left between the two is what solo thinks: it may be a quarter of the calls.
//
// Last numbers (2 processors, the median of 5): claim_and_give_up 32.8 us, its_system_calls 28.0 us
// for 56 calls: 1.17 times.
//
// Command: make bench, or build/bench/bench/claim_cost.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "port/forward.h"
#include "solo/instance.h"

namespace {

using solo::port::Sys;

// Writes down what it passes on, and what came of it.
class Recorder final : public solo::port::ForwardSys {
 public:
  struct Made {
    std::function<std::int64_t(Sys&)> again;
    std::int64_t result;
  };

  explicit Recorder(Sys& next) : ForwardSys(next) {}

  std::vector<Made> calls;

  int openat(int dir, const char* path, int flags, mode_t mode) override {
    return made([dir, name = std::string(path), flags, mode](Sys& sys) {
      return sys.openat(dir, name.c_str(), flags, mode);
    });
  }
  int unlinkat(int dir, const char* path, int flags) override {
    return made([dir, name = std::string(path), flags](Sys& sys) {
      return sys.unlinkat(dir, name.c_str(), flags);
    });
  }
  int renameat(int from_dir, const char* from, int to_dir, const char* to) override {
    return made([from_dir, a = std::string(from), to_dir, b = std::string(to)](Sys& sys) {
      return sys.renameat(from_dir, a.c_str(), to_dir, b.c_str());
    });
  }
  int close(int fd) override {
    return made([fd](Sys& sys) { return sys.close(fd); });
  }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    return made([fd, text = std::string(static_cast<const char*>(bytes), size)](Sys& sys) {
      return sys.write(fd, text.data(), text.size());
    });
  }
  pid_t getpid() override {
    return made([](Sys& sys) { return sys.getpid(); });
  }
  uid_t geteuid() override {
    return made([](Sys& sys) { return sys.geteuid(); });
  }

  // These answer through a pointer: made for the caller, and once more into nothing.
  int fstatat(int dir, const char* path, struct stat* out, int flags) override {
    return noted(next().fstatat(dir, path, out, flags),
                 [dir, name = std::string(path), flags](Sys& sys) {
                   struct stat info {};
                   return sys.fstatat(dir, name.c_str(), &info, flags);
                 });
  }
  ssize_t read(int fd, void* buffer, std::size_t size) override {
    return noted(next().read(fd, buffer, size), [fd, size](Sys& sys) {
      char bytes[2048];
      return sys.read(fd, bytes, size);
    });
  }
  int fstat(int fd, struct stat* out) override {
    return noted(next().fstat(fd, out), [fd](Sys& sys) {
      struct stat info {};
      return sys.fstat(fd, &info);
    });
  }
  int fstatfs(int fd, struct statfs* out) override {
    return noted(next().fstatfs(fd, out), [fd](Sys& sys) {
      struct statfs info {};
      return sys.fstatfs(fd, &info);
    });
  }
  int fcntl_lock(int fd, int command, struct flock* lock) override {
    const struct flock asked = *lock;
    return noted(next().fcntl_lock(fd, command, lock), [fd, command, asked](Sys& sys) {
      struct flock what = asked;
      return sys.fcntl_lock(fd, command, &what);
    });
  }
  int clock_gettime(clockid_t clock, struct timespec* out) override {
    return noted(next().clock_gettime(clock, out), [clock](Sys& sys) {
      struct timespec now {};
      return sys.clock_gettime(clock, &now);
    });
  }

 private:
  template <class Result, class Again>
  Result noted(Result result, Again again) {
    calls.push_back({again, static_cast<std::int64_t>(result)});
    return result;
  }
  template <class Again>
  std::invoke_result_t<Again, Sys&> made(Again again) {
    return noted(again(next()), again);
  }
};

// A directory in memory, so that no disk is measured.
class Place {
 public:
  Place() {
    char path[] = "/dev/shm/claim-cost-XXXXXX";
    if (::mkdtemp(path) == nullptr) std::abort();
    path_ = path;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { std::filesystem::remove_all(path_); }

  void live(Sys& sys) const {
    auto dir = solo::StateDir::open(sys, path_, solo::StateDir::IfMissing::kFail);
    if (!dir.ok()) std::abort();
    auto claimed = solo::claim(sys, std::move(dir).value(), solo::Name::parse("bench").value());
    auto* const lock = std::get_if<solo::InstanceLock>(&claimed);
    if (lock == nullptr || lock->give_up()) std::abort();
  }

 private:
  std::string path_;
};

void claim_and_give_up(benchmark::State& state) {
  const Place place;
  for (auto _ : state) place.live(solo::port::linux_sys());
}
BENCHMARK(claim_and_give_up);

void its_system_calls(benchmark::State& state) {
  const Place place;
  place.live(solo::port::linux_sys());  // the files are there, as in nearly every claim
  Recorder recorder(solo::port::linux_sys());
  place.live(recorder);
  for (auto _ : state) {
    for (const auto& call : recorder.calls) {
      const bool failed = call.again(solo::port::linux_sys()) < 0;  // else lengths may differ
      if (failed != (call.result < 0)) std::abort();
    }
  }
  state.counters["calls"] = static_cast<double>(recorder.calls.size());
}
BENCHMARK(its_system_calls);

}  // namespace

BENCHMARK_MAIN();
