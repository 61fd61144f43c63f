// SPDX-License-Identifier: Apache-2.0
// A PID file, that is locked before it is written. The mutant looks whether somebody is in it,
// instead.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

void say(const char* word) {
  if (::write(1, word, std::strlen(word)) < 0) ::_exit(2);
}

bool somebody_in(int file) {
  char text[32] = {};
  return ::pread(file, text, sizeof text - 1, 0) > 0 && ::kill(std::atoi(text), 0) == 0;
}

bool acquire(int file) {
#ifdef MUTANT
  return !somebody_in(file);
#else
  (void)somebody_in;
  return ::flock(file, LOCK_EX | LOCK_NB) == 0;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const int file = argc == 2 ? ::open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0) return 2;
  if (!acquire(file)) return say("busy\n"), 0;
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::pwrite(file, pid.data(), pid.size(), 0) < 0 || ::ftruncate(file, (off_t)pid.size()) != 0)
    return 2;
  say("acquired\n");
  char byte;
  while (::read(0, &byte, 1) > 0) {
  }
  say("released\n");
}
