// SPDX-License-Identifier: Apache-2.0
// What a nursery is told and says: messages over a socket of packets, one answer to each order.
#pragma once

#include <cstdint>
#include <optional>

#include "core/fd.h"

namespace lockproof::live {

struct Order {
  enum class What : std::uint8_t {
    kSpawn,
    kSetNextPid,
    kReap,
    kReapAll,
    kKeepZombies,
    kClear
  } what = What::kSpawn;
  std::uint32_t space = 0;  // the pid namespace that is meant
  std::uint32_t program = 0;
  std::int32_t pid = 0;  // as that namespace has it
};

struct Report {
  std::int32_t error = 0;   // an errno; 0: done
  char sentence[200] = {};  // of the first report, where error is not 0: what could not be had
};

// False: the other end is gone, or does not fit.
bool send_order(int channel, const Order& order);
std::optional<Order> receive_order(int channel);
// `fd`: passed along; -1: none.
bool send_report(int channel, const Report& report, int fd = -1);
struct Received {
  Report report;
  Fd fd;
};
std::optional<Received> receive_report(int channel);

}  // namespace lockproof::live
