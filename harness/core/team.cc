// SPDX-License-Identifier: Apache-2.0
#include "core/team.h"

namespace lockproof {

Team::Team(unsigned members) : members_(members), begin_(members), end_(members) {
  for (unsigned member = 1; member < members; ++member) {
    threads_.emplace_back([this, member] { serve(member); });
  }
}

Team::~Team() {
  work_ = nullptr;
  begin_.arrive_and_wait();
}

void Team::run(const std::function<void(unsigned)>& work) {
  work_ = &work;
  begin_.arrive_and_wait();
  work(0);
  end_.arrive_and_wait();
}

void Team::serve(unsigned member) {
  for (;;) {
    begin_.arrive_and_wait();
    if (work_ == nullptr) return;
    (*work_)(member);
    end_.arrive_and_wait();
  }
}

}  // namespace lockproof
