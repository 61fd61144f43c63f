// SPDX-License-Identifier: Apache-2.0
// Where a path leads: path_resolution(7).
#include <unistd.h>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

constexpr int kMaxSymlinks = 40;  // MAXSYMLINKS of the kernel: the 41st is ELOOP
constexpr unsigned kMaxPending = 32;

// The parts of a path still to be walked, the next one on top.
struct Pending {
  std::array<Text, kMaxPending> parts;
  unsigned count = 0;

  bool push(const Path& path) {
    if (path.too_long || count + path.count > kMaxPending) return false;
    for (unsigned i = path.count; i-- > 0;) parts[count++] = path.parts[i];
    return true;
  }
};

Found found_error(Answer answer) {
  Found found;
  found.answer = answer;
  return found;
}

// Where a walk begins.
Answer start_of(const Context& context, std::int32_t dir_fd, const Path& path) {
  if (path.absolute) return done(kRoot);
  if (dir_fd == AT_FDCWD) return done(context.self().directory);
  const OpenFile* const file = open_file(context, dir_fd);
  if (file == nullptr) return fail(EBADF);
  if (file->kind != Kind::kInode || !is_directory(context.kernel, file->object)) {
    return fail(ENOTDIR);
  }
  return done(file->object);
}

// A symbolic link in the way: its target becomes the next parts.
Answer follow(const Context& context, std::uint8_t link, Pending& pending,
              std::uint8_t& directory) {
  if (context.kernel.inodes[directory].mode & S_ISVTX) return refuse(Refusal::kOtherUser);
  const Path& target = context.tables.path(context.kernel.inodes[link].content);
  if (target.special != Path::Special::kNo) return refuse(Refusal::kSpecialFile);
  if (target.trailing_slash) return refuse(Refusal::kDotOrSlash);
  if (!pending.push(target)) return refuse(Refusal::kPathLength);
  if (target.absolute) directory = kRoot;
  return done(0);
}

Answer may_enter(const Context& context, std::uint8_t directory) {
  if (!is_directory(context.kernel, directory)) return fail(ENOTDIR);
  return permission(context, directory, X_OK);
}

Found walk(const Context& context, std::uint8_t start, Pending& pending, Follow how) {
  Found found;
  found.inode = found.directory = start;
  found.dot = true;
  int links = 0;
  while (pending.count > 0) {
    const Text part = pending.parts[--pending.count];
    if (found.inode == kNone) return found_error(fail(ENOENT));
    found.directory = found.inode;
    const Answer entered = may_enter(context, found.directory);
    if (entered.outcome != Outcome::kDone || entered.result < 0) return found_error(entered);
    found.last = part;
    found.dot = part == context.tables.dot || part == context.tables.dot_dot;
    if (part == context.tables.dot) continue;
    if (part == context.tables.dot_dot) {
      found.inode = parent_of(context.kernel, found.directory);
      if (found.inode == kNone) return found_error(refuse(Refusal::kDotOrSlash));
      continue;
    }
    if (found.directory == kRoot && (part == context.tables.proc || part == context.tables.dev)) {
      return found_error(refuse(Refusal::kSpecialFile));
    }
    found.inode = inode_named(context.kernel, found.directory, part);
    const bool is_link = found.inode != kNone && S_ISLNK(context.kernel.inodes[found.inode].mode);
    if (!is_link || (pending.count == 0 && how == Follow::kNo)) continue;
    if (++links > kMaxSymlinks) return found_error(fail(ELOOP));
    const Answer followed = follow(context, found.inode, pending, found.directory);
    if (followed.outcome != Outcome::kDone) return found_error(followed);
    found.inode = found.directory;
  }
  return found;
}

}  // namespace

std::uint8_t parent_of(const Kernel& kernel, std::uint8_t directory) {
  for (const Name& name : kernel.names) {
    if (name.inode == directory && name.inode != 0) return name.directory;
  }
  return directory == kRoot ? kRoot : kNone;
}

std::uint8_t inode_named(const Kernel& kernel, std::uint8_t directory, Text text) {
  for (const Name& name : kernel.names) {
    if (name.inode != 0 && name.directory == directory && name.text == text) return name.inode;
  }
  return kNone;
}

std::uint8_t file_at(const Kernel& kernel, Tables& tables, std::uint8_t directory,
                     std::string_view path) {
  const Text text = tables.texts.intern(path);
  if (text == kNoText) return kNone;
  const Path& parsed = tables.path(text);
  if (parsed.count == 0 || parsed.too_long) return kNone;
  std::uint8_t inode = parsed.absolute ? kRoot : directory;
  for (unsigned i = 0; i < parsed.count && inode != kNone; ++i) {
    inode = inode_named(kernel, inode, parsed.parts[i]);
  }
  return inode != kNone && S_ISREG(kernel.inodes[inode].mode) ? inode : kNone;
}

// Root may do everything to files that are not executed (capabilities(7), CAP_DAC_OVERRIDE).
// Others: what all three classes agree on needs no knowledge of groups.
Answer permission(const Context& context, std::uint8_t inode, int want) {
  if (context.tables.user == 0) return done(0);
  const Inode& file = context.kernel.inodes[inode];
  const auto owner = static_cast<unsigned>(file.mode >> 6) & 7u;
  const auto group = static_cast<unsigned>(file.mode >> 3) & 7u;
  const auto other = static_cast<unsigned>(file.mode) & 7u;
  const auto wanted = static_cast<unsigned>(want);
  if (file.user == context.tables.user) {
    return (owner & wanted) == wanted ? done(0) : fail(EACCES);
  }
  const bool group_may = (group & wanted) == wanted;
  if (group_may != ((other & wanted) == wanted)) return refuse(Refusal::kOtherUser);
  return group_may ? done(0) : fail(EACCES);
}

Found look_up(const Context& context, std::int32_t dir_fd, Text text, Follow how) {
  if (text == kEmptyText) return found_error(fail(ENOENT));
  const Path& path = context.tables.path(text);
  if (path.special != Path::Special::kNo) return found_error(refuse(Refusal::kSpecialFile));
  Pending pending;
  if (!pending.push(path)) return found_error(refuse(Refusal::kPathLength));
  const Answer start = start_of(context, dir_fd, path);
  if (start.result < 0) return found_error(start);
  // "link/" is what the link leads to.
  const Found found = walk(context, static_cast<std::uint8_t>(start.result), pending,
                           path.trailing_slash ? Follow::kYes : how);
  if (found.ok() && path.trailing_slash && found.inode != kNone &&
      !is_directory(context.kernel, found.inode)) {
    return found_error(fail(ENOTDIR));
  }
  return found;
}

Found look_up_name(const Context& context, std::int32_t dir_fd, Text text) {
  if (context.tables.path(text).trailing_slash) return found_error(refuse(Refusal::kDotOrSlash));
  const Found found = look_up(context, dir_fd, text, Follow::kNo);
  if (found.ok() && found.dot) return found_error(refuse(Refusal::kDotOrSlash));
  return found;
}

}  // namespace lockproof::sim
