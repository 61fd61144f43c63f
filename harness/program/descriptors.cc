// SPDX-License-Identifier: Apache-2.0
#include "program/descriptors.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>

#include "trace/proc.h"

namespace lockproof {
namespace {

constexpr int kFirst = 3;

}  // namespace

std::optional<int> Descriptors::known(int fd) const {
  for (const auto& [number, known] : descriptors_) {
    if (number == fd) return known;
  }
  return std::nullopt;
}

bool Descriptors::translate(Call& call) const {
  if (call.op <= Op::kFstatat) return call.fd == AT_FDCWD;
  if (call.op > Op::kFcntlLock) return true;
  const auto from = known(call.fd);
  if (call.op == Op::kDup2) {
    const auto to = known(call.fd2);
    if (!from && !to) return false;
    if (from && to) {
      call.fd = *from;
      call.fd2 = *to;
      return true;
    }
    if (to) {
      call = Call{.op = Op::kClose};
      call.fd = *to;
      return true;
    }
    call = Call{.op = (call.flags & O_CLOEXEC) != 0 ? Op::kDupAbove : Op::kDup};
  }
  if (!from) return false;
  call.fd = *from;
  // Its lowest free number is as good as any: only here it has a meaning.
  if (call.op == Op::kDup || call.op == Op::kDupAbove) call.flags = 0;
  return true;
}

std::int64_t Descriptors::follow(const KernelCall& raw, const Call& call, std::int64_t result,
                                 std::optional<std::int64_t> told) {
  if (result < 0) return result;
  const auto made = [&](int known) {
    open(static_cast<int>(result), known);
    return std::int64_t{known};
  };
  const auto number = [&] { return told ? static_cast<int>(*told) : next(); };
  switch (call.op) {
    case Op::kOpenat:
    case Op::kDup:
    case Op::kDupAbove:
      return made(number());
    case Op::kDup2:
      return made(call.fd2);
    case Op::kClose:
      close(static_cast<int>(raw.arguments[raw.number == SYS_dup3 ? 1 : 0]));
      return 0;
    default:
      return result;
  }
}

void Descriptors::forget_closed(pid_t pid) {
  std::erase_if(descriptors_, [&](const auto& descriptor) {
    return what_is_open(pid, descriptor.first).empty();
  });
}

int Descriptors::next() const {
  int number = kFirst;
  const auto is_taken = [&](const auto& descriptor) { return descriptor.second == number; };
  while (std::any_of(descriptors_.begin(), descriptors_.end(), is_taken)) ++number;
  return number;
}

void Descriptors::open(int fd, int known) {
  close(fd);
  descriptors_.emplace_back(fd, known);
}

void Descriptors::close(int fd) {
  std::erase_if(descriptors_, [&](const auto& descriptor) { return descriptor.first == fd; });
}

}  // namespace lockproof
