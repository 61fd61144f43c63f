// SPDX-License-Identifier: Apache-2.0
// flopen(3bsd): opened and locked, by a name that may be removed meanwhile.
#include <bsd/libutil.h>
#include <fcntl.h>

#include <cerrno>

#include "worker.h"

int main(int argc, char** argv) {
  const int file = flopen(argv[1], O_RDWR | O_CREAT | O_NONBLOCK, 0644);
  if (file < 0 && errno == EWOULDBLOCK) zoo::busy();
  if (file < 0) zoo::failed("flopen");
  zoo::hold(argc, argv, [&] { close(file); });
}
