// SPDX-License-Identifier: Apache-2.0
// Program: what a process asks next, given the answers so far. The search sees processes only
// through this.
//
// A deterministic process is a function of the answers that it got. As a tree: a node is the
// process waiting in one call; for each answer there is one next node. The code runs only to find a
// node that nobody has asked for before; a search walks the tree.
//
//  1. Nodes are numbers, valid as long as the program. 0 is the beginning: the first call.
//  2. call(n) is what the process asks at n. The last call of every path is `exit`; nothing follows
//  it.
//  3. said(n) is what the process has said since the call before (session.h), in order: it is true
//  from that answer on.
//  4. next(n, a) is where the process is when its call at n was answered by a. Always the same node
//  for the same n and a, whatever
//     was asked in between. fork is a call with two answers: its result is 0 in the child.
//  5. A program that does not do the same on the same answers is found out when it is run again,
//  and is an error from then on:
//     nothing is claimed about it.
//
// Not thread-safe: one for each thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/event.h"
#include "core/result.h"
#include "program/call.h"

namespace lockproof {

using Node = std::uint32_t;

class Session;   // session.h
struct Command;  // command.h

// Something that a process says, other than by a call.
struct Said {
  Kind kind = Kind::kClaim;
  Phase phase = Phase::kPoint;
  std::int8_t value = 0;  // as core/events.def says for the kind

  bool operator==(const Said&) const = default;
};

inline bool is_of_an_attempt(Kind kind) {
  return kind == Kind::kClaim || kind == Kind::kBusy || kind == Kind::kOwns ||
         kind == Kind::kGivesUp || kind == Kind::kReleased || kind == Kind::kFailed;
}

// It is no point in time, but begins with the call that follows.
inline bool begins_with_a_call(const Said& said) {
  const bool act = said.kind == Kind::kAutoStart || said.kind == Kind::kDestroy;
  return act && said.phase == Phase::kBegin;
}

class Program {
 public:
  virtual ~Program() = default;

  // REQUIRES: node came from next(), or is 0. The span is valid until the next call of next().
  virtual const Call& call(Node node) const = 0;
  virtual std::span<const Said> said(Node node) const = 0;

  // REQUIRES: call(node) is not `exit`.
  // Errors: kUsage, the subject is not deterministic, or asked what a Call cannot say;
  // kEnvironment, a bound was reached.
  virtual Result<Node> next(Node node, const Answer& answer) = 0;

  // The code itself, where it is code of ours, for a process of the host to run. Null: the program
  // is known by its answers only.
  virtual const std::function<void(Session& session)>* body() const { return nullptr; }

  // What the host has to execute, where the program is somebody else's. Null: it is not.
  virtual const Command* command() const { return nullptr; }
};

}  // namespace lockproof
