// SPDX-License-Identifier: Apache-2.0
// Footprint: what a step read and wrote, as places of a memory that all processes share. Two steps
// of different actors depend on each other when one writes what the other reads or writes.
//
// A step is an atomic block of such reads and writes, and what it touches is decided by what it
// reads. So steps that do not depend on each other commute, and touch the same in both orders: the
// happens-before relation of an execution is that of its footprints, as in shared memory.
#pragma once

#include <cstdint>
#include <vector>

namespace lockproof {

// What a place of the memory is. `number` tells those of one kind apart.
enum class Cell : std::uint8_t {
  kName,     // a path: whether there is something, and what
  kContent,  // of a file
  kMode,     // of a file
  kLinks,    // of a file: how many names, whether anybody has it open
  kHeld,     // of a file: what keeps it. Who is killed decides by it, and counts as who writes it
  kLock,     // of a file: who holds which lock
  kOffset,   // of an open file: where it is, who shares it
  kPort,     // who has it, and whether somebody listens
  kInodes,   // which numbers are free
  kPids,     // which numbers are used
  kRun,      // of a process: signals, stops, and whether it dies
  kExists,   // of a process: born, zombie, reaped, whose child
  kClock,
  kTold  // the order of what the claims read: who owns, what is recorded
};

class Footprint {
 public:
  void reads(Cell cell, std::uint64_t number = 0) { add(cell, number, false); }
  void writes(Cell cell, std::uint64_t number = 0) { add(cell, number, true); }
  void touches_everything() { everything_ = true; }

  friend bool dependent(const Footprint& a, const Footprint& b);

 private:
  struct Access {
    std::uint64_t number;
    Cell cell;
    bool write;
  };
  void add(Cell cell, std::uint64_t number, bool write) {
    accesses_.push_back({number, cell, write});
  }

  std::vector<Access> accesses_;
  bool everything_ = false;
};

inline bool dependent(const Footprint& a, const Footprint& b) {
  if (a.everything_ || b.everything_) return true;
  for (const Footprint::Access& one : a.accesses_) {
    for (const Footprint::Access& other : b.accesses_) {
      const bool same = one.cell == other.cell && one.number == other.number;
      if (same && (one.write || other.write)) return true;
    }
  }
  return false;
}

}  // namespace lockproof
