// SPDX-License-Identifier: Apache-2.0
#include "live/watch.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace lockproof::live {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};

}  // namespace

Watch::Watch() : thread_([this] { keep(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
  }
  told_.notify_one();
  thread_.join();
}

void Watch::begin(int pidfd, std::chrono::milliseconds patience) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pidfd_ = pidfd;
  patience_ = patience;
  deadline_.reset();
  killed_ = false;
}

bool Watch::end() {
  const std::lock_guard<std::mutex> lock(mutex_);
  pidfd_ = -1;
  return killed_;
}

// It looks now and then instead of being told of each begin: there are thousands a second.
void Watch::keep() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigdelset(&all, SIGSEGV);  // by which its clock may be answered: trace/no_time_stamps.h
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  std::unique_lock<std::mutex> lock(mutex_);
  while (!over_) {
    told_.wait_for(lock, kLookEvery);
    if (pidfd_ < 0 || killed_) continue;
    if (!deadline_) deadline_ = Clock::now() + patience_;
    if (Clock::now() < *deadline_) continue;
    ::syscall(SYS_pidfd_send_signal, pidfd_, SIGKILL, nullptr, 0);
    killed_ = true;
  }
}

}  // namespace lockproof::live
