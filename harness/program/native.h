// SPDX-License-Identifier: Apache-2.0
// A native program: a built-in subject, its code unchanged, on a fiber.
//
// Each call of the subject's Sys parks the fiber, and the call is a node of the tree. An answer
// resumes it. Its code runs once for each sequence of answers that nobody has asked for before:
// where the fiber that was run last is not at the wanted node, a new one is led there by the
// answers that lead there, and each call on the way is compared with the tree.
//
// Where the code says that a loop begins anew (Session::repeats), and has said so before, at the
// same call and with the same said, it is at the same node. It is then led round some more times,
// and must ask the same each time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "program/program.h"
#include "program/session.h"
#include "program/tree.h"

namespace lockproof {

class NativeProgram final : public Program {
 public:
  using Body = std::function<void(Session& session)>;

  // Runs `body` up to its first call. `dir` is what its session says; `texts` must outlive the
  // program. When `body` returns, the process exits with status 0.
  NativeProgram(Body body, std::string dir, Texts& texts);
  ~NativeProgram() override;

  const Call& call(Node node) const override { return tree_.call(node); }
  std::span<const Said> said(Node node) const override { return tree_.said(node); }
  Result<Node> next(Node node, const Answer& answer) override;
  const Body* body() const override { return &body_; }

  const Tree& tree() const { return tree_; }
  std::uint64_t runs() const { return runs_; }  // how often the code was started

 private:
  class Run;

  // Where the run is after `answer` at `node`: a new node, or one where a loop begins anew.
  Result<Node> arrive(Node node, const Answer& answer);
  bool leads_to(Node head, Node node) const;
  // Round the loop that begins at `head` and goes back to it by `answer` at `last`.
  Result<> go_round(Node head, Node last, const Answer& answer);
  // What the run asks is what is asked at `node`.
  Result<> compare(Node node);

  // The run that waits at `node`, made anew if need be. An error if it did something else on the
  // way.
  Result<> lead_to(Node node);

  Body body_;
  std::string dir_;
  Texts& texts_;
  Tree tree_;
  std::vector<Node> heads_;  // where loops begin anew
  std::unique_ptr<Run> run_;
  Node at_ = 0;  // where run_ is
  std::uint64_t runs_ = 0;
  std::optional<Error> broken_;  // found not to be deterministic
};

}  // namespace lockproof
