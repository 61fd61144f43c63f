// SPDX-License-Identifier: Apache-2.0
#include "program/script.h"

#include <fmt/format.h>

#include <utility>

#include "program/tree.h"

namespace lockproof {

Result<ScriptProgram> ScriptProgram::parse(const std::vector<std::string>& lines, Texts& texts) {
  constexpr std::string_view kSay = "say ";
  ScriptProgram script;
  std::vector<Said> said;
  for (const std::string& line : lines) {
    if (line.starts_with(kSay)) {
      const auto one = parse_said(std::string_view(line).substr(kSay.size()));
      if (!one)
        return usage_error(ErrorCode::kTree, fmt::format("'{}': nothing that can be said", line));
      said.push_back(*one);
      continue;
    }
    const auto call = parse_call(line, texts);
    if (!call)
      return usage_error(call.error().code, fmt::format("'{}': {}", line, call.error().sentence));
    script.steps_.push_back({*call, std::exchange(said, {})});
  }
  Call end;
  end.op = Op::kExit;
  script.steps_.push_back({end, std::move(said)});
  return script;
}

}  // namespace lockproof
