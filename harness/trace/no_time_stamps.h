// SPDX-License-Identifier: Apache-2.0
// NoTimeStamps: the calling thread, and whom it makes meanwhile, may not read the time stamp
// counter (PR_SET_TSC, prctl(2)).
//
// Programs of somebody else may not, so that each run of theirs is the same. Then each turn between
// one of them and a tracer that may changes a control register of the processor; under a hypervisor
// that costs more than the turn itself. So neither may.
//
// Who reads it none the less, by a clock of the vDSO, say, is answered by a handler of SIGSEGV,
// which costs microseconds: see core/clock.h. The handler is for all threads and stays; what else
// faults goes to the one that was there before. A child that has no handler, and a thread that
// blocks SIGSEGV, are killed by such a read.
//
// Until its end; the thread then may again if it might before. REQUIRES: ended by the same thread.
#pragma once

namespace lockproof {

class NoTimeStamps {
 public:
  NoTimeStamps();
  ~NoTimeStamps();
  NoTimeStamps(const NoTimeStamps&) = delete;
  NoTimeStamps& operator=(const NoTimeStamps&) = delete;

 private:
  bool ends_ = false;  // by its end
};

// The length of an instruction at these bytes that reads the counter, of which the second form says
// on which processor, too; 0: it does not.
inline constexpr unsigned kMostTimeStampBytes = 3;
constexpr unsigned reads_time_stamp(const unsigned char (&code)[kMostTimeStampBytes]) {
  if (code[0] != 0x0f) return 0;
  if (code[1] == 0x31) return 2;
  return code[1] == 0x01 && code[2] == 0xf9 ? 3 : 0;
}

}  // namespace lockproof
