// SPDX-License-Identifier: Apache-2.0
// A PID file as daemons in C have it: O_EXCL decides, and whoever finds a dead one's file removes
// it, by its name. Two that both found it can both come to own.
//
// usage: pid_file FILE           a file without a pid in it is one that is being written: busy
//        pid_file FILE GUARD     the same under flock(2) on GUARD, so that it is nobody's by then
//
// A worker (docs/SCENARIO.md): says acquired or busy, gives up at the end of its input. Linked
// statically and without streams: few calls, and few pages to copy.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kTries = 2;

void say(const char* line) { static_cast<void>(::write(1, line, std::strlen(line))); }

void write_pid(int fd) {
  char digits[16];
  std::size_t at = sizeof digits;
  digits[--at] = '\n';
  for (pid_t rest = ::getpid(); rest > 0; rest /= 10) {
    digits[--at] = static_cast<char>('0' + rest % 10);
  }
  static_cast<void>(::write(fd, digits + at, sizeof digits - at));
}

bool create(const char* file) {
  const int fd = ::open(file, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (fd < 0) return false;
  write_pid(fd);
  ::close(fd);
  return true;
}

// Whether the file names nobody who is alive. `guarded`: nobody is writing it.
bool is_stale(const char* file, bool guarded) {
  const int fd = ::open(file, O_RDONLY);
  if (fd < 0) return false;
  char text[16] = {};
  static_cast<void>(::read(fd, text, sizeof text - 1));
  ::close(fd);
  const auto pid = static_cast<pid_t>(std::atoi(text));
  if (pid <= 0) return guarded;
  return ::kill(pid, 0) < 0 && errno == ESRCH;
}

bool acquire(const char* file, bool guarded) {
  for (int tries = 0; tries < kTries; ++tries) {
    if (create(file)) return true;
    if (is_stale(file, guarded)) ::unlink(file);
  }
  return false;
}

bool acquire_guarded(const char* file, const char* guard) {
  const int fd = ::open(guard, O_RDWR | O_CREAT, 0644);
  if (fd < 0 || ::flock(fd, LOCK_EX) < 0) return false;
  const bool acquired = acquire(file, true);
  ::close(fd);
  return acquired;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return 2;
  if (!(argc == 3 ? acquire_guarded(argv[1], argv[2]) : acquire(argv[1], false))) {
    say("busy\n");
    return 1;
  }
  say("acquired\n");
  char byte;
  while (::read(0, &byte, 1) > 0) {
  }
  ::unlink(argv[1]);
  say("released\n");
  return 0;
}
