// SPDX-License-Identifier: Apache-2.0
// For bench/live_programs: a static program with a PID file, of which two make 16 calls that others
// could notice, whoever goes first. It takes no heed of what it finds: a protocol would make runs
// of different lengths.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  char text[32];
  const int fd = open(argv[1], O_RDWR | O_CREAT, 0644);
  const long size = read(fd, text, sizeof text - 1);
  text[size > 0 ? size : 0] = '\0';
  const int found = std::atoi(text);
  if (kill(found > 1 ? found : getpid(), 0) != 0) return 1;
  const int length = std::snprintf(text, sizeof text, "%d\n", ::getpid());
  if (pwrite(fd, text, static_cast<size_t>(length), 0) != length) return 1;
  if (ftruncate(fd, length) != 0) return 1;
  close(fd);
  unlink(argv[1]);
  return 0;
}
