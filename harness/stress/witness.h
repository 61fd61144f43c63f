// SPDX-License-Identifier: Apache-2.0
// The witness: where contending processes say what they do, in one total order, and where a kill
// can tear nothing.
//
// A ring of 64-bit slots in a shared mapping. An event is one compare-and-swap of one slot, so it
// is there or it is not: a process that dies (or is stopped for long) between two instructions
// leaves no hole, no half event and no lock behind. Who finds the slot at `tail` filled moves
// `tail` on for the one who filled it (as in Michael and Scott's queue, PODC 1996).
//
// 1. If one append returns before another begins, it stands before it in the ring.
// 2. A slot carries the lap in which it is free, so a writer that slept through a whole lap fails
// its swap. (It would have to
//    sleep through exactly 2^9 laps of 2^20 events to be fooled.)
// 3. One process drains; it alone moves `head`. A full ring makes writers wait for it: nothing is
// lost.
//
// The mapping is a file, because programs that were exec'ed reach it by its path.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "core/event.h"
#include "core/result.h"

namespace lockproof {

// What fits into a slot. Events of processes have no target and no detail.
struct Mark {
  Kind kind = Kind::kTick;
  Phase phase = Phase::kPoint;
  Object object = Object::kNone;
  Life life = kHarness;    // below 2^22
  std::int64_t value = 0;  // -8 .. 2^23 - 9: a pid, a seen::, a Change, a wait status of 16 bits
};

class Witness {
 public:
  static constexpr std::uint64_t kSlots = 1u << 20;
  static constexpr Life kLives = 1u << 22;

  // Creates the file (it must not exist) and maps it. / Maps an existing one. The mapping survives
  // fork, and ends with the process.
  static Result<Witness> create(const std::string& path);
  static Result<Witness> attach(const std::string& path);

  // Any process. Waits while the ring is full, so no event is ever dropped (a lost `gives_up` would
  // look like a second owner).
  void append(const Mark& mark);
  // Only the drainer: as append(), but returns false when the ring is full, so that it can drain
  // first.
  bool try_append(const Mark& mark);

  // Only the drainer: hands over up to `limit` events in order, with their place in the ring
  // from 1.
  std::size_t drain(std::size_t limit,
                    const std::function<void(std::uint64_t seq, const Mark& mark)>& sink);

  Life new_life();

  // The end of the run: contenders finish what they do and exit.
  void close_run();
  bool run_closed() const;

  // Owners take this long, at most, drawn for each hold; set before processes start.
  void set_hold_us_max(std::uint32_t us);
  std::uint32_t hold_us_max() const;

 private:
  struct Page;
  explicit Witness(Page* page) : page_(page) {}
  static Result<Witness> map(const std::string& path, int flags);

  Page* page_;
};

}  // namespace lockproof
