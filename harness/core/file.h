// SPDX-License-Identifier: Apache-2.0
// Files that the user names: read and written as a whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace lockproof {

// At most `most` bytes of a regular file. What is there in its place, a FIFO or a device, neither
// blocks nor is read. Errors: kUsage, with the name of the file.
Result<std::string> read_whole_file(const std::filesystem::path& file, std::size_t most);

// The file is there complete (temporary name, then rename) or as it was; a pipe or a device is
// written to, and never replaced; "-" is standard output. Errors: kInternal, "`what` could not be
// ...". May block on a pipe. If the process dies here, a file FILE.PID-N.tmp may remain.
Result<> write_whole_file(const std::string& what, const std::string& text,
                          const std::string& file);

}  // namespace lockproof
