// SPDX-License-Identifier: Apache-2.0
// Test only: which call a process makes next, for linux_test.cc. Few names, few descriptors, few
// contents, so that sequences meet.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "sim/linux_pair.h"

namespace lockproof::sim {

// What rapidcheck makes and shrinks; the meaning of the numbers depends on the state, see Picker.
struct Pick {
  std::uint8_t process, op, a, b, c, d;
};

// Two thirds of the sequences are about locks only, or ports only, whose rules show after many
// calls on one file or port: without these, a flock that keeps its lock in a failed conversion went
// unseen for 20,000 sequences.
// Containers (pid namespaces) need several processes from the beginning, and are a test of their
// own.
enum class Theme : std::uint8_t { kAll, kLocks, kPorts, kContainers };

class Picker {
 public:
  Picker(LinuxPair& pair, Theme theme, const Pick& pick)
      : pair_(pair), theme_(theme), pick_(pick) {}

  // kNone: nobody runs.
  std::uint8_t slot() const;

  Call call() const;

 private:
  Text name(unsigned pick) const;
  Text opened(unsigned pick) const;
  // One file for the locks, and all the pids.
  Text opened_by_namespaces(unsigned pick) const;
  Text content(unsigned pick) const;
  static int descriptor(unsigned pick);
  static int directory(unsigned pick);
  static int open_flags(unsigned access, unsigned bits);
  static int signal(unsigned pick);
  std::int64_t pid(unsigned pick) const;
  void fill(Call& call) const;
  void fill_names(Call& call) const;
  void open_lock_file(Call& call) const;
  void fill_files(Call& call) const;
  void fill_sockets(Call& call) const;
  void fill_processes(Call& call) const;
  unsigned most_live() const;
  unsigned live() const;
  template <class T>
  static T one_of(std::initializer_list<T> choices, unsigned pick) {
    return choices.begin()[pick % choices.size()];
  }
  template <class T, std::size_t N>
  static T one_of(const T (&choices)[N], unsigned pick) {
    return choices[pick % N];
  }

  LinuxPair& pair_;
  Theme theme_;
  const Pick& pick_;
};

}  // namespace lockproof::sim
