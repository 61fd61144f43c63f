// SPDX-License-Identifier: Apache-2.0
// RelaySys: passes every call on to another kernel, and asks a test before and after each one.
#pragma once

#include <functional>
#include <string_view>

#include "port/forward.h"

namespace solo::testing {

class RelaySys : public port::ForwardSys {
 public:
  explicit RelaySys(port::Sys& kernel) : ForwardSys(kernel) {}

  // A negated errno instead of the call; 0 lets it happen. Not asked where a call cannot fail.
  std::function<int(std::string_view call)> before = [](std::string_view) { return 0; };
  // The call has happened. Its answer may be replaced by a negated errno; 0 leaves it.
  std::function<int(std::string_view call)> after = [](std::string_view) { return 0; };

  // Linux frees the descriptor even when close fails.
  int close(int fd) override {
    const int refused = before("close");
    const int result = next().close(fd);
    const int replaced = after("close");
    return refused != 0 ? refused : replaced != 0 ? replaced : result;
  }

  pid_t getpid() override { return next().getpid(); }
  pid_t getppid() override { return next().getppid(); }
  uid_t geteuid() override { return next().geteuid(); }
  pid_t fork() override { return next().fork(); }
  int execvp(const char* file, char* const argv[]) override { return next().execvp(file, argv); }

 protected:
  int refuse(const char* call) override { return before(call); }
  int replace(const char* call) override { return after(call); }
};

}  // namespace solo::testing
