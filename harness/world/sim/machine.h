// SPDX-License-Identifier: Apache-2.0
// Machine: a kernel for tests that reads like a terminal: it takes calls as text and gives answers
// as text. The working directory "/home" exists; processes are named by their slots.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sim/kernel.h"

namespace lockproof::sim {

class Machine {
 public:
  Machine() {
    kernel.inodes[kRoot].nlink = 3;
    kernel.inodes[1] = {S_IFDIR | 0700, kEmptyText, 0, 2};
    kernel.names[0] = {kRoot, 1, tables.texts.intern("home")};
  }

  std::uint8_t start(unsigned space = 0) { return spawn(kernel, 1, space); }

  // The answer, or what is wrong with the call.
  std::string operator()(std::uint8_t slot, std::string_view line) {
    const auto call = parse_call(line, tables.texts);
    if (!call.ok()) return call.error().sentence;
    return format(step(kernel, tables, slot, *call), tables.texts);
  }

  bool can(std::uint8_t slot, std::string_view line) {
    const auto call = parse_call(line, tables.texts);
    EXPECT_TRUE(call.ok()) << line;
    return enabled(kernel, tables, slot, *call);
  }

  std::uint8_t fork(std::uint8_t parent) {
    const auto call = parse_call("fork", tables.texts);
    return slot_meant(kernel, parent, step(kernel, tables, parent, *call).result);
  }

  Life life(std::uint8_t slot) const { return kernel.processes[slot].life; }
  void die_completely(std::uint8_t slot) {
    while (can_advance_death(kernel, slot)) advance_death(kernel, slot);
  }

  Kernel kernel = boot();
  Texts texts;
  Tables tables{texts};
};

}  // namespace lockproof::sim
