// SPDX-License-Identifier: Apache-2.0
#include "program/execute.h"

#include <fmt/format.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "trace/newborn.h"

namespace lockproof {

void execute(const Command& command) {
  ::personality(ADDR_NO_RANDOMIZE);
  ::setenv("PYTHONHASHSEED", "0", 1);
  ::setenv("PERL_HASH_SEED", "0", 1);
  ::setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  const struct rlimit none {};
  ::setrlimit(RLIMIT_CORE, &none);
  std::vector<char*> words;
  for (const std::string& word : command.argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  be_lost(fmt::format("'{}' cannot be executed: {}", command.argv.front(), std::strerror(errno)));
}

}  // namespace lockproof
