// SPDX-License-Identifier: Apache-2.0
#include "program/reach.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "trace/proc.h"

namespace lockproof {
namespace {

constexpr std::size_t kMostPathBytes = 4096;

struct Shape {
  long number;
  std::string_view name;
  std::string_view arguments;
  bool made;
};
constexpr bool kMade = true;
constexpr bool kNever = false;
constexpr Shape kShapes[] = {
#define LOCKPROOF_SHAPE(call, arguments, reach) {SYS_##call, #call, arguments, reach},
#include "program/shapes.def"
#undef LOCKPROOF_SHAPE
};

const Shape* shape_of(long number) {
  for (const Shape& shape : kShapes) {
    if (shape.number == number) return &shape;
  }
  return nullptr;
}

std::string folder_of(pid_t pid) {
  std::error_code gone;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", pid), gone).string();
}

}  // namespace

bool is_on(const Ground& ground, pid_t pid, int fd) {
  struct stat info {};
  const std::string path = fmt::format("/proc/{}/fd/{}", pid, fd);
  return fd >= 0 && ::stat(path.c_str(), &info) == 0 && info.st_dev == ground.device;
}

std::optional<std::string> absolute(pid_t pid, int directory, std::string_view path) {
  std::string whole;
  if (!path.starts_with('/')) {
    whole = directory == AT_FDCWD ? folder_of(pid) : what_is_open(pid, directory);
    if (!whole.starts_with('/')) return std::nullopt;
    whole += '/';
  }
  whole += path;
  std::string result;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      result.resize(result.empty() ? 0 : result.rfind('/'));
      continue;
    }
    result += '/';
    result += part;
  }
  return result.empty() ? "/" : result;
}

std::optional<std::string> below(const Ground& ground, std::string_view absolute_path) {
  if (!absolute_path.starts_with(ground.directory)) return std::nullopt;
  absolute_path.remove_prefix(ground.directory.size());
  if (absolute_path.empty()) return ".";
  if (absolute_path.front() != '/') return std::nullopt;
  return std::string(absolute_path.substr(1));
}

namespace {

// The other ways to what is open: /proc/self/fd/3, /dev/fd/3, /proc/self/cwd/lock.
bool reaches_ground_through_itself(const Ground& ground, pid_t pid, std::string_view path) {
  for (const std::string_view way : {"/proc/self/cwd/", "/proc/self/root/"}) {
    if (path.starts_with(way)) return true;
  }
  for (const std::string_view way : {"/proc/self/fd/", "/dev/fd/"}) {
    if (!path.starts_with(way)) continue;
    return is_on(ground, pid, std::atoi(std::string(path.substr(way.size())).c_str()));
  }
  return false;
}

}  // namespace

Reached reached(const Ground& ground, const StoppedTracee& tracee, const KernelCall& call,
                const Descriptors& open) {
  const pid_t pid = tracee.pid();
  const Shape* const shape = shape_of(call.number);
  if (shape == nullptr) return {};
  Reached found{Reach::kElsewhere, shape->name};
  const Reach there = shape->made ? Reach::kGround : Reach::kRefused;
  // To ask the kernel takes longer than a stop.
  const auto is_of_ground = [&](int fd) { return open.known(fd) || is_on(ground, pid, fd); };
  int directory = AT_FDCWD;
  for (std::size_t i = 0; i < shape->arguments.size(); ++i) {
    const std::uint64_t argument = call.arguments[i];
    switch (shape->arguments[i]) {
      case 'f':
        if (is_of_ground(static_cast<int>(argument))) found.reach = there;
        break;
      case 'd':
        directory = static_cast<int>(argument);
        break;
      case 'p': {
        const auto text = tracee.read_text(argument, kMostPathBytes);
        // Of nothing, or of an empty path: the descriptor itself is meant.
        if (!text || text->empty()) {
          if (is_of_ground(directory)) found.reach = there;
          break;
        }
        found.paths += fmt::format(" \"{}\"", *text);
        const auto path = absolute(pid, directory, *text);
        if (!path) break;
        found.path = *path;
        if (reaches_ground_through_itself(ground, pid, *path)) found.reach = Reach::kRefused;
        if (below(ground, *path)) found.reach = there;
        break;
      }
      default:
        break;
    }
  }
  return found;
}

}  // namespace lockproof
