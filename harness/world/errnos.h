// SPDX-License-Identifier: Apache-2.0
// The errors that a call can be given as a fault: what Linux documents for it and a healthy system
// rarely says. The place in the list is a part of schedules: append only. At most 16 a call.
#pragma once

#include <cerrno>
#include <span>

#include "program/call.h"

namespace lockproof {

inline std::span<const int> errnos_of(Op op) {
  static constexpr int kMakesFile[] = {EMFILE, ENOSPC, EINTR, EACCES};
  static constexpr int kMakesName[] = {ENOSPC, EIO};
  static constexpr int kRemovesName[] = {EIO, EACCES};
  static constexpr int kWrites[] = {ENOSPC, EIO, EINTR};
  static constexpr int kReads[] = {EIO, EINTR};
  static constexpr int kSyncs[] = {EIO, ENOSPC};
  static constexpr int kLocks[] = {EINTR, ENOLCK};
  static constexpr int kMakesDescriptor[] = {EMFILE};
  static constexpr int kForks[] = {EAGAIN, ENOMEM};
  static constexpr int kWaits[] = {EINTR};
  switch (op) {
    case Op::kOpenat:
      return kMakesFile;
    case Op::kMkdirat:
    case Op::kLinkat:
    case Op::kSymlinkat:
    case Op::kRenameat:
      return kMakesName;
    case Op::kUnlinkat:
      return kRemovesName;
    case Op::kWrite:
    case Op::kPwrite:
      return kWrites;
    case Op::kRead:
    case Op::kPread:
      return kReads;
    case Op::kFsync:
    case Op::kFtruncate:
      return kSyncs;
    case Op::kFlock:
    case Op::kFcntlLock:
      return kLocks;
    case Op::kDupAbove:
    case Op::kDup:
    case Op::kPidfdOpen:
    case Op::kSignalFd:
    case Op::kSocket:
      return kMakesDescriptor;
    case Op::kFork:
      return kForks;
    case Op::kWaitpid:
    case Op::kPoll:
    case Op::kSleep:
      return kWaits;
    default:
      return {};
  }
}

}  // namespace lockproof
