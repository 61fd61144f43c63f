// SPDX-License-Identifier: Apache-2.0
#include "trace/proc.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "core/fd.h"

namespace lockproof {
namespace {

constexpr std::size_t kMostPathBytes = 4096;

std::string read_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> buffer;
  while (fd) {
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

std::vector<std::string> after(const std::string& text, std::string_view key) {
  std::vector<std::string> values;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    if (line.starts_with(key)) {
      const std::size_t value = std::min(line.find_first_not_of(" \t", key.size()), line.size());
      values.emplace_back(line.substr(value));
    }
    at = end + 1;
  }
  return values;
}

}  // namespace

std::string proc_text(pid_t pid, std::string_view name) {
  return read_file(fmt::format("/proc/{}/{}", pid, name));
}

std::vector<int> open_descriptors(pid_t pid) {
  std::vector<int> found;
  std::error_code gone;
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    found.push_back(std::atoi(entry.path().filename().c_str()));
  }
  return found;
}

std::string what_is_open(pid_t pid, int fd) {
  std::array<char, kMostPathBytes> path;
  const std::string link = fmt::format("/proc/{}/fd/{}", pid, fd);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "";
}

std::vector<std::string> descriptor_info(pid_t pid, int fd, std::string_view key) {
  return after(read_file(fmt::format("/proc/{}/fdinfo/{}", pid, fd)), key);
}

bool closes_on_exec(pid_t pid, int fd) {
  const auto flags = descriptor_info(pid, fd, "flags:");
  return !flags.empty() && (std::strtoul(flags.front().c_str(), nullptr, 8) & O_CLOEXEC) != 0;
}

Offsets file_offsets(pid_t pid) {
  Offsets offsets;
  for (const int fd : open_descriptors(pid)) {
    const std::string file = what_is_open(pid, fd);
    const auto at = descriptor_info(pid, fd, "pos:");
    if (!file.starts_with('/') || file.starts_with("/dev/") || at.empty()) continue;
    offsets.emplace_back(fd, std::atoll(at.front().c_str()));
  }
  return offsets;
}

void put_offsets(pid_t pid, const Offsets& offsets) {
  if (offsets.empty()) return;
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  for (const auto& [number, offset] : offsets) {
    const Fd fd(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), number, 0)));
    if (fd) ::lseek(fd.get(), offset, SEEK_SET);
  }
}

// maps: begin-end permissions offset device inode path
std::string mapped_at(pid_t pid, std::uint64_t address) {
  std::istringstream maps(proc_text(pid, "maps"));
  for (std::string line; std::getline(maps, line);) {
    char* rest = nullptr;
    const std::uint64_t begin = std::strtoull(line.c_str(), &rest, 16);
    const std::uint64_t end = *rest == '-' ? std::strtoull(rest + 1, nullptr, 16) : 0;
    if (address < begin || address >= end) continue;
    const std::size_t path = line.find('/');
    return path == line.npos ? "" : line.substr(path);
  }
  return "";
}

SignalMasks signal_masks(pid_t pid) {
  const std::string status = read_file(fmt::format("/proc/{}/status", pid));
  const auto mask = [&](std::string_view key) {
    const auto values = after(status, key);
    return values.empty() ? 0 : std::strtoull(values.front().c_str(), nullptr, 16);
  };
  return {mask("SigPnd:") | mask("ShdPnd:"), mask("SigBlk:"), mask("SigIgn:"), mask("SigCgt:")};
}

mode_t umask_of(pid_t pid) {
  const auto values = after(read_file(fmt::format("/proc/{}/status", pid)), "Umask:");
  return values.empty() ? 0 : static_cast<mode_t>(std::strtoul(values.front().c_str(), nullptr, 8));
}

// NSpid: from the reader's namespace to its own.
pid_t pid_in_its_namespace(pid_t pid) {
  const auto numbers = after(read_file(fmt::format("/proc/{}/status", pid)), "NSpid:");
  if (numbers.empty()) return 0;
  return static_cast<pid_t>(std::atol(numbers.front().c_str() + numbers.front().rfind('\t') + 1));
}

// Of one that runs /proc/TID/syscall says "running".
Sleep how_it_sleeps(pid_t tid) {
  const std::string call = read_file(fmt::format("/proc/{}/syscall", tid));
  if (!call.starts_with(fmt::format("{} ", SYS_futex))) return {};
  Sleep sleep{true, 0};
  const std::string status = read_file(fmt::format("/proc/{}/status", tid));
  for (const std::string_view key : {"voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"}) {
    for (const std::string& count : after(status, key)) sleep.switches += std::stoull(count);
  }
  return sleep;
}

}  // namespace lockproof
