// SPDX-License-Identifier: Apache-2.0
#include "live/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace lockproof::live {
namespace {

alignas(16) char scratch_bytes[kScratchBytes];

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

std::optional<std::int64_t> inject_into(Process& process, long number,
                                        std::array<std::uint64_t, 6> arguments, int held_back) {
  auto injected = inject(std::move(*process.tracee), {number, arguments}, held_back);
  process.tracee.reset();
  if (!injected) return std::nullopt;
  process.tracee = std::move(injected->tracee);
  return injected->result;
}

std::uint64_t scratch() { return reinterpret_cast<std::uint64_t>(scratch_bytes); }

Fd pidfd_of(pid_t host_pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, host_pid, 0))); }

std::string what_is_open(const Process& process, int fd) {
  const std::string link = fmt::format("/proc/{}/fd/{}", process.host_pid, fd);
  std::array<char, 512> path;
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : "";
}

SignalMasks signal_masks(const Process& process) {
  const std::string status = read_file(fmt::format("/proc/{}/status", process.host_pid));
  const auto mask = [&](std::string_view key) {
    const auto values = after(status, key);
    return values.empty() ? 0 : std::strtoull(values.front().c_str(), nullptr, 16);
  };
  return {mask("SigPnd:") | mask("ShdPnd:"), mask("SigBlk:"), mask("SigIgn:"), mask("SigCgt:")};
}

std::vector<std::string> descriptor_info(const Process& process, int fd, std::string_view key) {
  return after(read_file(fmt::format("/proc/{}/fdinfo/{}", process.host_pid, fd)), key);
}

}  // namespace lockproof::live
