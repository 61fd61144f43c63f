// SPDX-License-Identifier: Apache-2.0
// QLockFile, which looks whether the process that its file names is alive.
#include <QLockFile>

#include "worker.h"

int main(int argc, char** argv) {
  QLockFile lock(argv[1]);
  lock.setStaleLockTime(0);  // never by age, as for a lock that is held for long
  if (!lock.tryLock(0)) {
    if (lock.error() == QLockFile::LockFailedError) zoo::busy();
    zoo::failed("QLockFile");
  }
  zoo::hold(argc, argv, [&] { lock.unlock(); });
}
