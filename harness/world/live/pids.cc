// SPDX-License-Identifier: Apache-2.0
#include "live/pids.h"

#include <utility>

namespace lockproof::live {

void Pids::restart() {
  last_ = {};
  again_ = 0;
}

int Pids::take(unsigned space) {
  if (again_ != 0 && space_of(again_) == space) {
    note_reuse();
    return std::exchange(again_, 0);
  }
  return root_pid(space, kPidBase + ++last_[space]);
}

unsigned Pids::space_of(std::int64_t pid) const {
  const std::int64_t block = (pid - kPidBase) / kPidBlock;
  const bool below = pid >= kPidBase && block > 0 && block < kSpaces;
  return below && last_[static_cast<unsigned>(block)] != 0 ? static_cast<unsigned>(block) : 0;
}

bool Pids::was_given(int pid) const {
  const unsigned space = space_of(pid);
  const int index = own_pid(space, pid) - kPidBase;
  return index > 0 && index <= last_[space];
}

std::int64_t Pids::meant(unsigned space, std::int64_t number) const {
  if (space == 0) return number;
  const bool fits = number > kPidBase && number < kPidBase + kPidBlock;
  return fits ? root_pid(space, static_cast<int>(number)) : 0;
}

bool Pids::is_init_below(unsigned space, std::int64_t number) const {
  return space == 0 && space_of(number) != 0 && (number - kPidBase) % kPidBlock == 0;
}

}  // namespace lockproof::live
