// SPDX-License-Identifier: Apache-2.0
#include "sim/viewed_program.h"

#include <cstring>

namespace lockproof::sim {

ViewedProgram::ViewedProgram(Program& program, int pid, Naming& naming)
    : program_(program), naming_(naming) {
  place(0, View{{static_cast<std::uint8_t>(pid - kPidBase)}, 1});
}

std::size_t ViewedProgram::HashPlace::operator()(const std::pair<Node, View>& place) const {
  std::uint64_t view = 0;
  static_assert(sizeof view == sizeof place.second);
  std::memcpy(&view, &place.second, sizeof view);
  return (view ^ place.first) * 0x9e3779b97f4a7c15u;
}

bool ViewedProgram::SamePlace::operator()(const std::pair<Node, View>& a,
                                          const std::pair<Node, View>& b) const {
  return a.first == b.first && std::memcmp(&a.second, &b.second, sizeof a.second) == 0;
}

Node ViewedProgram::place(Node node, const View& view) {
  const auto fresh = static_cast<Node>(places_.size());
  const auto [known, is_new] = numbers_.try_emplace({node, view}, fresh);
  if (!is_new) return known->second;
  Call call = program_.call(node);
  if (!outward(call, view, naming_)) call = program_.call(node);
  places_.push_back({node, view, call});
  return fresh;
}

Result<Node> ViewedProgram::next(Node node, const Answer& answer) {
  const Place& here = places_[node];
  View view = here.view;
  Answer told = answer;
  if (!inward(here.call.op, told, view, naming_)) {
    return environment_error(ErrorCode::kTooMany,
                             "the program gets to know more pids than it can be told apart by");
  }
  forget_reaped(here.call.op, told, view);
  const auto to = program_.next(here.node, told);
  if (!to.ok()) return to.error();
  return place(*to, view);
}

}  // namespace lockproof::sim
