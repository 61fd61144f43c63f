// SPDX-License-Identifier: Apache-2.0
// ObservedSys: says on the witness what a built-in subject does to its record and its lock file.
//
// A change is announced before the call (begin) and after it (end), so the true moment lies between
// the two; a call that fails leaves a begin without an end, which means nothing. Files are told by
// the last part of their name, as they are alone in the run's directory; descriptors by how they
// were opened.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "core/event.h"
#include "port/forward.h"

namespace lockproof {

class ObservedSys final : public solo::port::ForwardSys {
 public:
  using Say = std::function<void(Phase phase, Object object, Change change)>;

  // `record` and `lock` are names, "" for none. The same name for both means: the record.
  ObservedSys(solo::port::Sys& next, std::string record, std::string lock, Say say);

  int openat(int dir, const char* path, int flags, mode_t mode) override;
  int close(int fd) override;
  int unlinkat(int dir, const char* path, int flags) override;
  int renameat(int from_dir, const char* from, int to_dir, const char* to) override;
  int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) override;
  ssize_t write(int fd, const void* bytes, std::size_t size) override;
  ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) override;
  int ftruncate(int fd, off_t size) override;

 private:
  static constexpr int kDescriptors = 256;

  Object object_of(const char* path) const;
  Object object_of(int fd) const;
  template <class Call>
  auto observe(Object object, Change change, Call call);

  std::string record_;
  std::string lock_;
  Say say_;
  std::array<Object, kDescriptors> opened_{};
};

}  // namespace lockproof
