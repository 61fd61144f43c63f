// SPDX-License-Identifier: Apache-2.0
// Asks the cache for what is looked at soon.
#pragma once

namespace lockproof {

// GCC takes a function that does nothing but prefetch for one that does nothing, and drops its
// calls: whoever wraps this one must be inlined always, too.
#define LOCKPROOF_ALWAYS_INLINE __attribute__((always_inline))

LOCKPROOF_ALWAYS_INLINE inline void prefetch(const void* address) { __builtin_prefetch(address); }

}  // namespace lockproof
