// SPDX-License-Identifier: Apache-2.0
#include "solo/state_dir.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "calls.h"
#include "guard.h"

namespace solo {
namespace {

// Only names are looked up through these descriptors, so no right to read the directory is needed.
constexpr int kOpenDirectory = O_PATH | O_DIRECTORY;
constexpr mode_t kPrivate = 0700;
constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;
constexpr uid_t kUnmappedUid = 65534;  // how root looks in a user namespace that does not know it

Error refused(const std::string& path, const char* why) {
  return {"'" + printable(path) + "' " + why};
}

// The components, or why there are none.
Result<std::vector<std::string>> split_path(port::Sys& sys, std::string_view path) {
  const std::string whole(path);
  const bool guarded = SOLO_GUARD(sys, absolute_path);
  if (guarded && !path.starts_with('/')) return refused(whole, "is not an absolute path");
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (guarded && (part == "." || part == "..")) return refused(whole, "contains '.' or '..'");
    if (guarded && part.find('\0') != part.npos) return refused(whole, "contains a zero byte");
    if (!part.empty()) parts.emplace_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  if (parts.empty()) return refused(whole, "cannot be the state directory");
  return parts;
}

MaybeError check_parent(port::Sys& sys, const struct stat& info, uid_t self,
                        const std::string& path) {
  if (!SOLO_GUARD(sys, trusted_parent)) return {};
  if (info.st_uid != 0 && info.st_uid != self && info.st_uid != kUnmappedUid) {
    return refused(path, "belongs to another user, who could replace what is in it");
  }
  if ((info.st_mode & kOthersMayWrite) != 0 && (info.st_mode & S_ISVTX) == 0) {
    return refused(path, "is writable by others, who could replace what is in it");
  }
  return {};
}

MaybeError check_own(port::Sys& sys, const struct stat& info, uid_t self, const std::string& path) {
  if (info.st_uid != self && SOLO_GUARD(sys, own_directory)) {
    return refused(path, "belongs to another user");
  }
  if ((info.st_mode & kOthersMayWrite) != 0 && SOLO_GUARD(sys, private_directory)) {
    return refused(path, "is writable by others; make it private with chmod go-w");
  }
  return {};
}

MaybeError check_file_system(port::Sys& sys, int fd, const std::string& path) {
  static constexpr std::uint32_t kNotLocal[] = {
      0x6969,     0x517B,     0xFF534D42, 0xFE534D42,  // NFS, SMB, CIFS, SMB2
      0x00C36400, 0x5346414F, 0x73757245, 0x65735546,  // Ceph, AFS, Coda, FUSE
      0x01021997, 0x01161970, 0x7461636F, 0x0BD00BD0,  // 9P, GFS2, OCFS2, Lustre
      0x47504653,                                      // GPFS
  };
  struct statfs info {};
  const int asked = sys.fstatfs(fd, &info);
  if (asked < 0) return Error{"cannot examine '" + printable(path) + "'", -asked};
  const auto type = static_cast<std::uint32_t>(info.f_type);
  const auto* const found = std::find(std::begin(kNotLocal), std::end(kNotLocal), type);
  if (found != std::end(kNotLocal) && SOLO_GUARD(sys, local_file_system)) {
    return refused(path, "is on a network or user-space file system, where a lock may not hold");
  }
  return {};
}

Error cannot_open(const std::string& path, int result) {
  if (result == -ELOOP || result == -ENOTDIR) {
    return refused(path, "is a symbolic link, or no directory; give the path without links");
  }
  return {"cannot open the directory '" + printable(path) + "'", -result};
}

// One step down. `path` is where that leads.
Result<Fd> enter(port::Sys& sys, int from, const char* name, const std::string& path,
                 struct stat& info) {
  const int no_follow = SOLO_GUARD(sys, no_symlink) ? O_NOFOLLOW : 0;
  Fd dir(sys, open_above_stdio(sys, from, name, kOpenDirectory | no_follow));
  if (!dir.valid()) return cannot_open(path, dir.get());
  const int looked = sys.fstat(dir.get(), &info);
  if (looked < 0) return Error{"cannot examine '" + printable(path) + "'", -looked};
  return dir;
}

// The last step down, which may make the directory first.
Result<Fd> enter_own(port::Sys& sys, int from, const char* name, const std::string& path,
                     StateDir::IfMissing if_missing, struct stat& info) {
  auto dir = enter(sys, from, name, path, info);
  const bool missing = !dir.ok() && dir.error().code == ENOENT;
  if (!missing || if_missing == StateDir::IfMissing::kFail) return dir;
  const int made = sys.mkdirat(from, name, kPrivate);
  if (made < 0 && made != -EEXIST) {
    return Error{"cannot create the directory '" + printable(path) + "'", -made};
  }
  return enter(sys, from, name, path, info);
}

}  // namespace

Result<StateDir> StateDir::open(port::Sys& sys, std::string_view path, IfMissing if_missing) {
  auto parts = split_path(sys, path);
  if (!parts.ok()) return parts.error();
  const std::string own = std::move(parts.value().back());
  parts.value().pop_back();
  const uid_t self = sys.geteuid();

  struct stat info {};
  auto dir = enter(sys, AT_FDCWD, path.starts_with('/') ? "/" : ".", "/", info);
  std::string at;
  for (const std::string& part : parts.value()) {
    if (!dir.ok()) return dir.error();
    if (auto error = check_parent(sys, info, self, at.empty() ? "/" : at)) return *error;
    at += "/" + part;
    dir = enter(sys, dir.value().get(), part.c_str(), at, info);
  }
  if (!dir.ok()) return dir.error();
  if (auto error = check_parent(sys, info, self, at.empty() ? "/" : at)) return *error;

  at += "/" + own;
  dir = enter_own(sys, dir.value().get(), own.c_str(), at, if_missing, info);
  if (!dir.ok()) return dir.error();
  if (auto error = check_own(sys, info, self, at)) return *error;
  if (auto error = check_file_system(sys, dir.value().get(), at)) return *error;
  return StateDir(std::move(dir).value(), self, at);
}

std::string StateDir::quoted(std::string_view file) const {
  return "'" + printable(path_ + "/" + std::string(file)) + "'";
}

std::string default_state_dir(uid_t uid) {
  return uid == 0 ? "/run/solo" : "/run/user/" + std::to_string(uid) + "/solo";
}

}  // namespace solo
