// SPDX-License-Identifier: Apache-2.0
// A command of somebody else's on a stage: in the place where a built-in subject would stand, with
// verbs that are programs which a live world starts.
#pragma once

#include <memory>
#include <string>

#include "program/command.h"
#include "subject/scenario.h"

namespace lockproof {

struct StandIn {
  std::string name, record, lock;
  Builtin builtin;  // names the three; its verbs do nothing
  Scenario scenario;
  std::string owner;
  std::string directory;

  // Its processes are not the owners, but start them.
  bool launches() const;
  // What a process of the cast runs that does these in turn: several by a shell, of which the last
  // one takes the place.
  Command command(const std::vector<std::string>& verbs) const;
  // Of such a process: it starts something if any of them does.
  Role role_of(const std::vector<std::string>& verbs) const;
};

// `owner`: the program that {critical} stands for. Errors: kUsage, no folder of this host is free
// for the directory of a run, because the command needs what lies in it; or, of a wrapper, there is
// no `owner`.
Result<std::unique_ptr<StandIn>> stand_in_for(const Scenario& scenario, const std::string& owner);

// What a file holds before the run (docs/SCENARIO.md), for a record that is a pid as text. Errors:
// kUsage, another word.
Result<std::string> left_by_command(std::string_view state, int self);

}  // namespace lockproof
