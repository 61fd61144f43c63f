// SPDX-License-Identifier: Apache-2.0
// ViewedProgram: a program as one process of a world asks it, where the program itself knows pids
// only by names of its own (views.h): who it is by its first name, and others in the order in which
// it met them. So a program that is dear to learn is learned once, whoever runs it, and not anew
// with each new number.
//
// A place of it is a place of the program and what pids are known there. A pid that the program was
// never told stays as it is in its call: a search refuses that (Refusal::kPidAsNumber).
#pragma once

#include <deque>
#include <string_view>
#include <unordered_map>

#include "program/program.h"
#include "sim/views.h"

namespace lockproof::sim {

class ViewedProgram final : public Program {
 public:
  // `pid`: of the process that begins at node 0. `program` and `naming` outlive it.
  ViewedProgram(Program& program, int pid, Naming& naming);

  const Call& call(Node node) const override { return places_[node].call; }
  std::span<const Said> said(Node node) const override { return program_.said(places_[node].node); }
  Result<Node> next(Node node, const Answer& answer) override;
  const Command* command() const override { return program_.command(); }

  // Where the program itself is, and what pids it knows there.
  Node node(Node place) const { return places_[place].node; }
  const View& view(Node place) const { return places_[place].view; }

 private:
  struct Place {
    Node node;
    View view;
    Call call;  // with the pids of the world
  };
  struct HashPlace {
    std::size_t operator()(const std::pair<Node, View>& place) const;
  };
  struct SamePlace {
    bool operator()(const std::pair<Node, View>& a, const std::pair<Node, View>& b) const;
  };

  Node place(Node node, const View& view);

  Program& program_;
  Naming& naming_;
  std::deque<Place> places_;
  std::unordered_map<std::pair<Node, View>, Node, HashPlace, SamePlace> numbers_;
};

}  // namespace lockproof::sim
