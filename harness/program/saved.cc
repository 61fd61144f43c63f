// SPDX-License-Identifier: Apache-2.0
#include "program/saved.h"

#include <fmt/format.h>

namespace lockproof {

Result<Node> SavedProgram::next(Node node, const Answer& answer) {
  if (const auto known = tree_.find(node, answer)) return *known;
  return usage_error(ErrorCode::kTree,
                     fmt::format("the saved tree does not know '{}' at node {}, '{}'",
                                 format(answer, texts_), node, format(tree_.call(node), texts_)));
}

}  // namespace lockproof
