// SPDX-License-Identifier: Apache-2.0
// Descriptors and what is read and written through them.
#include <linux/magic.h>
#include <unistd.h>

#include <algorithm>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

// Where errors are the same for all calls on files: the open file, or why not.
struct Target {
  Answer answer;
  OpenFile* file = nullptr;
};

enum class Accept { kWithPath, kWithoutPath };

Target inode_behind(const Context& context, std::int32_t fd, Accept accept) {
  OpenFile* const file = open_file(context, fd);
  if (file == nullptr || (file->path && accept == Accept::kWithoutPath)) return {fail(EBADF)};
  if (file->kind != Kind::kInode) return {refuse(Refusal::kDescriptorKind)};
  return {done(0), file};
}

Answer set_content(Inode& inode, Text content) {
  if (content == kNoText) return refuse(Refusal::kFileSize);
  inode.content = content;
  return done(0);
}

void release(Kernel& kernel, OpenFile& file) {
  if (--file.references > 0) return;
  const OpenFile last = file;
  file = OpenFile{};
  if (last.kind == Kind::kInode) drop_if_unused(kernel, last.object);
}

}  // namespace

OpenFile* open_file(const Context& context, std::int32_t fd) {
  if (fd < 0 || fd >= static_cast<std::int32_t>(kDescriptors)) return nullptr;
  const unsigned place = context.self().fds[static_cast<unsigned>(fd)] & ~kCloseOnExec;
  return place == 0 ? nullptr : &context.kernel.open_files[place - 1];
}

Answer install(const Context& context, std::uint8_t file, int lowest, bool close_on_exec) {
  auto& fds = context.self().fds;
  auto fd = static_cast<unsigned>(lowest);
  while (fd < kDescriptors && fds[fd] != 0) ++fd;
  if (fd >= kDescriptors) return refuse(Refusal::kDescriptors);
  fds[fd] = static_cast<std::uint8_t>((file + 1u) | (close_on_exec ? kCloseOnExec : 0u));
  ++context.kernel.open_files[file].references;
  return done(fd);
}

Answer install_new(const Context& context, Kind kind, std::uint8_t object, int flags) {
  auto& files = context.kernel.open_files;
  std::uint8_t place = 0;
  while (place < kOpenFiles && files[place].kind != Kind::kFree) ++place;
  if (place == kOpenFiles) return refuse(Refusal::kOpenFiles);
  OpenFile& file = files[place];
  file.kind = kind;
  file.object = object;
  file.access = static_cast<std::uint8_t>(flags & O_ACCMODE) & 3u;
  file.append = (flags & O_APPEND) != 0;
  file.path = (flags & O_PATH) != 0;
  return install(context, place, 0, (flags & O_CLOEXEC) != 0);
}

void close_descriptor(Kernel& kernel, std::uint8_t slot, unsigned fd) {
  Process& process = kernel.processes[slot];
  OpenFile& file = kernel.open_files[(process.fds[fd] & ~kCloseOnExec) - 1u];
  process.fds[fd] = 0;
  if (file.kind == Kind::kInode && !file.path) drop_record_lock(process, file.object);
  release(kernel, file);
}

// close(2)
Answer close_fd(const Context& context, const Call& call) {
  if (open_file(context, call.fd) == nullptr) return fail(EBADF);
  close_descriptor(context.kernel, context.slot, static_cast<unsigned>(call.fd));
  return done(0);
}

// fcntl(2): F_DUPFD, F_DUPFD_CLOEXEC
Answer dup(const Context& context, const Call& call) {
  const OpenFile* const file = open_file(context, call.fd);
  if (file == nullptr) return fail(EBADF);
  if (call.flags < 0) return fail(EINVAL);
  const auto place = static_cast<std::uint8_t>(file - context.kernel.open_files.data());
  return install(context, place, call.flags, call.op == Op::kDupAbove);
}

// dup2(2) of two different numbers, dup3(2)
Answer dup2(const Context& context, const Call& call) {
  if ((call.flags & ~O_CLOEXEC) != 0 || call.fd == call.fd2) return fail(EINVAL);
  const OpenFile* const file = open_file(context, call.fd);
  if (file == nullptr || call.fd2 < 0) return fail(EBADF);
  if (call.fd2 >= static_cast<std::int32_t>(kDescriptors)) return refuse(Refusal::kDescriptors);
  const auto place = static_cast<std::uint8_t>(file - context.kernel.open_files.data());
  if (open_file(context, call.fd2) != nullptr) {
    close_descriptor(context.kernel, context.slot, static_cast<unsigned>(call.fd2));
  }
  return install(context, place, call.fd2, call.flags != 0);
}

// fcntl(2), F_SETFD
Answer set_close_on_exec(const Context& context, const Call& call) {
  if (open_file(context, call.fd) == nullptr) return fail(EBADF);
  std::uint8_t& descriptor = context.self().fds[static_cast<unsigned>(call.fd)];
  const unsigned flag = call.flags != 0 ? kCloseOnExec : 0u;
  descriptor = static_cast<std::uint8_t>((descriptor & ~kCloseOnExec) | flag);
  return done(0);
}

// lseek(2)
Answer seek(const Context& context, const Call& call) {
  const Target target = inode_behind(context, call.fd, Accept::kWithoutPath);
  if (target.file == nullptr) return target.answer;
  const Inode& inode = context.kernel.inodes[target.file->object];
  if (!S_ISREG(inode.mode)) return refuse(Refusal::kDescriptorKind);
  std::int64_t from = 0;
  switch (call.flags) {
    case SEEK_SET:
      break;
    case SEEK_CUR:
      from = target.file->offset;
      break;
    case SEEK_END:
      from = static_cast<std::int64_t>(context.tables.texts[inode.content].size());
      break;
    default:
      return refuse(Refusal::kSeek);
  }
  constexpr auto kFar = static_cast<std::int64_t>(Texts::kMaxBytes);
  if (call.offset > kFar || call.offset < -kFar) return refuse(Refusal::kFileSize);
  const std::int64_t to = from + call.offset;
  if (to < 0) return fail(EINVAL);
  if (to > kFar) return refuse(Refusal::kFileSize);
  target.file->offset = static_cast<std::uint16_t>(to);
  return done(to);
}

// read(2), pread(2)
Answer read_file(const Context& context, const Call& call) {
  const bool at_offset = call.op == Op::kPread;
  if (at_offset && call.offset < 0) return fail(EINVAL);
  OpenFile* const file = open_file(context, call.fd);
  if (file == nullptr || file->path) return fail(EBADF);
  if (at_offset && file->kind != Kind::kInode) return refuse(Refusal::kDescriptorKind);
  if (file->access == O_WRONLY) return fail(EBADF);
  if (call.size < 0) return refuse(Refusal::kFileSize);
  if (file->kind != Kind::kInode) return read_special(context, *file, call.size);
  if (is_directory(context.kernel, file->object)) return fail(EISDIR);
  Texts& texts = context.tables.texts;
  const Text content = context.kernel.inodes[file->object].content;
  const auto offset = at_offset ? static_cast<std::size_t>(call.offset) : file->offset;
  const Text text = texts.slice(content, offset, static_cast<std::size_t>(call.size));
  if (text == kNoText) return refuse(Refusal::kFileSize);
  Answer answer = done(static_cast<std::int64_t>(texts[text].size()));
  answer.text = text;
  if (!at_offset) file->offset = static_cast<std::uint16_t>(offset + texts[text].size());
  return answer;
}

// write(2), pwrite(2). Appending, also pwrite writes at the end (pwrite(2), BUGS).
Answer write_file(const Context& context, const Call& call) {
  const bool at_offset = call.op == Op::kPwrite;
  if (at_offset && call.offset < 0) return fail(EINVAL);
  OpenFile* const file = open_file(context, call.fd);
  if (file == nullptr || file->path) return fail(EBADF);
  if (at_offset && file->kind != Kind::kInode) return refuse(Refusal::kDescriptorKind);
  if (file->access == O_RDONLY) return fail(EBADF);
  Texts& texts = context.tables.texts;
  const std::size_t size = texts[call.text].size();
  if (file->kind == Kind::kNull) return done(static_cast<std::int64_t>(size));
  if (file->kind != Kind::kInode) return refuse(Refusal::kDescriptorKind);
  if (size == 0) return done(0);
  Inode& inode = context.kernel.inodes[file->object];
  const std::size_t offset = file->append ? texts[inode.content].size()
                             : at_offset  ? static_cast<std::size_t>(call.offset)
                                          : file->offset;
  if (offset > Texts::kMaxBytes) return refuse(Refusal::kFileSize);
  const Answer written = set_content(inode, texts.overwrite(inode.content, offset, call.text));
  if (written.outcome != Outcome::kDone) return written;
  if (!at_offset) file->offset = static_cast<std::uint16_t>(offset + size);
  return done(static_cast<std::int64_t>(size));
}

// ftruncate(2)
Answer truncate(const Context& context, const Call& call) {
  if (call.size < 0) return fail(EINVAL);
  const Target target = inode_behind(context, call.fd, Accept::kWithoutPath);
  if (target.file == nullptr) return target.answer;
  Inode& inode = context.kernel.inodes[target.file->object];
  if (!S_ISREG(inode.mode) || target.file->access == O_RDONLY) return fail(EINVAL);
  Texts& texts = context.tables.texts;
  return set_content(inode, texts.resize(inode.content, static_cast<std::size_t>(call.size)));
}

// fchmod(2)
Answer change_mode(const Context& context, const Call& call) {
  const Target target = inode_behind(context, call.fd, Accept::kWithoutPath);
  if (target.file == nullptr) return target.answer;
  if ((call.extra & (S_ISUID | S_ISGID)) != 0) return refuse(Refusal::kModeBits);
  Inode& inode = context.kernel.inodes[target.file->object];
  if (context.tables.user != 0 && inode.user != context.tables.user) return fail(EPERM);
  inode.mode = static_cast<std::uint16_t>((inode.mode & S_IFMT) | (call.extra & 01777));
  return done(0);
}

// fsync(2). Power never fails here.
Answer sync_file(const Context& context, const Call& call) {
  return inode_behind(context, call.fd, Accept::kWithoutPath).answer;
}

// fstat(2)
Answer stat_fd(const Context& context, const Call& call) {
  const Target target = inode_behind(context, call.fd, Accept::kWithPath);
  return target.file == nullptr ? target.answer : describe(context, target.file->object);
}

// fstatfs(2)
Answer stat_file_system(const Context& context, const Call& call) {
  Answer answer = inode_behind(context, call.fd, Accept::kWithPath).answer;
  if (answer.outcome == Outcome::kDone && answer.result == 0) answer.value = TMPFS_MAGIC;
  return answer;
}

}  // namespace lockproof::sim
