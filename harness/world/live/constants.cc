// SPDX-License-Identifier: Apache-2.0
// What a live process reads that would be another thing in another run (world/made_constant.h). The
// kernel's answer counts for whether there is something; its bytes are replaced.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdlib>

#include "live/live_world.h"
#include "world/made_constant.h"

namespace lockproof::live {
namespace {

constexpr std::string_view kNamespacePath = "/proc/self/ns/pid";
constexpr std::uint32_t kRootInode = 0xEFFFFFFB;  // on another file system than all others
constexpr std::uint32_t kFirstInode = 1;
constexpr std::uint16_t kRootLinks = 3;                // "/" with one directory in it
constexpr std::uint32_t kNamespaceInode = 0xEFFFFFFC;  // Linux's first one
constexpr std::uint32_t kBelowInodes = 0xF0000000;     // of the others, from there on

// N of "/proc/N/stat"; 0: not of that form.
int pid_in(const std::string& path) {
  const bool fits = path.starts_with("/proc/") && path.ends_with("/stat");
  return fits ? std::atoi(path.c_str() + 6) : 0;
}

}  // namespace

void LiveWorld::make_constant(Process& process, Answer& answer) {
  if (process.call.op == Op::kOpenat && answer.result >= 0) {
    const int pid = pid_in(std::string((*start_.texts)[process.call.text]));
    deaths_are_seen_ = deaths_are_seen_ || (pid != 0 && pid != process.own());
    if (pids_.is_init_below(process.space, pid)) answer = refuse(Refusal::kPidNamespace);
  }
  const bool stat = process.call.op == Op::kFstatat || process.call.op == Op::kFstat;
  if (stat && answer.result == 0) make_stat_constant(process, answer);
}

// Before its answer is read: what is another thing in each run would fill the table of texts.
void LiveWorld::make_bytes_constant(Process& process) {
  const std::int64_t result = process.tracee->result();
  if (process.call.op != Op::kRead || result <= 0) return;
  const std::string what = what_is_open(process.host_pid, descriptor_of(process));
  std::string real(static_cast<std::size_t>(result), '\0');
  process.tracee->read(process.raw.arguments[1], real.data(), real.size());
  const auto bytes = constant_bytes(process, what, real);
  if (!bytes) return;
  const std::size_t size = std::min(bytes->size(), static_cast<std::size_t>(process.call.size));
  process.tracee->write(process.raw.arguments[1], bytes->data(), size);
  process.tracee->put_result(static_cast<std::int64_t>(size));
}

std::optional<std::string> LiveWorld::constant_bytes(Process& process, const std::string& what,
                                                     std::string_view real) {
  if (what == "/proc/sys/kernel/random/boot_id") return boot_id_text(boot_);
  if (what == "/dev/urandom") {
    process.random_reads = (process.random_reads + 1) & 0xff;
    const Reading reading{boot_, static_cast<unsigned>(process.pid - kPidBase),
                          static_cast<std::uint32_t>(process.born_at), process.random_reads};
    return random_bytes(reading, static_cast<std::int64_t>(real.size()));
  }
  const int pid = pid_in(what);
  const std::size_t end_of_name = real.rfind(')');
  if (pid == 0 || end_of_name == real.npos) return std::nullopt;
  const Process* const other = living_with(process, pid);
  StatLine line;
  line.pid = pid;
  long parent = 0;
  long group = 0;
  long session = 0;
  char state = 0;
  const std::string rest(real.substr(end_of_name + 1));
  if (std::sscanf(rest.c_str(), " %c %ld %ld %ld", &state, &parent, &group, &session) != 4) {
    return std::nullopt;
  }
  line.parent = parent;
  line.group = group;
  line.session = session;
  if (state == 'Z' || state == 'X') {
    line.state = 'Z';
  } else if (other == &process) {
    line.state = 'R';
  } else if (other != nullptr && other->state == ProcessState::kStopped) {
    line.state = 'T';
  }
  if (other != nullptr) line.born = other->born_at;
  line.exits = other == nullptr || other->state >= ProcessState::kReleased;
  return format(line);
}

// A stat, or an fstat, of what has that path.
bool LiveWorld::is_about(const Process& process, std::string_view path) const {
  if (process.call.op == Op::kFstat)
    return what_is_open(process.host_pid, descriptor_of(process)) == path;
  return (*start_.texts)[process.call.text] == path;
}

// The namespace of a run has another number each time, and the root directory of each host other
// directories in it. Other numbers go on from one run to the next, and are counted anew.
void LiveWorld::make_stat_constant(const Process& process, Answer& answer) {
  const bool is_namespace = S_ISREG(answer.mode) && is_about(process, kNamespacePath);
  const bool is_root = S_ISDIR(answer.mode) && is_about(process, "/");
  if (is_namespace) {
    answer.ino = process.space == 0 ? kNamespaceInode : kBelowInodes + process.space;
  }
  if (is_root) {
    answer.ino = kRootInode;
    answer.nlink = kRootLinks;
  }
  if (is_namespace || is_root) {
    answer.uid = 0;
  } else {
    const auto next = static_cast<std::uint32_t>(inodes_.size() + kFirstInode);
    answer.ino = inodes_.try_emplace(answer.ino, next).first->second;
  }
  const bool has_path = process.raw.number != SYS_fstat;
  const std::uint64_t address = process.raw.arguments[has_path ? 2 : 1];
  struct stat info {};
  process.tracee->read(address, &info, sizeof info);
  info.st_ino = answer.ino;
  info.st_nlink = answer.nlink;
  info.st_uid = answer.uid;
  if (process.command != nullptr) {
    info.st_atim = info.st_mtim = info.st_ctim = {kFileSeconds, 0};
  }
  process.tracee->write(address, &info, sizeof info);
}

}  // namespace lockproof::live
