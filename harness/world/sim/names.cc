// SPDX-License-Identifier: Apache-2.0
// The calls that make, change and remove names. open is in opening.cc.
#include <unistd.h>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

// To make or remove a name in it.
Answer may_change(const Context& context, std::uint8_t directory) {
  if (context.kernel.inodes[directory].nlink == 0) return fail(ENOENT);  // it was removed
  return permission(context, directory, W_OK | X_OK);
}

// Restricted deletion (unlink(2), EPERM for sticky directories) is only plain for root.
bool sticky_matters(const Context& context, std::uint8_t directory) {
  return (context.kernel.inodes[directory].mode & S_ISVTX) != 0 && context.tables.user != 0;
}

bool is_empty(const Kernel& kernel, std::uint8_t directory) {
  for (const Name& name : kernel.names) {
    if (name.inode != 0 && name.directory == directory) return false;
  }
  return true;
}

Name* name_at(Kernel& kernel, const Found& where) {
  for (Name& name : kernel.names) {
    if (name.inode != 0 && name.directory == where.directory && name.text == where.last) {
      return &name;
    }
  }
  return nullptr;
}

Name* free_name(Kernel& kernel) {
  for (Name& name : kernel.names) {
    if (name.inode == 0) return &name;
  }
  return nullptr;
}

// The name is gone: its inode has one less. A directory ends with its name.
void forget(Kernel& kernel, Name& name) {
  const std::uint8_t inode = name.inode;
  if (is_directory(kernel, inode)) {
    kernel.inodes[inode].nlink = 0;
    --kernel.inodes[name.directory].nlink;
  } else {
    --kernel.inodes[inode].nlink;
  }
  name = Name{};
  drop_if_unused(kernel, inode);
}

bool failed(const Answer& answer) { return answer.outcome != Outcome::kDone || answer.result < 0; }

// Whether `above` is `directory` or one of its parents.
bool contains(const Kernel& kernel, std::uint8_t above, std::uint8_t directory) {
  while (directory != above && directory != kRoot && directory != kNone) {
    directory = parent_of(kernel, directory);
  }
  return directory == above;
}

}  // namespace

Answer make(const Context& context, const Found& where, std::uint16_t mode, Text content) {
  const Answer allowed = may_change(context, where.directory);
  if (failed(allowed)) return allowed;
  Kernel& kernel = context.kernel;
  if ((kernel.inodes[where.directory].mode & S_ISGID) != 0) return refuse(Refusal::kModeBits);
  Name* const name = free_name(kernel);
  if (name == nullptr) return refuse(Refusal::kNames);
  std::uint8_t inode = 1;
  while (inode < kInodes && kernel.inodes[inode].mode != 0) ++inode;
  if (inode == kInodes) return refuse(Refusal::kInodes);
  const bool directory = S_ISDIR(mode);
  kernel.inodes[inode] = {mode, content, context.tables.user,
                          static_cast<std::uint8_t>(directory ? 2 : 1)};
  if (directory) ++kernel.inodes[where.directory].nlink;
  *name = {where.directory, inode, where.last};
  return done(inode);
}

void drop_if_unused(Kernel& kernel, std::uint8_t inode) {
  if (inode == kRoot || kernel.inodes[inode].nlink > 0) return;
  for (const OpenFile& file : kernel.open_files) {
    if (file.kind == Kind::kInode && file.object == inode) return;
  }
  for (const Process& process : kernel.processes) {
    if (process.life != Life::kAbsent && process.directory == inode) return;
  }
  kernel.inodes[inode] = Inode{};
}

// mkdir(2)
Answer make_directory(const Context& context, const Call& call) {
  const Found there = look_up(context, call.fd, call.text, Follow::kNo);
  if (there.ok() && there.dot) return fail(EEXIST);  // "." and "..", before all else
  const Found found = look_up_name(context, call.fd, call.text);
  if (!found.ok()) return found.answer;
  if (found.inode != kNone) return fail(EEXIST);
  const int mode = call.extra & 01777 & ~context.tables.umask;
  const Answer made = make(context, found, static_cast<std::uint16_t>(S_IFDIR | mode), kEmptyText);
  return failed(made) ? made : done(0);
}

// unlink(2), rmdir(2)
Answer unlink_at(const Context& context, const Call& call) {
  if ((call.flags & ~AT_REMOVEDIR) != 0) return refuse(Refusal::kAtFlag);
  const Found found = look_up_name(context, call.fd, call.text);
  if (!found.ok()) return found.answer;
  if (found.inode == kNone) return fail(ENOENT);
  if (sticky_matters(context, found.directory)) return refuse(Refusal::kOtherUser);
  const Answer allowed = may_change(context, found.directory);
  if (failed(allowed)) return allowed;
  const bool directory = is_directory(context.kernel, found.inode);
  const bool remove_directory = call.flags == AT_REMOVEDIR;
  if (directory != remove_directory) return fail(directory ? EISDIR : ENOTDIR);
  if (directory && !is_empty(context.kernel, found.inode)) return fail(ENOTEMPTY);
  forget(context.kernel, *name_at(context.kernel, found));
  return done(0);
}

// rename(2)
Answer rename_at(const Context& context, const Call& call) {
  Kernel& kernel = context.kernel;
  const Found from = look_up_name(context, call.fd, call.text);
  if (!from.ok()) return from.answer;
  const Found to = look_up_name(context, call.fd2, call.text2);
  if (!to.ok()) return to.answer;
  if (from.inode == kNone) return fail(ENOENT);
  const bool other_place = from.directory != to.directory;
  if (other_place && contains(kernel, from.inode, to.directory)) return fail(EINVAL);
  if (other_place && to.inode != kNone && contains(kernel, to.inode, from.directory)) {
    return fail(ENOTEMPTY);
  }
  if (from.inode == to.inode) return done(0);  // two names of one file: both stay
  for (const Found* const place : {&from, &to}) {
    if (sticky_matters(context, place->directory)) return refuse(Refusal::kOtherUser);
    const Answer allowed = may_change(context, place->directory);
    if (failed(allowed)) return allowed;
  }
  const bool directory = is_directory(kernel, from.inode);
  if (to.inode != kNone) {
    if (directory && !is_directory(kernel, to.inode)) return fail(ENOTDIR);
    if (!directory && is_directory(kernel, to.inode)) return fail(EISDIR);
    if (directory && !is_empty(kernel, to.inode)) return fail(ENOTEMPTY);
    forget(kernel, *name_at(kernel, to));
  }
  *name_at(kernel, from) = {to.directory, from.inode, to.last};
  if (directory) {
    --kernel.inodes[from.directory].nlink;
    ++kernel.inodes[to.directory].nlink;
  }
  return done(0);
}

// link(2)
Answer link_at(const Context& context, const Call& call) {
  if ((call.flags & ~AT_SYMLINK_FOLLOW) != 0) return refuse(Refusal::kAtFlag);
  const Follow how = call.flags == AT_SYMLINK_FOLLOW ? Follow::kYes : Follow::kNo;
  const Found from = look_up(context, call.fd, call.text, how);
  if (!from.ok()) return from.answer;
  if (from.inode == kNone) return fail(ENOENT);
  const Found to = look_up_name(context, call.fd2, call.text2);
  if (!to.ok()) return to.answer;
  if (to.inode != kNone) return fail(EEXIST);
  Inode& file = context.kernel.inodes[from.inode];
  // proc(5), fs.protected_hardlinks
  if (context.tables.user != 0 && file.user != context.tables.user) {
    return refuse(Refusal::kOtherUser);
  }
  const Answer allowed = may_change(context, to.directory);
  if (failed(allowed)) return allowed;
  if (S_ISDIR(file.mode)) return fail(EPERM);
  Name* const name = free_name(context.kernel);
  if (name == nullptr) return refuse(Refusal::kNames);
  ++file.nlink;
  *name = {to.directory, from.inode, to.last};
  return done(0);
}

// symlink(2)
Answer symlink_at(const Context& context, const Call& call) {
  if (call.text2 == kEmptyText) return fail(ENOENT);
  const Found found = look_up_name(context, call.fd, call.text);
  if (!found.ok()) return found.answer;
  if (found.inode != kNone) return fail(EEXIST);
  const Answer made = make(context, found, S_IFLNK | 0777, call.text2);
  return failed(made) ? made : done(0);
}

// readlink(2). "" means the descriptor itself, which is never a symbolic link here.
Answer read_link(const Context& context, const Call& call) {
  if (call.size <= 0) return fail(EINVAL);
  if (call.text == kEmptyText && call.fd != AT_FDCWD && open_file(context, call.fd) == nullptr) {
    return fail(EBADF);
  }
  const Found found = look_up(context, call.fd, call.text, Follow::kNo);
  if (!found.ok()) return found.answer;
  if (found.inode == kNone) return fail(ENOENT);
  const Inode& link = context.kernel.inodes[found.inode];
  if (!S_ISLNK(link.mode)) return fail(EINVAL);
  Texts& texts = context.tables.texts;
  const Text read = texts.slice(link.content, 0, static_cast<std::size_t>(call.size));
  if (read == kNoText) return refuse(Refusal::kFileSize);
  Answer answer = done(static_cast<std::int64_t>(texts[read].size()));
  answer.text = read;
  return answer;
}

// stat(2)
Answer stat_at(const Context& context, const Call& call) {
  constexpr std::uint32_t kFirstPidNamespace = 0xEFFFFFFC;
  constexpr std::uint32_t kOtherPidNamespaces = 0xF0000000;
  if ((call.flags & ~AT_SYMLINK_NOFOLLOW) != 0) return refuse(Refusal::kAtFlag);
  const Follow how = call.flags == AT_SYMLINK_NOFOLLOW ? Follow::kNo : Follow::kYes;
  if (context.tables.path(call.text).special == Path::Special::kPidNamespace &&
      how == Follow::kYes) {
    Answer answer = done(0);
    const unsigned space = namespace_of(context.kernel, pid_of(context.self()));
    answer.ino = space == 0 ? kFirstPidNamespace : kOtherPidNamespaces + space;
    answer.mode = S_IFREG | 0444;
    answer.nlink = 1;
    return answer;
  }
  const Found found = look_up(context, call.fd, call.text, how);
  if (!found.ok()) return found.answer;
  return found.inode == kNone ? fail(ENOENT) : describe(context, found.inode);
}

// faccessat(2), without flags. Nobody here has another real user than effective one.
Answer access_at(const Context& context, const Call& call) {
  if ((call.flags & ~(R_OK | W_OK | X_OK)) != 0) return fail(EINVAL);
  const Found found = look_up(context, call.fd, call.text, Follow::kYes);
  if (!found.ok()) return found.answer;
  if (found.inode == kNone) return fail(ENOENT);
  const std::uint16_t mode = context.kernel.inodes[found.inode].mode;
  const bool executable = S_ISDIR(mode) || (mode & 0111) != 0;  // if only by somebody else
  if ((call.flags & X_OK) != 0 && !executable) return fail(EACCES);
  return permission(context, found.inode, call.flags);
}

// utimensat(2) without times: the owner may, and who may write.
Answer touch_at(const Context& context, const Call& call) {
  const Found found = look_up(context, call.fd, call.text, Follow::kYes);
  if (!found.ok()) return found.answer;
  if (found.inode == kNone) return fail(ENOENT);
  if (context.kernel.inodes[found.inode].user == context.tables.user) return done(0);
  return permission(context, found.inode, W_OK);
}

Answer describe(const Context& context, std::uint8_t inode) {
  const Inode& file = context.kernel.inodes[inode];
  Answer answer = done(0);
  answer.ino = inode + 1u;
  answer.mode = file.mode;
  answer.nlink = file.nlink;
  answer.uid = context.tables.uids[file.user];
  if (!S_ISDIR(file.mode)) {
    answer.value = static_cast<std::int64_t>(context.tables.texts[file.content].size());
  }
  return answer;
}

}  // namespace lockproof::sim
