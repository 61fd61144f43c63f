// SPDX-License-Identifier: Apache-2.0
// Pids: which pid a process of a run gets, and whom a number means in which pid namespace.
//
// They are those of the simulated kernel (docs/MODEL.md, "Pid namespaces"): the root one of the run
// is 0, up to three lie below it; in each they count from 1001, and who lives below has another one
// in the root namespace. "A pid" without more words is that of the root one.
#pragma once

#include <array>
#include <cstdint>

namespace lockproof::live {

inline constexpr int kPidBase = 1000;   // pids count from the next one
inline constexpr int kPidBlock = 64;    // between a namespace's pids, as the root one has them
inline constexpr unsigned kSpaces = 4;  // the root one included

// What a process of that namespace is called there, and in the root one.
constexpr int own_pid(unsigned space, int pid) { return pid - kPidBlock * static_cast<int>(space); }
constexpr int root_pid(unsigned space, int own) {
  return own + kPidBlock * static_cast<int>(space);
}

class Pids {
 public:
  // A new boot: all count from the beginning.
  void restart();

  // The next one of a namespace.
  int take(unsigned space);
  // The next take() in the namespace of this pid gives it again.
  void give_again(int pid) { again_ = pid; }
  // Somebody was born with a pid that another one had.
  void note_reuse() { ++reuses_; }
  unsigned reuses() const { return reuses_; }

  // Somebody has had it, since the last boot.
  bool was_given(int pid) const;
  // Whose it is. Where nobody ever lived, a number is the root namespace's.
  unsigned space_of(std::int64_t pid) const;
  // Whom a process of `space` means by a number; 0: nobody.
  std::int64_t meant(unsigned space, std::int64_t number) const;
  // It is that of a namespace's init, for a process of `space`, which lives above it.
  bool is_init_below(unsigned space, std::int64_t number) const;

 private:
  std::array<int, kSpaces> last_{};  // 0: none since the boot
  int again_ = 0;
  unsigned reuses_ = 0;
};

}  // namespace lockproof::live
