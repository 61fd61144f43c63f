// SPDX-License-Identifier: Apache-2.0
// PerturbedSys: random delays before system calls. Plain bursts hardly ever find a race between two
// calls of a lock; one delay between them nearly always does.
//
// Most calls are not touched. The others give up the processor, or sleep for a time drawn so that
// each order of magnitude from 10 us to 100 ms is equally likely to be met in a second of running:
// a race needs a delay longer than its opponent's whole claim, and nobody knows how long that is.
#pragma once

#include "core/random.h"
#include "port/forward.h"

namespace lockproof {

class PerturbedSys final : public solo::port::ForwardSys {
 public:
  PerturbedSys(Sys& next, Random random) : ForwardSys(next), random_(random) {}

 protected:
  int refuse(const char* call) override;  // delays, and refuses nothing

 private:
  Random random_;
};

}  // namespace lockproof
