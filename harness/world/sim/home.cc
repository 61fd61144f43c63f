// SPDX-License-Identifier: Apache-2.0
#include "sim/home.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <csignal>

namespace lockproof::sim {
namespace {

Answer call_on_file(Kernel& kernel, Tables& tables, std::uint8_t slot, Op op, std::int32_t fd,
                    Text text) {
  Call call;
  call.op = op;
  call.fd = fd;
  call.text = text;
  if (op == Op::kOpenat) {
    call.flags = O_WRONLY | O_CREAT | O_EXCL;
    call.extra = 0600;
  }
  if (op == Op::kMkdirat) call.extra = 0700;
  return step(kernel, tables, slot, call);
}

bool went_well(const Answer& answer) {
  return answer.outcome == Outcome::kDone && answer.result >= 0;
}

}  // namespace

Kernel boot_with_home(Tables& tables) {
  Kernel kernel = boot();
  kernel.inodes[kRoot].nlink = 3;
  kernel.inodes[kHomeInode] = {S_IFDIR | 0700, kEmptyText, tables.user, 2};
  kernel.names[0] = {kRoot, kHomeInode, tables.texts.intern(kHomePath.substr(1))};
  return kernel;
}

Result<> put_file(Kernel& kernel, Tables& tables, std::string_view name, std::string_view content) {
  const Text path = tables.texts.intern(name);
  const Text bytes = tables.texts.intern(content);
  if (path == kNoText || bytes == kNoText)
    return usage_error(ErrorCode::kStartFiles, fmt::format("'{}': too long", name));
  const std::uint8_t slot = spawn(kernel, kHomeInode);
  for (std::size_t at = name.find('/'); at != name.npos; at = name.find('/', at + 1)) {
    const Text folder = tables.texts.intern(name.substr(0, at));
    call_on_file(kernel, tables, slot, Op::kMkdirat, AT_FDCWD, folder);
  }
  const Answer opened = call_on_file(kernel, tables, slot, Op::kOpenat, AT_FDCWD, path);
  const auto fd = static_cast<std::int32_t>(opened.result);
  const bool made =
      went_well(opened) && went_well(call_on_file(kernel, tables, slot, Op::kWrite, fd, bytes));
  if (!made)
    return usage_error(ErrorCode::kStartFiles,
                       fmt::format("'{}' cannot be made in the model", name));
  send(kernel, slot, SIGKILL);
  while (can_advance_death(kernel, slot)) advance_death(kernel, slot);
  kernel.last_pid = 0;
  return Nothing{};
}

void set_uptime(Kernel& kernel, std::int64_t uptime_ns) {
  kernel.now_ns = uptime_ns;
  kernel.clock_read = uptime_ns != 0 ? 1 : 0;
}

}  // namespace lockproof::sim
