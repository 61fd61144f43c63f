// SPDX-License-Identifier: Apache-2.0
// A real process that makes real calls, one at a time, as it is asked to over a socket: the other
// side of linux_test.cc. It is forked, or started again by exec as a program of its own.
#pragma once

#include "program/call.h"

namespace lockproof::sim {

// The sockets of workers have these numbers, so that descriptors below stay as in the model.
inline constexpr int kWorkerChannels = 100;      // + slot: the worker's end
inline constexpr int kControllerChannels = 200;  // + slot

struct Request {
  Call call;               // texts are in the members below
  std::int32_t next_slot;  // fork: the child's
  bool hello;              // fork: the child says that it is there
  std::uint32_t size[2];   // of the texts
  char text[2][512];
};

struct Reply {
  Answer answer;  // `text` is in the members below
  std::uint32_t size;
  char text[2048];
};

// A reply of its own to the controller, who sees by the credentials which pid it has there.
void say_hello(int slot);
// Serves requests for as long as the controller lives.
[[noreturn]] void serve(int slot);
// The same after an exec: says first that it worked, and which handlers had run before.
[[noreturn]] void serve_after_exec(int slot, int caught);

}  // namespace lockproof::sim
