// SPDX-License-Identifier: Apache-2.0
// SharedPage: memory that a world shares with all its processes, at one address in all of them.
//
// What a process says between two calls is written there: to stop for each word would cost as much
// as a call. So are the arguments of calls that are put into a process, where nothing has to be
// copied, and no page of it for being written to.
//
// One process of a run goes on at a time, and whoever let it go takes its words when it stops. If a
// process dies in the middle of a word, that is not counted. A program that was executed has none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "program/program.h"

namespace lockproof::live {

class SharedPage {
 public:
  // Gone with this object, but for processes that were forked while it was there. Ends the caller
  // where there is no memory.
  SharedPage();
  ~SharedPage();
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  // In a process of the run. More words than there is room for are counted, and lost.
  void say(const Said& word) const;
  // By the world: what was said since the last time. False: there was no room for all.
  bool take_words(std::vector<Said>& words) const;

  static constexpr std::size_t kRoomBytes = 256;
  // Where arguments stand, as the kernel is told.
  std::uint64_t room() const { return reinterpret_cast<std::uint64_t>(bytes()); }
  template <class T>
  void put(const T& value) const {
    static_assert(sizeof value <= kRoomBytes);
    std::memcpy(bytes(), &value, sizeof value);
  }
  template <class T>
  void get(T& value) const {
    static_assert(sizeof value <= kRoomBytes);
    std::memcpy(&value, bytes(), sizeof value);
  }

 private:
  char* bytes() const;

  struct Content;
  Content* const content_;
};

}  // namespace lockproof::live
