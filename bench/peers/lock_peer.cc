// SPDX-License-Identifier: Apache-2.0
// One lock, timed: `lock_peer LOCK MODE DIR [COUNT]`. lock_peer.py and lock_peer.js are the same
// for libraries of python and node; bench.py starts them, and compares.
//
//   life       COUNT times: claim, give up. Prints the ns of each.
//   probe      COUNT times: is it held? Prints the ns of each. Another process holds it.
//   hold       claims, prints "held", and stays until it is killed.
//   until      prints "ready", tries until it owns, and prints when that was (CLOCK_MONOTONIC).
//   alternate  COUNT times: tries until it owns, stays a while, gives up, lets others. Prints when
//   it
//              owned, and when it began to give up.
//
// LOCK: solo; bare (an open, a lock on the open file, a close: the least there is); pidfile
// (libbsd); boost (file_lock); qlockfile.
#include <bsd/libutil.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <QLockFile>
#include <boost/interprocess/sync/file_lock.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "solo/instance.h"
#include "solo/probe.h"

namespace {

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Solo {
  explicit Solo(std::string at) : dir(std::move(at)) {}
  bool claim() {
    auto& sys = solo::port::linux_sys();
    auto opened = solo::StateDir::open(sys, dir, solo::StateDir::IfMissing::kFail);
    if (!opened.ok()) fail("solo");
    auto claimed = solo::claim(sys, std::move(opened).value(), *name);
    if (auto* const mine = std::get_if<solo::InstanceLock>(&claimed))
      lock.emplace(std::move(*mine));
    return lock.has_value();
  }
  void give_up() {
    if (lock->give_up()) fail("solo");
    lock.reset();
  }
  bool is_held() {
    return std::holds_alternative<solo::Held>(solo::probe(solo::port::linux_sys(), dir, *name));
  }
  std::string dir;
  std::optional<solo::Name> name = solo::Name::parse("bench").value();
  std::optional<solo::InstanceLock> lock;
};

struct Bare {
  explicit Bare(const std::string& at) : path(at + "/lock") {}
  bool claim() {
    fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (::fcntl(fd, F_OFD_SETLK, &whole) == 0) return true;
    give_up();
    return false;
  }
  void give_up() { ::close(fd); }
  bool is_held() {
    const int looks = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct flock asked = whole;
    if (::fcntl(looks, F_OFD_GETLK, &asked) != 0) fail("F_OFD_GETLK");
    ::close(looks);
    return asked.l_type != F_UNLCK;
  }
  struct flock whole {
    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0
  };
  std::string path;
  int fd = -1;
};

struct Pidfile {
  explicit Pidfile(const std::string& at) : path(at + "/pid") {}
  bool claim() {
    pid_t other = 0;
    file = ::pidfile_open(path.c_str(), 0600, &other);
    // EAGAIN: held, and nothing is written yet. ENOENT: removed while it was opened.
    if (file == nullptr && errno != EEXIST && errno != EAGAIN && errno != ENOENT) fail("pidfile");
    return file != nullptr && ::pidfile_write(file) == 0;
  }
  void give_up() { ::pidfile_remove(file); }
  bool is_held() {
    pid_t other = 0;
    return ::pidfile_open(path.c_str(), 0600, &other) == nullptr && errno == EEXIST;
  }
  std::string path;
  pidfh* file = nullptr;
};

struct Boost {
  explicit Boost(const std::string& at) : path(at + "/lock") {
    ::close(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  bool claim() {
    lock = boost::interprocess::file_lock(path.c_str());
    return lock.try_lock();
  }
  void give_up() { lock.unlock(); }
  bool is_held() { return !claim(); }
  std::string path;
  boost::interprocess::file_lock lock;
};

struct QLock {
  explicit QLock(const std::string& at) : path(QString::fromStdString(at + "/lock")) {}
  bool claim() {
    lock.emplace(path);
    lock->setStaleLockTime(0);  // never by age, as for a lock that is held for long
    return lock->tryLock(0);
  }
  void give_up() { lock->unlock(); }
  bool is_held() { return !claim(); }
  QString path;
  std::optional<QLockFile> lock;
};

void until_owned(auto& lock) {
  while (!lock.claim()) {
  }
}

void nap(long us) {
  const timespec time{0, us * 1000};
  ::nanosleep(&time, nullptr);
}

template <class Lock>
int run(const std::string& mode, const std::string& dir, int count) {
  Lock lock(dir);
  if (mode == "hold") {
    if (!lock.claim()) fail("held");
    std::puts("held");
    std::fflush(stdout);
    for (;;) ::pause();
  }
  if (mode == "until") {
    std::puts("ready");
    std::fflush(stdout);
    until_owned(lock);
    std::printf("%lld\n", static_cast<long long>(now()));
    std::fflush(stdout);
    lock.give_up();
    return 0;
  }
  for (int i = 0; i < count; ++i) {
    const std::int64_t begin = now();
    if (mode == "probe") {
      if (!lock.is_held()) fail("not held");
      std::printf("%lld\n", static_cast<long long>(now() - begin));
    } else if (mode == "life") {
      if (!lock.claim()) fail("busy");
      lock.give_up();
      std::printf("%lld\n", static_cast<long long>(now() - begin));
    } else {
      until_owned(lock);
      const std::int64_t owned = now();
      nap(300);
      const std::int64_t gives_up = now();
      lock.give_up();
      std::printf("%lld %lld\n", static_cast<long long>(owned), static_cast<long long>(gives_up));
      nap(2000);
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using Run = int (*)(const std::string&, const std::string&, int);
  const std::map<std::string, Run> locks = {{"solo", run<Solo>},
                                            {"bare", run<Bare>},
                                            {"pidfile", run<Pidfile>},
                                            {"boost", run<Boost>},
                                            {"qlockfile", run<QLock>}};
  if (argc < 4 || !locks.contains(argv[1])) return 2;
  return locks.at(argv[1])(argv[2], argv[3], argc > 4 ? std::atoi(argv[4]) : 0);
}
