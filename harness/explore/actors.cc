// SPDX-License-Identifier: Apache-2.0
#include "explore/actors.h"

#include <algorithm>
#include <vector>

namespace lockproof {
namespace {

constexpr unsigned kErrnos = 16;  // alternatives of a victim: choices.h

}  // namespace

Actor actor_of(Choice choice) {
  if (!is_fault(choice)) return choice.actor;
  switch (static_cast<Letter>(choice.actor)) {
    case Letter::kKill:
    case Letter::kTerm:
    case Letter::kExecChild:
    case Letter::kPidReuse:
      return static_cast<Actor>(choice.alternative);
    case Letter::kStop:
      return static_cast<Actor>(choice.alternative % kGoOn);
    case Letter::kErrno:
      return static_cast<Actor>(choice.alternative / kErrnos);
    default:
      return choice.actor;
  }
}

bool may_wait(Op op) {
  return op == Op::kFlock || op == Op::kFcntlLock || op == Op::kWaitpid || op == Op::kRead ||
         op == Op::kPoll || op == Op::kSleep;
}

bool is_about_owners(const std::string& claim) {
  static const std::vector<std::string> all = {"one_owner",
                                               "record_names_owner",
                                               "clean_exit",
                                               "losers_touch_nothing",
                                               "only_the_owner_clears",
                                               "no_stranger_signalled"};
  return std::find(all.begin(), all.end(), claim) != all.end();
}

}  // namespace lockproof
