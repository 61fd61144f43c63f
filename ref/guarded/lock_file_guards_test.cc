// SPDX-License-Identifier: Apache-2.0
// Witnesses of the guards of the lock file.
#include "witness.h"

namespace solo::testing {

bool never_unlinked(Scene& scene) {
  ClaimResult result = scene.claim();
  lock_of(result).give_up();
  return std::filesystem::exists(scene.temp.lock());
}

bool no_follow(Scene& scene) {
  const std::string nowhere = scene.temp.path() + "/nowhere";
  EXPECT_EQ(::symlink(nowhere.c_str(), scene.temp.lock().c_str()), 0);
  scene.claim();
  return !std::filesystem::exists(nowhere);
}

bool regular_file(Scene& scene) {
  EXPECT_EQ(::mkfifo(scene.temp.lock().c_str(), 0600), 0);
  return is_error(scene.claim());
}

namespace {

// A kernel where an open that would wait at a FIFO fails instead, and is remembered.
class ImpatientSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  int openat(int dir, const char* path, int flags, mode_t mode) override {
    struct stat info {};
    const bool fifo = next().fstatat(dir, path, &info, 0) == 0 && S_ISFIFO(info.st_mode);
    if (!fifo || (flags & O_NONBLOCK) != 0) return next().openat(dir, path, flags, mode);
    waited = true;
    return -EIO;
  }
  bool waited = false;
};

}  // namespace

bool never_waits(Scene& scene) {
  EXPECT_EQ(::mkfifo(scene.temp.record().c_str(), 0600), 0);
  ImpatientSys impatient(port::linux_sys());
  scene.over(impatient, [&](port::Sys& sys) { return is_error(claim_in(sys, scene.temp)); });
  return !impatient.waited;
}

bool single_link(Scene& scene) {
  spill(scene.temp.path() + "/victim", "precious");
  EXPECT_EQ(::link((scene.temp.path() + "/victim").c_str(), scene.temp.lock().c_str()), 0);
  return is_error(scene.claim());
}

bool own_file(Scene& scene) {
  spill(scene.temp.lock(), "");
  GivenAway given(scene.temp.lock());
  return scene.over(given, [&](port::Sys& sys) { return is_error(claim_in(sys, scene.temp)); });
}

bool above_stdio(Scene& scene) {
  Child child([&] {
    ::close(0);
    ::close(1);
    ::close(2);
    ClaimResult result = scene.claim();
    ::_exit(owns(result) && lock_of(result).fd() >= 3 ? 0 : 1);
  });
  return child.wait() == 0;
}

bool close_on_exec(Scene& scene) {
  ClaimResult result = scene.claim();
  return (::fcntl(lock_of(result).fd(), F_GETFD) & FD_CLOEXEC) != 0;
}

bool failure_is_failure(Scene& scene) {
  scene.relay.before = [](std::string_view call) { return call == "fcntl_lock" ? -ENOLCK : 0; };
  return is_error(scene.claim());
}

bool same_inode(Scene& scene) {
  std::optional<ClaimResult> rival;
  scene.relay.before = [&](std::string_view call) {
    if (call == "fcntl_lock" && !rival) {
      EXPECT_EQ(::unlink(scene.temp.lock().c_str()), 0);
      rival.emplace(claim_in(scene.temp));
    }
    return 0;
  };
  const ClaimResult result = scene.claim();
  return owns(*rival) && is_busy(result);
}

bool bounded_attempts(Scene& scene) {
  unsigned attempts = 0;
  scene.relay.before = [&](std::string_view call) {
    if (call == "fcntl_lock" && ++attempts < 3 * kMaxAttempts) ::unlink(scene.temp.lock().c_str());
    return 0;
  };
  return is_error(scene.claim()) && attempts == kMaxAttempts;
}

bool private_mode(Scene& scene) {
  spill(scene.temp.lock(), "");
  EXPECT_EQ(::chmod(scene.temp.lock().c_str(), 0666), 0);
  const ClaimResult result = scene.claim();
  struct stat info {};
  EXPECT_EQ(::stat(scene.temp.lock().c_str(), &info), 0);
  return owns(result) && (info.st_mode & 07777) == 0600;
}

}  // namespace solo::testing
