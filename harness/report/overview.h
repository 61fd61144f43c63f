// SPDX-License-Identifier: Apache-2.0
// The whole run as a picture: time to the right, a lane a process, bars of ownership and of locks.
#pragma once

#include <string>

#include "report/course.h"

namespace lockproof {

// Where the row `index` of so many stands in the picture.
double overview_x(std::size_t index, std::size_t rows);

// As SVG. `prefix` begins the ids of rows, to which marks and faults link; `pair`: as in RunResult.
std::string overview(const Course& course, std::uint64_t pair, const std::string& prefix);

}  // namespace lockproof
