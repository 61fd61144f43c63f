// SPDX-License-Identifier: Apache-2.0
// A script: a program that asks the same whatever it is answered. For tests and for what is
// generated.
//
//   say claim                            said on the way to the next call
//   open cwd "f" O_RDWR|O_CREAT 0600     a call, as parse_call() reads it
//   exit 3                               an end; without one, the script ends with exit 0
//
// A forked child goes on with what comes after the fork; an exec goes on with what comes after it.
//
// A node is a line, and after which fork the process was born: at the same line a child has said
// less than its parent.
#pragma once

#include <string>
#include <vector>

#include "program/program.h"

namespace lockproof {

class ScriptProgram final : public Program {
 public:
  // An error names the line. What stands after an exit is never reached.
  static Result<ScriptProgram> parse(const std::vector<std::string>& lines, Texts& texts);

  const Call& call(Node node) const override { return step(node).call; }
  std::span<const Said> said(Node node) const override { return step(node).said; }
  Result<Node> next(Node node, const Answer& answer) override {
    const auto lines = static_cast<Node>(steps_.size());
    const bool born = call(node).op == Op::kFork && answer.result == 0;
    return born ? (node % lines + 1) * (lines + 1) : node + 1;
  }

 private:
  struct Step {
    Call call;
    std::vector<Said> said;
  };
  const Step& step(Node node) const { return steps_[node % steps_.size()]; }

  std::vector<Step> steps_;
};

}  // namespace lockproof
