// SPDX-License-Identifier: Apache-2.0
#include "stress/output_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace lockproof {
namespace {

constexpr int kReadsATurn = 64;

}  // namespace

OutputSink::OutputSink() {
  std::array<int, 2> fds{-1, -1};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return;
  read_ = Fd(fds[0]);
  write_ = Fd(fds[1]);
  ::fcntl(read_.get(), F_SETFL, O_NONBLOCK);
}

void OutputSink::empty() {
  std::array<char, 65536> buffer;
  for (int i = 0; i < kReadsATurn && read_; ++i) {
    const ssize_t size = ::read(read_.get(), buffer.data(), buffer.size());
    if (size <= 0) return;
    const auto count = static_cast<std::size_t>(size);
    bytes_ += count;
    kept_.append(buffer.data(), std::min(count, kKept - std::min(kKept, kept_.size())));
  }
}

}  // namespace lockproof
