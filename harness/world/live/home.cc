// SPDX-License-Identifier: Apache-2.0
#include "live/home.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/fd.h"
#include "trace/namespaces.h"

namespace lockproof::live {
namespace {

// Bounds what subjects can write: a lock's files are a few kilobytes.
constexpr const char* kOptions = "mode=700,size=16m,nr_inodes=10k";

bool make_file(const std::string& home, const StartFile& file) {
  const std::string path = home + "/" + file.name;
  for (std::size_t at = path.find('/', home.size() + 1); at != path.npos;
       at = path.find('/', at + 1)) {
    if (::mkdir(path.substr(0, at).c_str(), 0700) != 0 && errno != EEXIST) return false;
  }
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return fd && ::write(fd.get(), file.content.data(), file.content.size()) ==
                   static_cast<ssize_t>(file.content.size());
}

// Once a run, so with no more calls than it takes: mostly there is a file or none.
bool empty(const std::string& home) {
  DIR* const all = ::opendir(home.c_str());
  if (all == nullptr) return false;
  const int fd = ::dirfd(all);
  bool is_empty = ::fchmod(fd, 0700) == 0;
  while (const dirent* const entry = ::readdir(all)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || ::unlinkat(fd, entry->d_name, 0) == 0) continue;
    std::error_code failed;
    std::filesystem::remove_all(fmt::format("{}/{}", home, name), failed);
    is_empty = is_empty && !failed;
  }
  ::closedir(all);
  return is_empty;
}

}  // namespace

Result<> mount_home(const std::string& home) {
  const std::string failed = mount_tmpfs(home.c_str(), kOptions);
  if (failed.empty()) return Nothing{};
  return environment_error(ErrorCode::kNotWritten,
                           fmt::format("{}: {}", failed, std::strerror(errno)));
}

Result<> furnish_home(const std::string& home, const std::vector<StartFile>& files) {
  if (!empty(home))
    return environment_error(ErrorCode::kNotWritten, fmt::format("{} does not become empty", home));
  for (const StartFile& file : files) {
    if (make_file(home, file)) continue;
    const std::string why = std::strerror(errno);
    return usage_error(ErrorCode::kStartFiles,
                       fmt::format("'{}' cannot be made: {}", file.name, why));
  }
  return Nothing{};
}

}  // namespace lockproof::live
