// SPDX-License-Identifier: Apache-2.0
#include "record_file.h"

#include <cerrno>

#include "calls.h"
#include "file_checks.h"
#include "guard.h"
#include "solo/fd.h"

namespace solo {
namespace {

constexpr mode_t kOwnerOnly = 0600;

Error cannot(const char* act, const StateDir& dir, const std::string& file, ssize_t result) {
  return {std::string("cannot ") + act + " " + dir.quoted(file), static_cast<int>(-result)};
}

// The whole content into a file that `flags` say how to make.
MaybeError write_file(port::Sys& sys, const StateDir& dir, const std::string& file, int flags,
                      const std::string& content) {
  Fd fresh(sys, open_above_stdio(sys, dir.fd(), file.c_str(),
                                 O_WRONLY | O_CREAT | flags | open_safely(sys), kOwnerOnly));
  if (!fresh.valid()) return cannot("create", dir, file, fresh.get());
  const int written = write_all(sys, fresh.get(), content);
  if (written < 0) return cannot("write", dir, file, written);
  const int closed = fresh.close();  // some file systems say only now that there is no space
  if (closed < 0) return cannot("write", dir, file, closed);
  return {};
}

MaybeError write_fresh(port::Sys& sys, const StateDir& dir, const std::string& file,
                       const std::string& content) {
  if (!SOLO_GUARD(sys, fresh_file)) return write_file(sys, dir, file, 0, content);
  const int gone = sys.unlinkat(dir.fd(), file.c_str(), 0);
  if (gone < 0 && gone != -ENOENT) return cannot("remove the leftover", dir, file, gone);
  return write_file(sys, dir, file, O_EXCL, content);
}

}  // namespace

Result<std::optional<OpenRecord>> open_record(port::Sys& sys, const StateDir& dir,
                                              const Name& name) {
  using Found = std::optional<OpenRecord>;
  const std::string file = name.record_file();
  Fd record(sys, open_above_stdio(sys, dir.fd(), file.c_str(), O_RDONLY | open_safely(sys)));
  if (record.get() == -ENOENT) return Found();
  if (!record.valid()) return cannot("open", dir, file, record.get());
  struct stat info {};
  const int looked = sys.fstat(record.get(), &info);
  if (looked < 0) return cannot("examine", dir, file, looked);
  if (auto error = check_plain_file(sys, info, dir, file)) return *error;

  char buffer[kMaxRecordBytes + 1];  // one more, so that what is too long does not parse
  const ssize_t size = read_up_to(sys, record.get(), buffer, sizeof buffer);
  if (size < 0) return cannot("read", dir, file, size);
  const auto parsed = parse_record({buffer, static_cast<std::size_t>(size)});
  if (!parsed) return Found();
  return Found(OpenRecord{std::move(record), info.st_dev, info.st_ino, *parsed});
}

Result<std::optional<Record>> read_record(port::Sys& sys, const StateDir& dir, const Name& name) {
  const auto opened = open_record(sys, dir, name);
  if (!opened.ok()) return opened.error();
  return opened.value() ? std::optional(opened.value()->record) : std::nullopt;
}

int is_still_the_record(port::Sys& sys, const StateDir& dir, const Name& name,
                        const OpenRecord& read) {
  struct stat now {};
  const int found = sys.fstatat(dir.fd(), name.record_file().c_str(), &now, AT_SYMLINK_NOFOLLOW);
  if (found < 0) return found == -ENOENT ? 0 : found;
  return now.st_dev == read.device && now.st_ino == read.inode ? 1 : 0;
}

std::optional<Record> read_live_record(port::Sys& sys, const StateDir& dir, const Name& name,
                                       const Realm& realm) {
  const auto record = read_record(sys, dir, name);
  if (!record.ok() || !record.value()) return std::nullopt;
  return names_live_process(sys, *record.value(), realm) ? record.value() : std::nullopt;
}

MaybeError publish(port::Sys& sys, const StateDir& dir, const Name& name, const Record& record) {
  const std::string next = name.next_record_file();
  const std::string file = name.record_file();
  const std::string content = format_record(record);
  if (!SOLO_GUARD(sys, complete_first)) return write_file(sys, dir, file, O_TRUNC, content);
  MaybeError error = write_fresh(sys, dir, next, content);
  if (!error) {
    const int renamed = sys.renameat(dir.fd(), next.c_str(), dir.fd(), file.c_str());
    if (renamed < 0) error = cannot("replace", dir, file, renamed);
  }
  if (error) sys.unlinkat(dir.fd(), next.c_str(), 0);  // tidy; the next owner would do it too
  return error;
}

}  // namespace solo
