// SPDX-License-Identifier: Apache-2.0
// boost::interprocess::file_lock on a file that is made before, as its manual asks.
#include <boost/interprocess/sync/file_lock.hpp>
#include <fstream>

#include "worker.h"

int main(int argc, char** argv) {
  { std::ofstream made(argv[1], std::ios::app); }
  boost::interprocess::file_lock lock(argv[1]);
  if (!lock.try_lock()) zoo::busy();
  zoo::hold(argc, argv, [&] { lock.unlock(); });
}
