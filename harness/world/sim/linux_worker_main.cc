// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "sim/linux_worker.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  lockproof::sim::serve_after_exec(std::atoi(argv[1]), std::atoi(argv[2]));
}
