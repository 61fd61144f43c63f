// SPDX-License-Identifier: Apache-2.0
// What the tests of this layer work on: built-in subjects that do nothing, and folders that vanish.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace lockproof::testing {

// A valid scenario of the built-in subject "testing/lock", which has a record and a lock; its
// mutant is "testing/lock_unchecked". "testing/bare" has neither record nor lock.
inline constexpr const char* kGoodBuiltin = R"(title = "a lock"
subject = "testing/lock"
cast = [["stop", "run"], "run"]
files = { "record" = "dead", "other/file" = "'12\n'" }
invariants = ["one_owner", "record_names_owner"]
[faults]
kill = 2
slow_shutdown = "30s"
[mutants]
lock_unchecked = "one_owner"
[bounds]
recover = "7s"
wait_attempts = 30
[stress]
processes = 32
duration = "2m"
[expect]
verdict = "violated"
invariant = "one_owner"
states = 1523
steps = 9
)";

inline constexpr const char* kGoodWrapper = R"(title = "flock lets one process in"
[subject]
name = "util-linux flock"
kind = "wrapper"
run = ["flock", "-n", "{dir}/lock", "{critical}"]
busy_exit = [1]
)";

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lockproof-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace lockproof::testing
