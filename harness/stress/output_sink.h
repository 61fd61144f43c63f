// SPDX-License-Identifier: Apache-2.0
// Where the output of subjects goes: a pipe that is emptied all the while. The first bytes are kept
// for people, the rest is counted and dropped, so a subject that writes for ever costs neither
// memory nor disk.
#pragma once

#include <cstdint>
#include <string>

#include "core/fd.h"

namespace lockproof {

class OutputSink {
 public:
  static constexpr std::size_t kKept = 2048;

  OutputSink();

  int write_end() const { return write_.get(); }
  void empty();  // never blocks, bounded work

  const std::string& kept() const { return kept_; }  // raw bytes: escape them to show them
  std::uint64_t bytes() const { return bytes_; }

 private:
  Fd read_;
  Fd write_;
  std::string kept_;
  std::uint64_t bytes_ = 0;
};

}  // namespace lockproof
