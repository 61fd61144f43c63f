// SPDX-License-Identifier: Apache-2.0
#include "program/call.h"

namespace lockproof {
namespace {

constexpr std::string_view kOpNames[] = {
#define LOCKPROOF_CALL(identifier, name, arguments) name,
#include "program/calls.def"
#undef LOCKPROOF_CALL
};

struct RefusalText {
  std::string_view name;
  std::string_view sentence;
};
constexpr RefusalText kRefusals[] = {
#define LOCKPROOF_REFUSAL(identifier, name, sentence) {name, sentence},
#include "program/refusals.def"
#undef LOCKPROOF_REFUSAL
};

}  // namespace

bool pauses(const Call& call) {
  const bool waits = call.op == Op::kSleep || call.op == Op::kPoll;
  return call.op == Op::kHold || (waits && call.size != 0);
}

std::string_view name(Op op) { return kOpNames[static_cast<std::size_t>(op)]; }

std::optional<Op> op_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kOpNames); ++i) {
    if (kOpNames[i] == name) return static_cast<Op>(i);
  }
  return std::nullopt;
}

std::string_view name(Refusal refusal) { return kRefusals[static_cast<std::size_t>(refusal)].name; }
std::string_view sentence(Refusal refusal) {
  return kRefusals[static_cast<std::size_t>(refusal)].sentence;
}

}  // namespace lockproof
