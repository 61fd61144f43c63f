// SPDX-License-Identifier: Apache-2.0
// Wakeup tree: what is still to be explored from a state, as sequences of steps that share their
// beginnings (Abdulla, Aronis, Jonsson, Sagonas: Source sets: a foundation for optimal dynamic
// partial order reduction, JACM 2017, section 6). Branches are explored in their order.
//
// A step here is known exactly: what it touches was seen by taking it, after the steps above it.
// So is each sequence: it can be executed from the state of the tree.
//
// A fault is optional: a run may come to its end without it. So a fault that does not depend on a
// sequence does not make it superfluous, as a step of a process does, which has to come sooner or
// later.
#pragma once

#include <vector>

#include "explore/actors.h"
#include "explore/footprint.h"

namespace lockproof {

struct KnownStep {
  Choice choice;
  Actor actor = 0;
  bool optional = false;
  Footprint footprint;
};
using Sequence = std::vector<KnownStep>;

// Weak initials: whether some run that begins with `first` goes on as one that begins with
// `sequence`, up to the order of steps that do not depend on each other. Then who explores all runs
// that begin with `first` need not try `sequence`.
bool may_come_first(const KnownStep& first, const Sequence& sequence);

class WakeupTree {
 public:
  struct Branch;

  bool empty() const { return branches_.empty(); }
  const std::vector<Branch>& branches() const { return branches_; }

  // Whether a run that begins with the sequence will be explored already.
  bool covers(Sequence sequence) const;
  // Adds what is missing so that a run that begins with the sequence is explored, up to the order
  // of independent steps. False: nothing was. The tree itself is never taken for a leaf: it may be
  // empty because its branches were taken.
  bool insert(Sequence sequence);
  // REQUIRES: !empty()
  Branch take_first();

 private:
  std::vector<Branch>::const_iterator descend(Sequence& sequence) const;

  std::vector<Branch> branches_;
};

struct WakeupTree::Branch {
  KnownStep first;
  WakeupTree rest;  // empty: a leaf; what comes after it is free
};

}  // namespace lockproof
