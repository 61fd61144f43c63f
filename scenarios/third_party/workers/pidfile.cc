// SPDX-License-Identifier: Apache-2.0
// pidfile_open(), pidfile_write(), pidfile_remove() of libbsd, in the order of the example of
// pidfile(3bsd).
#include <bsd/libutil.h>
#include <fcntl.h>

#include <cerrno>

#include "worker.h"

int main(int argc, char** argv) {
  pid_t other = 0;
  pidfh* file = pidfile_open(argv[1], 0600, &other);
  if (file == nullptr && errno == EEXIST) zoo::busy();
  if (file == nullptr) zoo::failed("pidfile_open");
  if (pidfile_write(file) != 0) zoo::failed("pidfile_write");
  zoo::hold(argc, argv, [&] { pidfile_remove(file); });
}
