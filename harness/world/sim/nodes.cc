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

unsigned Nodes::add(Program& program) {
  assert(programs_.size() < kPrograms);
  NodeAbout about;
  about.hash = combine(programs_.size() + 1, 0);
  listen(about, program.said(0));
  programs_.push_back({&program, {about}});
  return static_cast<unsigned>(programs_.size() - 1);
}

Result<NodeRef> Nodes::next(NodeRef ref, const Answer& answer, std::uint64_t answer_hash) {
  Known& known = programs_[ref >> kNodeBits];
  const auto to = known.program->next(node(ref), answer);
  if (!to.ok()) return to.error();
  if (*to >= known.about.size()) known.about.resize(*to + 1);
  NodeAbout& about = known.about[*to];
  if (about.hash == 0 && *to != 0) {
    const NodeAbout& before = known.about[node(ref)];
    // What its parent said, a child has not said.
    const bool child = call(ref).op == Op::kFork && answer.result == 0;
    about = child ? NodeAbout{} : before;
    about.hash = combine(before.hash, answer_hash);
    about.says = 0;
    listen(about, known.program->said(*to));
  }
  return (ref & ~((1u << kNodeBits) - 1)) | *to;
}

void Nodes::listen(NodeAbout& about, std::span<const Said> said) {
  for (const Said& word : said) {
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
        break;
      case lockproof::Kind::kGivesUp:
        about.attempt = Attempt::kGivesUp;
        break;
      case lockproof::Kind::kReleased:
        about.attempt = Attempt::kNone;
        break;
      case lockproof::Kind::kProbe:
        about.probing = word.phase == Phase::kBegin;
        break;
      default:
        break;
    }
  }
}

std::size_t Nodes::size() const {
  std::size_t count = 0;
  for (const Known& known : programs_) count += known.about.size();
  return count;
}

}  // namespace lockproof::sim
