// SPDX-License-Identifier: Apache-2.0
// Likeness: what a tracee that stands before a call has in it, as a number. Two that have the same
// likeness do the same from here on, as long as they are told the same: a loop that remembers
// nothing of its rounds is found by it.
//
// It is a hash of all that a process can go by: registers, the memory that it has written (the rest
// is what the files say that are mapped), what is mapped, its descriptors, and what the kernel
// keeps for it (masks, pending signals, limits, ids, folders). What cannot be looked at, such as
// the handlers of its signals, is for the caller to add. Of two processes that differ only in what
// nobody reads any more the likeness may differ; what lies below the stack is left out.
//
// Cost: to read what it has written, about a millisecond for 2 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "trace/tracee.h"

namespace lockproof {

struct Likeness {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const Likeness&) const = default;
};
struct HashLikeness {
  std::size_t operator()(const Likeness& likeness) const { return likeness.low; }
};

// Of nothing but these bytes.
Likeness likeness(std::string_view bytes);

// `more`: what the caller knows of it, or tells it apart by. `described`: descriptors of which that
// says what they are open on. Nothing: it has memory that is not its own alone, or too much.
// REQUIRES: before a call.
std::optional<Likeness> likeness(const StoppedTracee& tracee, std::string_view more,
                                 std::span<const int> described);

}  // namespace lockproof
