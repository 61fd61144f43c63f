// SPDX-License-Identifier: Apache-2.0
// open(2)
#include <unistd.h>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

// O_NONBLOCK and O_NOCTTY change nothing for the files that are modelled.
constexpr int kKnown = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
                       O_DIRECTORY | O_PATH | O_NONBLOCK | O_NOCTTY;
constexpr int kWithPath = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;  // the others are ignored

Answer check_flags(int flags) {
  if ((flags & ~kKnown) != 0 || (flags & O_ACCMODE) == O_ACCMODE) {
    return refuse(Refusal::kOpenFlag);
  }
  if ((flags & O_CREAT) != 0 && (flags & O_DIRECTORY) != 0) return fail(EINVAL);
  if ((flags & O_EXCL) != 0 && (flags & O_CREAT) == 0) return refuse(Refusal::kOpenFlag);
  return done(0);
}

bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0; }

Answer may_open(const Context& context, std::uint8_t inode, int flags) {
  const Inode& file = context.kernel.inodes[inode];
  if ((flags & O_CREAT) != 0 && S_ISDIR(file.mode)) return fail(EISDIR);
  if ((flags & O_DIRECTORY) != 0 && !S_ISDIR(file.mode)) return fail(ENOTDIR);
  if (S_ISLNK(file.mode)) {
    return (flags & O_PATH) != 0 ? refuse(Refusal::kOpenFlag) : fail(ELOOP);
  }
  if ((flags & O_PATH) != 0) return done(0);
  if (S_ISDIR(file.mode) && writes(flags)) return fail(EISDIR);
  const int access = flags & O_ACCMODE;
  const int want = (access != O_WRONLY ? R_OK : 0) | (writes(flags) ? W_OK : 0);
  return permission(context, inode, want);
}

// proc(5), fs.protected_regular: depends on who owns what.
bool protected_regular(const Context& context, const Found& found) {
  const Kernel& kernel = context.kernel;
  return (kernel.inodes[found.directory].mode & S_ISVTX) != 0 &&
         kernel.inodes[found.inode].user != context.tables.user;
}

Answer create(const Context& context, const Found& found, const Call& call) {
  if ((call.extra & (S_ISUID | S_ISGID)) != 0) return refuse(Refusal::kModeBits);
  const int mode = call.extra & 01777 & ~context.tables.umask;
  return make(context, found, static_cast<std::uint16_t>(S_IFREG | mode), kEmptyText);
}

Answer open_existing(const Context& context, const Found& found, int flags) {
  if ((flags & O_EXCL) != 0) return fail(EEXIST);
  if ((flags & O_CREAT) != 0 && protected_regular(context, found)) {
    return refuse(Refusal::kOtherUser);
  }
  const Answer allowed = may_open(context, found.inode, flags);
  if (allowed.outcome != Outcome::kDone || allowed.result < 0) return allowed;
  if ((flags & O_TRUNC) != 0) context.kernel.inodes[found.inode].content = kEmptyText;
  return done(found.inode);
}

}  // namespace

Answer open_at(const Context& context, const Call& call) {
  const int flags = (call.flags & O_PATH) != 0 ? call.flags & kWithPath : call.flags;
  const Answer checked = check_flags(flags);
  if (checked.outcome != Outcome::kDone || checked.result < 0) return checked;
  const Path& path = context.tables.path(call.text);
  if (path.special != Path::Special::kNo) return open_special(context, path, flags);

  const bool new_only = (flags & O_EXCL) != 0;  // which follows no link either
  const Follow how = (flags & O_NOFOLLOW) != 0 || new_only ? Follow::kNo : Follow::kYes;
  if ((flags & O_CREAT) != 0 && path.trailing_slash) return refuse(Refusal::kDotOrSlash);
  const Found found = look_up(context, call.fd, call.text, how);
  if (!found.ok()) return found.answer;
  if ((flags & O_CREAT) != 0 && found.dot) return refuse(Refusal::kDotOrSlash);
  if (found.inode == kNone && (flags & O_CREAT) == 0) return fail(ENOENT);
  const Answer inode =
      found.inode == kNone ? create(context, found, call) : open_existing(context, found, flags);
  if (inode.outcome != Outcome::kDone || inode.result < 0) return inode;
  return install_new(context, Kind::kInode, static_cast<std::uint8_t>(inode.result), flags);
}

}  // namespace lockproof::sim
