// SPDX-License-Identifier: Apache-2.0
// What a process of a run says between two calls, in memory that it shares with the world: to stop
// for each word would cost as much as a call.
//
// One process of a run goes on at a time, and whoever let it go takes its words when it stops. If a
// process dies in the middle of a word, that is not counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "program/program.h"

namespace lockproof::live {

class Spoken {
 public:
  // A page of its own, gone with this object, and shared with all processes that are forked while
  // it is there. Ends the process where there is no memory.
  Spoken();
  ~Spoken();
  Spoken(const Spoken&) = delete;
  Spoken& operator=(const Spoken&) = delete;

  // In a process of the run. More words than there is room for are counted, and lost.
  void say(const Said& word) const;
  // By the world: what was said since the last time. False: there was no room for all.
  bool take(std::vector<Said>& words) const;

 private:
  struct Page;
  Page* const page_;
};

}  // namespace lockproof::live
