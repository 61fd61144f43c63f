// SPDX-License-Identifier: Apache-2.0
#include "check/judge.h"

namespace lockproof {

Result<Judged> judge(Stage& stage, const std::vector<std::string>& invariants, const Bounds& bounds,
                     const CheckOptions& options) {
  if (options.strategy == kSearch) return judge_by_search(stage, invariants, options);
  return judge_by_runs(stage, invariants, bounds, options);
}

}  // namespace lockproof
