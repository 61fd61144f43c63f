// SPDX-License-Identifier: Apache-2.0
// BareTracer: the least that a tracer of real processes has to do, for benchmarks to compare with.
//
// Processes that are copies of one which stands before its first call, and each call of theirs
// stopped before it is made and behind it, in turn: ptrace(2) and nothing else. No registers are
// read but those that a copy needs, nobody chooses, decodes, looks or remembers.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockproof::bench {

class BareTracer {
 public:
  // The program stands before its first call that can be about other processes. Nothing: the host
  // does not permit it.
  static std::unique_ptr<BareTracer> start(const std::vector<std::string>& argv);
  ~BareTracer();
  BareTracer(const BareTracer&) = delete;
  BareTracer& operator=(const BareTracer&) = delete;

  // So many copies, each of which makes a call in turn until all have ended. The stops that this
  // took; 0: something else happened.
  std::uint64_t run(unsigned processes);

 private:
  BareTracer(pid_t original, const user_regs_struct& before)
      : original_(original), before_(before) {}

  pid_t copy();
  bool make_call(pid_t pid);
  int wait(pid_t pid);

  pid_t original_;
  user_regs_struct before_;
  std::uint64_t stops_ = 0;
};

}  // namespace lockproof::bench
