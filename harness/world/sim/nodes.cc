// SPDX-License-Identifier: Apache-2.0
#include "sim/nodes.h"

#include <cassert>

namespace lockproof::sim {
namespace {

std::uint64_t combine(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = (a ^ b) * 0x9e3779b97f4a7c15u + b;
  z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93u;
  return z ^ (z >> 32);
}

}  // namespace

// Those without a program have what would be the last program's: whoever asks for a hash need not
// tell them from nodes. Theirs are the smallest, so they come first where places are exchanged.
Nodes::Nodes() {
  for (const NodeRef ref : {kNoProcess, kDead, kStranger, kIdleChild, kDeadOther}) {
    static_assert((kNoProcess & kGivenError) != 0, "hash() gives the complement");
    about_[ref & (kGivenError - 1)].hash = ~std::uint64_t{ref};
  }
}

unsigned Nodes::add(Program& program) {
  assert(programs_.size() < kPrograms - 1);
  const auto number = static_cast<unsigned>(programs_.size());
  programs_.push_back(&program);
  NodeAbout& about = about_[first_of(number)];
  about.hash = combine(programs_.size(), 0);
  about.call = number_of(program.call(0));
  listen(about, program.said(0));
  ++count_;
  return number;
}

std::uint16_t Nodes::number_of(const Call& call) {
  const std::size_t next = calls_.size() + 1;
  if (next > 0xffff) return 0;
  return calls_.try_emplace(call, static_cast<std::uint16_t>(next)).first->second;
}

Result<NodeRef> Nodes::next(NodeRef ref, const Answer& answer, std::uint64_t answer_hash) {
  Program& program = *programs_[program_of(ref)];
  const auto node = program.next(Nodes::node(ref), answer);
  if (!node.ok()) return node.error();
  const bool born = call(ref).op == Op::kFork && answer.result == 0;
  NodeRef to = (ref & (kIsChild | kGivenError)) | first_of(program_of(ref)) | *node;
  if (born) to = (to & ~kGivenError) | kIsChild;
  NodeAbout& about = about_[to & (kGivenError - 1)];
  if (about.hash != 0) return to;
  // What its parent said, a child has not said.
  const NodeAbout& before = Nodes::about(ref);
  if (!born) about = before;
  about.hash = combine(before.hash, answer_hash);
  about.says = 0;
  came_[to & (kGivenError - 1)] = {ref & (kGivenError - 1), answer, answer_hash};
  about.call = number_of(program.call(*node));
  listen(about, program.said(*node));
  ++count_;
  return to;
}

void Nodes::listen(NodeAbout& about, std::span<const Said> said) {
  bool contends_for_parent = false;
  for (const Said& word : said) {
    about.has_claimed = about.has_claimed || is_of_an_attempt(word.kind);
    switch (word.kind) {
      case lockproof::Kind::kClaim:
        about.attempt = Attempt::kClaiming;
        about.says |= kSaysClaims;
        break;
      case lockproof::Kind::kBusy:
        about.attempt = Attempt::kBusy;
        about.says |= kSaysBusy;
        break;
      case lockproof::Kind::kFailed:
        about.attempt = Attempt::kNone;
        about.says |= kSaysFailed;
        break;
      case lockproof::Kind::kOwns:
        about.attempt = Attempt::kOwns;
        about.has_owned = true;
        about.says |= kSaysOwns;
        if (contends_for_parent) about.says |= kSaysOwnsForParent;
        break;
      case lockproof::Kind::kGivesUp:
        about.attempt = Attempt::kGivesUp;
        about.says |= kSaysMore;
        break;
      case lockproof::Kind::kReleased:
        about.attempt = Attempt::kNone;
        about.says |= kSaysMore;
        break;
      case lockproof::Kind::kProbe:
        about.probing = word.phase == Phase::kBegin;
        break;
      case lockproof::Kind::kStart:
        contends_for_parent = static_cast<Role>(word.value) == Role::kContender;
        about.says |= kSaysMore;
        break;
      default:
        about.says |= kSaysMore;
        break;
    }
  }
}

}  // namespace lockproof::sim
