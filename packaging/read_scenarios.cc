// SPDX-License-Identifier: Apache-2.0
// For tests: what the parser says of each scenario file in FOLDER, a line each: its name, a tab,
// and the complaint, nothing where it is accepted.
#include <cstdio>
#include <filesystem>

#include "subject/scenario.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: read_scenarios FOLDER\n"), 2;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    const auto read = lockproof::read_scenario(entry.path(), "genie/x");
    std::printf("%s\t%s\n", entry.path().filename().c_str(),
                read ? "" : read.error().sentence.c_str());
  }
}
