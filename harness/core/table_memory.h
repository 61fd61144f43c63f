// SPDX-License-Identifier: Apache-2.0
// Table memory: address space for the tables of a search, used as far as it is written to.
//
// Of memory; or, since spill_tables_to(), of files in a folder, which the kernel writes out where
// memory is short, and reads back as far as is asked for. They never had a name (O_TMPFILE,
// open(2)), so nothing is left of them, however the process ends. Children do not see them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"

namespace lockproof {

// For the tables that are made from now on, of all the process. Once, before there are threads.
// Errors: kUsage, no file of that size can be made there, with the kernel's reason.
Result<> spill_tables_to(const std::string& folder);

// For how many bytes that folder has room; nothing when none was named. Look before tables grow:
// one that is written to without room ends the process, with a sentence (SIGBUS, mmap(2)).
std::optional<std::uint64_t> room_to_spill();

// What the process has in memory, but for what the kernel can write out: what is promised is the
// process, not our count.
std::size_t resident_bytes();

// All bytes zero. Throws std::bad_alloc.
void* map_table(std::size_t bytes);
void unmap_table(void* table, std::size_t bytes);

}  // namespace lockproof
