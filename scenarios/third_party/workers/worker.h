// SPDX-License-Identifier: Apache-2.0
// What a worker in C++ does once it knows whether it owns: says so, holds until the end of its
// input, gives up, says so.
#pragma once

#include <spawn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace zoo {

inline void say(const char* word) {
  std::puts(word);
  std::fflush(stdout);
}

// `worker FILE --rest PROGRAM`: the owner starts a program that outlives it, without words for what
// it inherits.
inline void start_rest(int argc, char** argv) {
  if (argc < 4 || std::string_view(argv[2]) != "--rest") return;
  char* words[] = {argv[3], nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, argv[3], nullptr, nullptr, words, environ) != 0) std::exit(99);
}

// Ends the process.
template <class Release>
[[noreturn]] void hold(int argc, char** argv, Release release) {
  start_rest(argc, argv);
  say("acquired");
  char rest[64];
  while (read(STDIN_FILENO, rest, sizeof rest) > 0) {
  }
  release();
  say("released");
  std::exit(0);
}

[[noreturn]] inline void busy() {
  say("busy");
  std::exit(0);
}

[[noreturn]] inline void failed(const char* what) {
  std::perror(what);
  std::exit(2);
}

}  // namespace zoo
