// SPDX-License-Identifier: Apache-2.0
// Descriptors: two numbers of each file that matters to a run. By the kernel's the program names
// it; the world's counts only what matters, so that a library that is open at the moment makes no
// difference: its numbers begin at 3, and the lowest free one is next.
//
// A process has one of these; a child a copy of its parent's.
#pragma once

#include <sys/types.h>

#include <optional>
#include <utility>
#include <vector>

#include "program/call.h"
#include "trace/tracee.h"

namespace lockproof {

class Descriptors {
 public:
  std::optional<int> known(int fd) const;
  const std::vector<std::pair<int, int>>& all() const { return descriptors_; }

  // To the world's numbers. What is done to a number that matters by one that does not (dup2) is a
  // close. False: it is about a descriptor that is not known.
  bool translate(Call& call) const;
  // The kernel has made `raw`, of which `call` was asked, and returned `result`. What the world's
  // would return; where the world has answered already, `told` is that.
  std::int64_t follow(const KernelCall& raw, const Call& call, std::int64_t result,
                      std::optional<std::int64_t> told = {});
  // After exec: what is not open any more is forgotten.
  void forget_closed(pid_t pid);

 private:
  int next() const;
  void open(int fd, int known);
  void close(int fd);

  std::vector<std::pair<int, int>> descriptors_;
};

}  // namespace lockproof
