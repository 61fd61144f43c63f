// SPDX-License-Identifier: Apache-2.0
// What the files of the simulated kernel share with each other, and with nobody else.
#pragma once

#include <fcntl.h>

#include <cerrno>

#include "sim/kernel.h"

namespace lockproof::sim {

// One step in progress: whose, and on what.
struct Context {
  Kernel& kernel;
  Tables& tables;
  std::uint8_t slot;

  Process& self() const { return kernel.processes[slot]; }
};

// --- names (path_resolution(7)) ---

// Where a path leads. `answer` counts when it is not done(0): an error or a refusal.
struct Found {
  Answer answer;
  std::uint8_t directory = kNone;  // that holds the last name
  std::uint8_t inode = kNone;      // kNone: there is no such name
  Text last = kEmptyText;
  bool dot = false;  // the last part is "." or "..", or there is none: nothing to create or remove

  bool ok() const { return answer.outcome == Outcome::kDone && answer.result == 0; }
};
enum class Follow : std::uint8_t { kNo, kYes };
Found look_up(const Context& context, std::int32_t dir_fd, Text path, Follow follow);
// For calls that make or remove the name itself: refuses "." and "name/".
Found look_up_name(const Context& context, std::int32_t dir_fd, Text path);

// kNone: the directory was removed.
std::uint8_t parent_of(const Kernel& kernel, std::uint8_t directory);
std::uint8_t inode_named(const Kernel& kernel, std::uint8_t directory, Text name);
// done(0), -EACCES, or a refusal. `want` is R_OK | W_OK | X_OK.
Answer permission(const Context& context, std::uint8_t inode, int want);
// Makes the inode and its name; the answer's result is the inode.
Answer make(const Context& context, const Found& where, std::uint16_t mode, Text content);
// Frees it when nothing names it and nobody has it open.
void drop_if_unused(Kernel& kernel, std::uint8_t inode);
inline bool is_directory(const Kernel& kernel, std::uint8_t inode) {
  return S_ISDIR(kernel.inodes[inode].mode);
}

Answer open_at(const Context& context, const Call& call);
Answer make_directory(const Context& context, const Call& call);
Answer unlink_at(const Context& context, const Call& call);
Answer rename_at(const Context& context, const Call& call);
Answer link_at(const Context& context, const Call& call);
Answer symlink_at(const Context& context, const Call& call);
Answer read_link(const Context& context, const Call& call);
Answer access_at(const Context& context, const Call& call);
Answer touch_at(const Context& context, const Call& call);
Answer stat_at(const Context& context, const Call& call);
Answer describe(const Context& context, std::uint8_t inode);

// --- descriptors ---

// nullptr: no such descriptor.
OpenFile* open_file(const Context& context, std::int32_t fd);
// The lowest free descriptor from `lowest` on for this open file: its number, or a refusal.
Answer install(const Context& context, std::uint8_t open_file, int lowest, bool close_on_exec);
// A fresh open file behind a fresh descriptor; the place in open_files with one reference.
Answer install_new(const Context& context, Kind kind, std::uint8_t object, int flags);
// The descriptor is gone: record locks of the process with it, and the open file if it was the
// last.
void close_descriptor(Kernel& kernel, std::uint8_t slot, unsigned fd);

Answer close_fd(const Context& context, const Call& call);
Answer dup(const Context& context, const Call& call);
Answer dup2(const Context& context, const Call& call);
Answer set_close_on_exec(const Context& context, const Call& call);
Answer seek(const Context& context, const Call& call);
Answer read_file(const Context& context, const Call& call);
Answer write_file(const Context& context, const Call& call);
Answer truncate(const Context& context, const Call& call);
Answer change_mode(const Context& context, const Call& call);
Answer sync_file(const Context& context, const Call& call);
Answer stat_fd(const Context& context, const Call& call);
Answer stat_file_system(const Context& context, const Call& call);

// Files that are not in the tree: proc(5), random(4), null(4).
Answer open_special(const Context& context, const Path& path, int flags);
Answer read_special(const Context& context, OpenFile& file, std::int64_t size);

// --- locks ---

Answer flock(const Context& context, const Call& call);
Answer record_lock(const Context& context, const Call& call);
// Any close of any descriptor of the inode (fcntl(2), "Advisory record locking").
void drop_record_lock(Process& process, std::uint8_t inode);

// --- sockets ---

Answer socket(const Context& context, const Call& call);
Answer reuse_address(const Context& context, const Call& call);
Answer bind(const Context& context, const Call& call);
Answer listen(const Context& context, const Call& call);
Answer connect(const Context& context, const Call& call);
inline bool is_socket(Kind kind) {
  return kind == Kind::kSocket || kind == Kind::kListener || kind == Kind::kConnected;
}
// Its port is taken as long as it is open.
inline bool has_port(const OpenFile& file) { return is_socket(file.kind) && file.offset != 0; }

// --- processes and signals ---

Answer fork(const Context& context);
Answer exec(const Context& context);
Answer exit(const Context& context, const Call& call);
Answer wait_for(const Context& context, const Call& call);
Answer set_sid(const Context& context);
Answer set_death_signal(const Context& context, const Call& call);
// Whether `number` means the init of a namespace below to the process in `viewer`: not modelled.
bool is_other_init(const Kernel& kernel, std::uint8_t viewer, std::int64_t number);
// What the process in `viewer` calls the init of who has the pid `pid`, whom it can see.
std::int64_t init_seen(const Kernel& kernel, std::uint8_t viewer, std::int64_t pid);
// The process runs no more; what is left of it is for advance_death().
void begin_death(Process& process, int status);
void reap(Kernel& kernel, std::uint8_t slot);

// The signals of which that is said, a bit each (caught.h).
std::uint8_t with_disposition(const Process& process, Disposition disposition);
Answer kill(const Context& context, const Call& call);
Answer set_disposition(const Context& context, const Call& call);
Answer pidfd_open(const Context& context, const Call& call);
Answer pidfd_send_signal(const Context& context, const Call& call);
Answer signal_fd(const Context& context, const Call& call);
Answer read_signals(const Context& context, const OpenFile& file, std::int64_t size);

// --- time ---

Answer poll(const Context& context, const Call& call);
Answer sleep(const Context& context, const Call& call);
Answer clock_gettime(const Context& context, const Call& call);
Answer set_alarm(const Context& context, const Call& call);
// `wait`, which a call has just come to, when an alarm ends it, too: once for a process.
Answer wait_for_alarm(const Context& context, const Call& call, Answer wait);

}  // namespace lockproof::sim
