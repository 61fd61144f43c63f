// SPDX-License-Identifier: Apache-2.0
#include "holders.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace solo::tool {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What has a number for its name: processes, descriptors. Those that come or go meanwhile are there
// or not.
std::vector<fs::path> numbers_in(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    if (name.find_first_not_of("0123456789") == name.npos) found.push_back(at->path());
  }
  return found;
}

Holder holder_at(const fs::path& process) {
  return {static_cast<pid_t>(std::stol(process.filename())),
          effective_uid(slurp(process / "status"))};
}

void look_at(const fs::path& process, const std::string& lock_path, const struct stat* named,
             Holders& holders) {
  for (const fs::path& fd : numbers_in(process / "fd")) {
    std::error_code error;
    const std::string target = fs::read_symlink(fd, error);
    if (error || !target.starts_with(lock_path)) continue;
    if (target != lock_path && target != lock_path + " (deleted)") continue;
    struct stat open {};
    if (::stat(fd.c_str(), &open) != 0) continue;
    if (!has_owners_lock(slurp(process / "fdinfo" / fd.filename()))) continue;
    const bool current =
        named != nullptr && open.st_dev == named->st_dev && open.st_ino == named->st_ino;
    auto& place = current ? holders.current : holders.replaced;
    if (!place) place = holder_at(process);
  }
}

}  // namespace

Holders find_holders(const std::string& lock_path) {
  const std::string path = fs::path(lock_path).lexically_normal();
  struct stat named {};
  const bool there = ::lstat(path.c_str(), &named) == 0;
  Holders holders;
  for (const fs::path& process : numbers_in("/proc")) {
    look_at(process, path, there ? &named : nullptr, holders);
  }
  return holders;
}

std::string describe(const Holder& holder) {
  std::string text = "pid " + std::to_string(holder.pid);
  if (holder.uid) text += " of user " + std::to_string(*holder.uid);
  return text;
}

// "lock:\t1: OFDLCK  ADVISORY  WRITE -1 fe:00:11075697 0 0", among other lines. The byte is the
// first one.
bool has_owners_lock(std::string_view fdinfo) {
  std::istringstream lines{std::string(fdinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string label, number, type, advisory, access, pid, file, first;
    words >> label >> number >> type >> advisory >> access >> pid >> file >> first;
    const bool of_bytes = type == "OFDLCK" || type == "POSIX";
    if (label == "lock:" && of_bytes && first == "0") return true;
  }
  return false;
}

// "Uid:\tREAL\tEFFECTIVE\tSAVED\tFS". The first line is the name that the process chose for itself;
// in it a line end is escaped.
std::optional<uid_t> effective_uid(std::string_view status) {
  std::istringstream lines{std::string(status)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Uid:")) continue;
    std::istringstream words(line.substr(4));
    uid_t real = 0, effective = 0;
    if (words >> real >> effective) return effective;
  }
  return {};
}

}  // namespace solo::tool
