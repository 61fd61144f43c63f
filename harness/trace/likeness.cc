// SPDX-License-Identifier: Apache-2.0
#include "trace/likeness.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "core/fd.h"
#include "trace/proc.h"

namespace lockproof {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;
constexpr std::size_t kPagesAtOnce = 256;
constexpr std::uint64_t kRedZone = 128;  // below the stack pointer, and in use

class Hash {
 public:
  Hash() { XXH3_128bits_reset(&state_); }
  void add(const void* bytes, std::size_t size) { XXH3_128bits_update(&state_, bytes, size); }
  // Two texts are not taken for two others that read the same one after the other.
  void add(std::string_view text) {
    add(text.size());
    add(text.data(), text.size());
  }
  void add(std::uint64_t number) { add(&number, sizeof number); }
  Likeness end() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
    return {hash.low64, hash.high64};
  }

 private:
  XXH3_state_t state_;
};

// A line of /proc/PID/maps.
struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string_view permissions;
  std::string_view rest;  // offset, device, inode and name

  bool is_shared() const { return permissions[3] == 's'; }
  bool is_stack() const { return rest.ends_with("[stack]"); }
  // Of the kernel, and the same in every process.
  bool is_the_kernels() const { return rest.find("[v") != std::string_view::npos; }
  bool is_of_a_file() const { return rest.find(" 00:00 0") == std::string_view::npos; }
};

std::vector<Mapping> mappings_in(std::string_view maps) {
  std::vector<Mapping> all;
  while (!maps.empty()) {
    const std::size_t size = std::min(maps.find('\n'), maps.size());
    const std::string_view line = maps.substr(0, size);
    maps.remove_prefix(std::min(size + 1, maps.size()));
    const std::size_t dash = line.find('-');
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || dash > space || line.size() < space + 5) continue;
    Mapping mapping;
    mapping.begin = std::strtoull(line.data(), nullptr, 16);
    mapping.end = std::strtoull(line.data() + dash + 1, nullptr, 16);
    mapping.permissions = line.substr(space + 1, 4);
    mapping.rest = line.substr(space + 5);
    all.push_back(mapping);
  }
  return all;
}

// The pages of a process that are its own: those that it has written.
class Written {
 public:
  explicit Written(const StoppedTracee& tracee)
      : tracee_(tracee),
        pagemap_(
            ::open(fmt::format("/proc/{}/pagemap", tracee.pid()).c_str(), O_RDONLY | O_CLOEXEC)) {}

  // False: they cannot be read.
  bool add(const Mapping& mapping, Hash& hash) {
    // Below the stack is what calls that have returned left there.
    const std::uint64_t live = tracee_.stack() - kRedZone;
    const bool stack = mapping.is_stack() && live >= mapping.begin && live < mapping.end;
    std::uint64_t at = stack ? live / kPage * kPage : mapping.begin;
    while (at < mapping.end) {
      const std::size_t count = std::min<std::uint64_t>((mapping.end - at) / kPage, kPagesAtOnce);
      const std::size_t size = count * sizeof(std::uint64_t);
      const auto place = static_cast<off_t>(at / kPage * sizeof(std::uint64_t));
      if (::pread(pagemap_.get(), entries_.data(), size, place) != static_cast<ssize_t>(size)) {
        return false;
      }
      if (!read(at, count)) return false;
      for (std::size_t i = 0, found = 0; i < count; ++i) {
        if (!is_own(entries_[i])) continue;
        char* const page = pages_.data() + found++ * kPage;
        const std::uint64_t address = at + i * kPage;
        if (stack && address < live) std::memset(page, 0, live - address);
        // What was never written reads the same.
        const bool blank = std::all_of(page, page + kPage, [](char c) { return c == 0; });
        if (blank && !mapping.is_of_a_file()) continue;
        hash.add(address);
        hash.add(page, kPage);
      }
      at += count * kPage;
    }
    return true;
  }

 private:
  // Present or swapped out, and neither of a file nor shared (proc_pid_pagemap(5)).
  static bool is_own(std::uint64_t entry) { return entry >> 62 != 0 && (entry >> 61 & 1) == 0; }

  bool read(std::uint64_t at, std::size_t count) {
    std::array<iovec, kPagesAtOnce> there;
    std::size_t own = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_own(entries_[i])) continue;
      there[own++] = {reinterpret_cast<void*>(at + i * kPage), kPage};  // NOLINT: another process's
    }
    bytes_ += own * kPage;
    if (own == 0) return true;
    const iovec here{pages_.data(), own * kPage};
    return bytes_ <= kMostBytes && ::process_vm_readv(tracee_.pid(), &here, 1, there.data(), own,
                                                      0) == static_cast<ssize_t>(own * kPage);
  }

  const StoppedTracee& tracee_;
  const Fd pagemap_;
  std::size_t bytes_ = 0;
  std::array<std::uint64_t, kPagesAtOnce> entries_{};
  std::vector<char> pages_ = std::vector<char>(kPagesAtOnce * kPage);
};

bool add_memory(const StoppedTracee& tracee, Hash& hash) {
  const std::string maps = proc_text(tracee.pid(), "maps");
  if (maps.empty()) return false;
  Written written(tracee);
  for (const Mapping& mapping : mappings_in(maps)) {
    if (mapping.is_shared() && mapping.permissions[1] == 'w') return false;
    // It grows downwards when it is needed.
    hash.add(mapping.is_stack() ? 0 : mapping.begin);
    hash.add(mapping.end);
    hash.add(mapping.permissions);
    hash.add(mapping.rest);
    if (mapping.is_shared() || mapping.is_the_kernels()) continue;
    if (!written.add(mapping, hash)) return false;
  }
  return true;
}

void add_descriptors(pid_t pid, std::span<const int> described, Hash& hash) {
  std::vector<int> open = open_descriptors(pid);
  std::sort(open.begin(), open.end());
  for (const int fd : open) {
    hash.add(static_cast<std::uint64_t>(fd));
    if (std::find(described.begin(), described.end(), fd) != described.end()) {
      hash.add(closes_on_exec(pid, fd) ? 1 : 0);
      continue;
    }
    hash.add(what_is_open(pid, fd));
    for (const std::string& line : descriptor_info(pid, fd, "")) {
      // A number of its mount namespace's, another one each time.
      if (!line.starts_with("mnt_id:")) hash.add(line);
    }
  }
}

void add_what_the_kernel_keeps(pid_t pid, Hash& hash) {
  const std::string status = proc_text(pid, "status");
  for (const char* key : {"\nUmask:", "\nUid:", "\nGid:", "\nGroups:", "\nSigPnd:", "\nShdPnd:",
                          "\nSigBlk:", "\nSigIgn:", "\nSigCgt:", "\nCapEff:"}) {
    const std::size_t at = status.find(key);
    if (at == std::string::npos) continue;
    hash.add(std::string_view(status).substr(at, status.find('\n', at + 1) - at));
  }
  hash.add(proc_text(pid, "limits"));
  for (const char* folder : {"cwd", "root"}) {
    std::array<char, 4096> path;
    const ssize_t size =
        ::readlink(fmt::format("/proc/{}/{}", pid, folder).c_str(), path.data(), path.size());
    hash.add(std::string_view(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0));
  }
}

}  // namespace

Likeness likeness(std::string_view bytes) {
  Hash hash;
  hash.add(bytes);
  return hash.end();
}

std::optional<Likeness> likeness(const StoppedTracee& tracee, std::string_view more,
                                 std::span<const int> described) {
  Hash hash;
  hash.add(more);
  const auto registers = tracee.registers_in_use();
  hash.add(registers.data(), registers.size() * sizeof registers[0]);
  add_descriptors(tracee.pid(), described, hash);
  add_what_the_kernel_keeps(tracee.pid(), hash);
  if (!add_memory(tracee, hash)) return std::nullopt;
  return hash.end();
}

}  // namespace lockproof
