// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lockproof {

// Raised when a member of a JSON report changes its meaning (docs/REPORTS.md).
inline constexpr int kReportSchema = 1;

}  // namespace lockproof
