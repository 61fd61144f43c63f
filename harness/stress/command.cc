// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "stress/player.h"

namespace lockproof {

void become(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace lockproof
