// SPDX-License-Identifier: Apache-2.0
// Steps that are faults, other than signals: what they make of a situation.
#include <bit>
#include <cassert>
#include <utility>

#include "sim/edges.h"
#include "sim/home.h"
#include "sim/steps.h"
#include "world/errnos.h"

namespace lockproof::sim {

// As SimWorld has it: the call does nothing, and is answered.
Result<> Steps::learn_errno(Edge& edge, Situation& situation) {
  const unsigned place = static_cast<unsigned>(edge.act) - static_cast<unsigned>(Act::kErrno);
  Process& self = situation.kernel.processes[edge.slot];
  Answer answer = fail(errnos_of(nodes_.call(edge.what).op)[place]);
  answer.caught = std::exchange(self.caught, std::uint8_t{0});
  self.wake = 0;
  hear_before(edge, situation);
  const auto next = nodes_.next(edge.what | kGivenError, answer, hash_of(answer));
  if (!next.ok()) return next.error();
  edge.node = *next;
  edge.says = nodes_.about(edge.node).says;
  heard_ = {nodes_.said(edge.node).begin(), nodes_.said(edge.node).end()};
  if (auto passed = pass(edge, situation, edge.slot, edge.node); !passed.ok()) return passed;
  hear(edge, situation, edge.slot);
  pass_deaths(situation, edge.slot);
  settle(edge, situation, kSameOrder);
  return Nothing{};
}

void Steps::learn_pid_reuse(Edge& edge, Situation& situation) {
  const int pid = kPidBase + static_cast<int>(edge.what);
  edge.child = spawn_stranger(situation.kernel, kHomeInode, pid);
  edge.child_node = kStranger;
  if (edge.child == kNone) return refuse(edge, Call{}, Refusal::kProcesses);
  edge.born = static_cast<std::uint8_t>(edge.what);
  settle(edge, situation, kSameOrder);
}

// Who starts after it keeps its slot.
Result<> Steps::learn_reboot(Edge& edge, Situation& situation) {
  Kernel& kernel = situation.kernel;
  const Kernel before = kernel;
  reboot(kernel);
  const Remembered earlier = std::exchange(situation.remembered, Remembered{});
  situation.remembered.started = earlier.started;
  situation.remembered.on_purpose = earlier.on_purpose;
  Beginning nodes;
  nodes.fill(kNoProcess);
  Order order{};
  std::uint8_t spawned = 0;
  std::uint8_t others = static_cast<std::uint8_t>(std::popcount(edge.what));
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    if ((edge.what >> slot & 1) == 0) {
      order[slot] = others++;
      continue;
    }
    order[slot] = spawn(kernel, kHomeInode, namespace_of(before, pid_of(before.processes[slot])));
    assert(order[slot] == spawned && "there was room for it before");
    nodes[slot] = beginning_[slot];
    situation.remembered.role[spawned] = earlier.role[slot];
    if (auto opened = open(situation, spawned++, nodes[slot]); !opened.ok()) return opened;
  }
  settle(edge, situation, order);
  edge.node = static_cast<NodeRef>(started_.size());
  started_.push_back(nodes);
  return Nothing{};
}

}  // namespace lockproof::sim
