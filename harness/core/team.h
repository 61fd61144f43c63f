// SPDX-License-Identifier: Apache-2.0
// Team: some threads that do the parts of one work, again and again, in step.
#pragma once

#include <barrier>
#include <functional>
#include <thread>
#include <vector>

namespace lockproof {

class Team {
 public:
  // The caller is the first of `members`; the others are threads that wait. REQUIRES: members >= 1
  explicit Team(unsigned members);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  unsigned size() const { return members_; }

  // Calls work(0) to work(size() - 1), each on a thread of its own, the first on this one. Returns
  // when all have returned; what they wrote is seen then. They must not throw.
  void run(const std::function<void(unsigned member)>& work);

 private:
  void serve(unsigned member);

  const unsigned members_;
  std::barrier<> begin_;
  std::barrier<> end_;
  const std::function<void(unsigned)>* work_ = nullptr;  // null: no more
  std::vector<std::jthread> threads_;
};

}  // namespace lockproof
