// SPDX-License-Identifier: Apache-2.0
// What calls on names and descriptors touch.
#include <fcntl.h>

#include <algorithm>
#include <charconv>

#include "explore/dependence.h"

namespace lockproof {
namespace {

bool succeeded(const Step& step) {
  return step.answer.outcome == Outcome::kDone && step.answer.result >= 0;
}

bool is_special(std::string_view path) {
  return path.starts_with("/proc/") || path.starts_with("/dev/");
}

}  // namespace

// Whether a claim sees it depends on which file has the name that it reads.
void Dependence::write_content(File file, Footprint& out) {
  out.writes(Cell::kContent, file);
  for (const std::uint64_t name : watched_) out.reads(Cell::kName, name);
}

// Also where it changes nothing that can be seen: another file may be behind it then.
void Dependence::write_name(const std::string& path, Footprint& out) {
  const std::uint64_t number = number_of(path);
  out.writes(Cell::kName, number);
  if (std::find(watched_.begin(), watched_.end(), number) != watched_.end()) {
    out.writes(Cell::kTold);
  }
}

// Each directory on the way to it.
void Dependence::read_parents(const std::string& path, Footprint& out) {
  for (std::size_t slash = path.find('/', 1); slash != path.npos;
       slash = path.find('/', slash + 1)) {
    out.reads(Cell::kName, number_of(path.substr(0, slash)));
  }
}

// Absolute, without "." and "//"; nothing when it cannot be said.
std::optional<std::string> Dependence::resolve(unsigned place, int dir,
                                               std::string_view path) const {
  const bool from_descriptor = !path.starts_with('/') && dir != AT_FDCWD;
  const Opened* const base = from_descriptor ? opened(place, dir) : nullptr;
  if (from_descriptor && base == nullptr) return std::nullopt;
  std::string result = path.starts_with('/') ? std::string(1, '/')
                       : from_descriptor     ? base->path
                                             : directory_;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    if (result.back() != '/') result += '/';
    result += part;
  }
  return result;
}

void Dependence::follow_name(const World& world, const Step& step, Footprint& out) {
  const Call& call = step.call;
  const std::string_view text = world.texts()[call.text];
  const bool done = succeeded(step);
  if (is_special(text)) {
    return done && call.op == Op::kOpenat ? open_special(world, step, text, out) : void();
  }
  const auto path = resolve(step.process, call.fd, text);
  if (!path) return done ? lose_track(out) : out.touches_everything();
  read_parents(*path, out);
  const bool two = call.op == Op::kRenameat || call.op == Op::kLinkat;
  const auto second =
      two ? resolve(step.process, call.fd2, world.texts()[call.text2]) : std::nullopt;
  if (two && !second) return done ? lose_track(out) : out.touches_everything();
  if (two) read_parents(*second, out);
  if (!done) {
    out.reads(Cell::kName, number_of(*path));
    if (second) out.reads(Cell::kName, number_of(*second));
    return;
  }
  switch (call.op) {
    case Op::kOpenat:
      return open(step, *path, out);
    case Op::kMkdirat: {
      write_name(*path, out);
      if (inodes_) out.writes(Cell::kInodes);
      const std::size_t slash = std::max<std::size_t>(path->rfind('/'), 1);
      out.writes(Cell::kLinks, names_[path->substr(0, slash)]);
      const File file = new_id(step.process);
      names_[*path] = file;
      files_[file] = {1, 0, true};
      return;
    }
    case Op::kUnlinkat:
      if (call.flags != 0) out.touches_everything();
      return unlink(*path, out);
    case Op::kRenameat:
      return rename(*path, *second, out);
    case Op::kLinkat:
      out.reads(Cell::kName, number_of(*path));
      write_name(*second, out);
      out.writes(Cell::kLinks, names_[*path]);
      out.reads(Cell::kHeld, names_[*path]);
      names_[*second] = names_[*path];
      ++files_[names_[*path]].links;
      return;
    case Op::kSymlinkat:
      return lose_track(out);
    case Op::kAccess:
    case Op::kTouch:
      out.reads(Cell::kName, number_of(*path));
      return out.reads(Cell::kMode, names_[*path]);
    default:  // readlink, stat
      out.reads(Cell::kName, number_of(*path));
      for (const Cell cell : {Cell::kContent, Cell::kMode, Cell::kLinks}) {
        out.reads(cell, names_[*path]);
      }
      missed_inodes_ = missed_inodes_ || !inodes_;
  }
}

void Dependence::open(const Step& step, const std::string& path, Footprint& out) {
  const int flags = step.call.flags;
  const auto known = names_.find(path);
  File file = known == names_.end() ? 0 : known->second;
  if (file == 0 && (flags & O_CREAT) == 0) return lose_track(out);
  if (file == 0) {
    write_name(path, out);
    if (inodes_) out.writes(Cell::kInodes);
    file = names_[path] = new_id(step.process);
    files_[file].links = 1;
  } else {
    out.reads(Cell::kName, number_of(path));
    out.reads(Cell::kMode, file);
    if ((flags & O_TRUNC) != 0) write_content(file, out);
  }
  if (inodes_) out.reads(Cell::kLinks, file);
  ++files_[file].opens;
  opened_.push_back({file, new_id(step.process), path, 0, false, {}});
  add_descriptor(step.process, static_cast<int>(step.answer.result), opened_.size() - 1,
                 (flags & O_CLOEXEC) != 0);
}

void Dependence::open_special(const World& world, const Step& step, std::string_view path,
                              Footprint& out) {
  Opened file{0, new_id(step.process), std::string(path), 0, false, {}};
  constexpr std::string_view kProc = "/proc/";
  int pid = 0;
  if (path == "/proc/self/stat") {
    file.process = static_cast<int>(step.process);
  } else if (path.starts_with(kProc) &&
             std::from_chars(path.data() + kProc.size(), path.data() + path.size(), pid).ec ==
                 std::errc()) {
    const auto place = place_of(world, world.meant_by(step.process, pid));
    if (place) file.process = static_cast<int>(*place);
    out.reads(Cell::kPids);
    if (place) out.reads(Cell::kExists, *place);
  }
  opened_.push_back(std::move(file));
  add_descriptor(step.process, static_cast<int>(step.answer.result), opened_.size() - 1,
                 (step.call.flags & O_CLOEXEC) != 0);
}

void Dependence::unlinked(File file, Footprint& out) {
  Counts& counts = files_[file];
  --counts.links;
  out.reads(Cell::kHeld, file);
  if (!inodes_) return;
  out.writes(Cell::kLinks, file);
  if (counts.links == 0 && counts.opens == 0) out.writes(Cell::kInodes);
}

void Dependence::unlink(const std::string& path, Footprint& out) {
  write_name(path, out);
  unlinked(names_[path], out);
  names_.erase(path);
}

void Dependence::rename(const std::string& from, const std::string& to, Footprint& out) {
  const File file = names_[from];
  if (files_[file].directory) return lose_track(out);
  if (names_.contains(to) && names_[to] == file) {
    out.reads(Cell::kName, number_of(from));
    return out.reads(Cell::kName, number_of(to));
  }
  write_name(from, out);
  write_name(to, out);
  if (names_.contains(to)) unlinked(names_[to], out);
  names_[to] = file;
  names_.erase(from);
}

void Dependence::follow_descriptor(const Step& step, Footprint& out) {
  const Call& call = step.call;
  const bool done = succeeded(step);
  if (call.op == Op::kDup2 && done) close(step.process, call.fd2, out);
  Opened* const file = opened(step.process, call.fd);
  if (file == nullptr) return;  // 0, 1, 2, or none at all
  switch (call.op) {
    case Op::kClose:
      return close(step.process, call.fd, out);
    case Op::kDupAbove:
    case Op::kDup:
    case Op::kDup2:
      out.writes(Cell::kOffset, file->id);
      if (done) {
        const auto index = static_cast<std::size_t>(file - opened_.data());
        const bool marked = call.op == Op::kDupAbove || (call.op == Op::kDup2 && call.flags != 0);
        add_descriptor(step.process, static_cast<int>(step.answer.result), index, marked);
      }
      return;
    case Op::kCloseOnExec:
      descriptors_[step.process][call.fd].close_on_exec = call.flags != 0;
      return;
    case Op::kSeek:
      out.writes(Cell::kOffset, file->id);
      return out.reads(Cell::kContent, file->file);
    case Op::kRead:
      out.writes(Cell::kOffset, file->id);
      [[fallthrough]];
    case Op::kPread:
      if (file->process) {
        out.reads(Cell::kExists, static_cast<unsigned>(*file->process));
        out.reads(Cell::kRun, static_cast<unsigned>(*file->process));
      }
      if (file->file == 0) out.writes(Cell::kRun, step.process);  // signals are taken
      return out.reads(Cell::kContent, file->file);
    case Op::kWrite:
      out.writes(Cell::kOffset, file->id);
      [[fallthrough]];
    case Op::kPwrite:
    case Op::kFtruncate:
      return write_content(file->file, out);
    case Op::kFchmod:
      return out.writes(Cell::kMode, file->file);
    case Op::kFstat:
      missed_inodes_ = missed_inodes_ || !inodes_;
      for (const Cell cell : {Cell::kContent, Cell::kMode, Cell::kLinks}) {
        out.reads(cell, file->file);
      }
      return;
    case Op::kFlock:
    case Op::kFcntlLock:
      return lock(step, *file, out);
    default:  // fsync, fstatfs
      return;
  }
}

// Who is refused has only looked; but flock gives up what it held before.
void Dependence::lock(const Step& step, Opened& file, Footprint& out) {
  const Call& call = step.call;
  const bool asks = call.flags == F_GETLK || call.flags == F_OFD_GETLK;
  const bool fcntl = call.op == Op::kFcntlLock;
  if (fcntl && asks) return out.reads(Cell::kLock, file.file);
  const bool refused = !succeeded(step);  // or kept waiting
  if (refused && (fcntl || !file.locked)) return out.reads(Cell::kLock, file.file);
  out.writes(Cell::kLock, file.file);
  const bool of_process = fcntl && (call.flags == F_SETLK || call.flags == F_SETLKW);
  if (of_process) {
    record_locks_.insert({step.process, file.file});
  } else {
    file.locked = true;
  }
}

void Dependence::close(unsigned place, int fd, Footprint& out) {
  Descriptors& descriptors = descriptors_[place];
  const auto found = descriptors.find(fd);
  if (found == descriptors.end()) return;
  Opened& file = opened_[found->second.opened];
  descriptors.erase(found);
  if (file.file != 0 && record_locks_.erase({place, file.file}) > 0) {
    out.writes(Cell::kLock, file.file);
  }
  out.writes(Cell::kOffset, file.id);
  const bool last = --file.references == 0;
  if (last && file.locked) out.writes(Cell::kLock, file.file);
  if (last && file.port != 0) out.writes(Cell::kPort, file.port);
  if (file.references > 0 || file.file == 0) return;
  Counts& counts = files_[file.file];
  --counts.opens;
  out.reads(Cell::kHeld, file.file);
  if (!inodes_) return;
  if (counts.links > 0) return out.reads(Cell::kLinks, file.file);
  out.writes(Cell::kLinks, file.file);
  if (counts.opens == 0) out.writes(Cell::kInodes);
}

void Dependence::close_all(unsigned place, Footprint& out) {
  while (!descriptors_[place].empty()) close(place, descriptors_[place].begin()->first, out);
}

}  // namespace lockproof
