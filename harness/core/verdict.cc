// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.h"

#include <algorithm>

namespace lockproof {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kViolated:
      return "violated";
    case Verdict::kInconclusive:
      return "inconclusive";
    case Verdict::kSkipped:
      return "skipped";
  }
  return "inconclusive";
}

std::string_view name(FindingClass finding_class) {
  switch (finding_class) {
    case FindingClass::kSafety:
      return "safety";
    case FindingClass::kLiveness:
      return "liveness";
    case FindingClass::kDesign:
      return "design";
  }
  return "safety";
}

std::uint64_t count_of(const RunResult& result, std::string_view name) {
  for (const auto& [key, value] : result.counts) {
    if (key == name) return value;
  }
  return 0;
}

Verdict worst(const std::vector<RunResult>& results) {
  if (results.empty()) return Verdict::kInconclusive;  // nothing ran, so nothing was shown
  const auto any = [&](Verdict wanted) {
    return std::any_of(results.begin(), results.end(),
                       [&](const RunResult& result) { return result.verdict == wanted; });
  };
  for (Verdict verdict : {Verdict::kViolated, Verdict::kInconclusive, Verdict::kHolds}) {
    if (any(verdict)) return verdict;
  }
  return Verdict::kSkipped;
}

ExitCode exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return kExitHolds;
    case Verdict::kViolated:
      return kExitViolated;
    case Verdict::kInconclusive:
      return kExitInconclusive;
    case Verdict::kSkipped:
      return kExitSkipped;
  }
  return kExitInternal;
}

}  // namespace lockproof
