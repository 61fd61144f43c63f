// SPDX-License-Identifier: Apache-2.0
// lockfile_create() of liblockfile, with the pid in the lock file (L_PID).
#include <lockfile.h>

#include "worker.h"

int main(int argc, char** argv) {
  const int status = lockfile_create(argv[1], 0, L_PID);
  if (status == L_MAXTRYS) zoo::busy();
  if (status != L_SUCCESS) zoo::failed("lockfile_create");
  zoo::hold(argc, argv, [&] { lockfile_remove(argv[1]); });
}
