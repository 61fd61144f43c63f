// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "sim/tables.h"

namespace lockproof::sim {
namespace {

constexpr std::size_t kNameMax = 255;

// "/proc/PID/stat"; nothing: not of that form.
bool is_proc_stat(std::string_view path, std::int32_t& pid) {
  constexpr std::string_view kBefore = "/proc/";
  constexpr std::string_view kAfter = "/stat";
  if (!path.starts_with(kBefore) || !path.ends_with(kAfter)) return false;
  if (path.size() <= kBefore.size() + kAfter.size()) return false;
  path = path.substr(kBefore.size(), path.size() - kBefore.size() - kAfter.size());
  if (path == "self") return pid = 0, true;
  const auto read = std::from_chars(path.data(), path.data() + path.size(), pid);
  return read.ec == std::errc() && read.ptr == path.data() + path.size() && pid > 0 &&
         path.front() != '0';
}

Path::Special special(std::string_view path, std::int32_t& pid) {
  if (!path.starts_with("/proc") && !path.starts_with("/dev")) return Path::Special::kNo;
  if (path == "/dev/null") return Path::Special::kNull;
  if (path == "/dev/urandom") return Path::Special::kRandom;
  if (path == "/proc/sys/kernel/random/boot_id") return Path::Special::kBootId;
  if (path == "/proc/self/ns/pid") return Path::Special::kPidNamespace;
  if (is_proc_stat(path, pid)) return Path::Special::kProcStat;
  return path.starts_with("/proc/") || path.starts_with("/dev/") ? Path::Special::kOther
                                                                 : Path::Special::kNo;
}

}  // namespace

Tables::Tables(Texts& shared)
    : texts(shared),
      dot(texts.intern(".")),
      dot_dot(texts.intern("..")),
      proc(texts.intern("proc")),
      dev(texts.intern("dev")) {}

const Path& Tables::path(Text text) {
  if (paths_.size() <= text) paths_.resize(text + 1u);
  if (!paths_[text]) paths_[text] = std::make_unique<const Path>(parse(text));
  return *paths_[text];
}

Path Tables::parse(Text text) {
  std::string_view left = texts[text];
  Path path;
  path.special = special(left, path.pid);
  path.absolute = left.starts_with('/');
  path.trailing_slash = left.size() > 1 && left.ends_with('/');
  while (!left.empty()) {
    const std::size_t slash = std::min(left.find('/'), left.size());
    const std::string_view part = left.substr(0, slash);
    left.remove_prefix(std::min(slash + 1, left.size()));
    if (part.empty()) continue;
    const Text name = texts.intern(part);
    if (path.count == Path::kMaxParts || part.size() > kNameMax || name == kNoText) {
      path.too_long = true;
      break;
    }
    path.parts[path.count++] = name;
  }
  return path;
}

}  // namespace lockproof::sim
