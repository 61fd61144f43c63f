// SPDX-License-Identifier: Apache-2.0
#include "stress/observed_sys.h"

#include <cstring>
#include <string_view>
#include <utility>

namespace lockproof {

ObservedSys::ObservedSys(Sys& next, std::string record, std::string lock, Say say)
    : ForwardSys(next), record_(std::move(record)), lock_(std::move(lock)), say_(std::move(say)) {}

Object ObservedSys::object_of(const char* path) const {
  const char* slash = std::strrchr(path, '/');
  const std::string_view name = slash == nullptr ? path : slash + 1;
  if (!record_.empty() && name == record_) return Object::kRecord;
  if (!lock_.empty() && name == lock_) return Object::kLock;
  return Object::kNone;
}

Object ObservedSys::object_of(int fd) const {
  return fd >= 0 && fd < kDescriptors ? opened_[static_cast<std::size_t>(fd)] : Object::kNone;
}

template <class Call>
auto ObservedSys::observe(Object object, Change change, Call call) {
  if (object == Object::kNone) return call();
  say_(Phase::kBegin, object, change);
  const auto result = call();
  if (result >= 0) say_(Phase::kEnd, object, change);
  return result;
}

int ObservedSys::openat(int dir, const char* path, int flags, mode_t mode) {
  const Object object = object_of(path);
  const bool truncates = (flags & O_TRUNC) != 0;
  const bool creates = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  const int fd = observe(truncates || creates ? object : Object::kNone,
                         creates ? Change::kCreate : Change::kTruncate,
                         [&] { return next().openat(dir, path, flags, mode); });
  if (fd >= 0 && fd < kDescriptors) opened_[static_cast<std::size_t>(fd)] = object;
  return fd;
}

int ObservedSys::close(int fd) {
  if (fd >= 0 && fd < kDescriptors) opened_[static_cast<std::size_t>(fd)] = Object::kNone;
  return next().close(fd);
}

int ObservedSys::unlinkat(int dir, const char* path, int flags) {
  return observe(object_of(path), Change::kUnlink,
                 [&] { return next().unlinkat(dir, path, flags); });
}

int ObservedSys::renameat(int from_dir, const char* from, int to_dir, const char* to) {
  const Object source = object_of(from);
  return observe(source, Change::kUnlink, [&] {
    return observe(object_of(to), Change::kReplace,
                   [&] { return next().renameat(from_dir, from, to_dir, to); });
  });
}

int ObservedSys::linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) {
  return observe(object_of(to), Change::kCreate,
                 [&] { return next().linkat(from_dir, from, to_dir, to, flags); });
}

ssize_t ObservedSys::write(int fd, const void* bytes, std::size_t size) {
  return observe(object_of(fd), Change::kWrite, [&] { return next().write(fd, bytes, size); });
}

ssize_t ObservedSys::pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  return observe(object_of(fd), Change::kWrite,
                 [&] { return next().pwrite(fd, bytes, size, offset); });
}

int ObservedSys::ftruncate(int fd, off_t size) {
  return observe(object_of(fd), Change::kTruncate, [&] { return next().ftruncate(fd, size); });
}

}  // namespace lockproof
