// SPDX-License-Identifier: Apache-2.0
// Nodes: where a process is in its program, as one number, with what it has said on the way there.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/mapped.h"
#include "program/program.h"
#include "sim/hash_bytes.h"

namespace lockproof::sim {

// A program's number and a node of it; or one of the two without a program.
using NodeRef = std::uint32_t;
inline constexpr unsigned kNodeBits = 22;  // as many as a Tree has at most
inline constexpr unsigned kPrograms = 16;
// Not in the program, but of the process there: it was forked by another one of the program; and a
// fault that is no signal has struck it, so that it may end in an error.
inline constexpr NodeRef kIsChild = kPrograms << kNodeBits;
inline constexpr NodeRef kGivenError = kIsChild << 1;
// Of what is asked (Asked): it has not begun, so what it says before its first call is said now.
inline constexpr NodeRef kNotBegun = kGivenError << 1;
// Of the process, and of its word in a State alone: a child has owned that contends for it, as what
// a wrapper runs does.
inline constexpr NodeRef kOwnedByChild = kNotBegun << 1;
inline constexpr NodeRef kNoProcess = 0xffc00000;
inline constexpr NodeRef kDead = 0xffc00001;       // one of the cast that runs no more
inline constexpr NodeRef kDeadOther = 0xffc00004;  // another one
inline constexpr NodeRef kIdleChild = 0xffc00003;  // another program, that never does anything
inline constexpr NodeRef kStranger = 0xffc00002;   // a bystander, that never does anything

enum class Attempt : std::uint8_t { kNone, kClaiming, kBusy, kOwns, kGivesUp };

struct NodeAbout {
  std::uint64_t hash = 0;            // of the answers that lead there
  Attempt attempt = Attempt::kNone;  // by what it said last
  bool probing = false;
  bool has_owned = false;
  bool has_claimed = false;  // it has said anything of an attempt
  std::uint8_t says = 0;     // on the way from the node before: kSays...
  std::uint16_t call = 0;    // its call's number, equal calls have one; 0: there was none left
};
static_assert(sizeof(NodeAbout) == 16);
inline constexpr std::uint8_t kSaysClaims = 1;
inline constexpr std::uint8_t kSaysBusy = 2;
inline constexpr std::uint8_t kSaysFailed = 4;
inline constexpr std::uint8_t kSaysOwns = 8;
inline constexpr std::uint8_t kSaysMore = 16;
inline constexpr std::uint8_t kSaysOwnsForParent = 32;

class Nodes {
 public:
  Nodes();

  // Its number. REQUIRES: fewer than kPrograms - 1 so far.
  unsigned add(Program& program);

  static bool is_node(NodeRef ref) { return ref < kNoProcess; }
  static NodeRef first_of(unsigned program) { return program << kNodeBits; }

  // REQUIRES of all: is_node(ref)
  const Call& call(NodeRef ref) const { return programs_[program_of(ref)]->call(node(ref)); }
  std::span<const Said> said(NodeRef ref) const {
    return programs_[program_of(ref)]->said(node(ref));
  }
  const NodeAbout& about(NodeRef ref) const { return about_[ref & (kGivenError - 1)]; }
  // Also of the others.
  std::uint64_t hash(NodeRef ref) const {
    const std::uint64_t given_error = (ref & kGivenError) != 0 ? ~std::uint64_t{0} : 0;
    const std::uint64_t owned = is_node(ref) && (ref & kOwnedByChild) != 0 ? kOwnedByChild : 0;
    return about_[ref & (kGivenError - 1)].hash ^ given_error ^ owned;
  }

  // `answer_hash` is of what the answer means, not of its numbers (texts are numbered by the run).
  Result<NodeRef> next(NodeRef ref, const Answer& answer, std::uint64_t answer_hash);

  // How a process gets to a node that is not the first of its program. Only the bits up to kIsChild
  // of the two count.
  struct Came {
    NodeRef from = 0;
    Answer answer;
    std::uint64_t answer_hash = 0;
  };
  // Null: the first of its program. REQUIRES: is_node(ref)
  const Came* came(NodeRef ref) const {
    const auto found = came_.find(ref & (kGivenError - 1));
    return found == came_.end() ? nullptr : &found->second;
  }
  // Of the programs, which are numbered from 0.
  unsigned programs() const { return static_cast<unsigned>(programs_.size()); }

  std::size_t size() const { return count_; }

 private:
  static unsigned program_of(NodeRef ref) { return ref >> kNodeBits & (kPrograms - 1); }
  static Node node(NodeRef ref) { return ref & ((1u << kNodeBits) - 1); }
  static void listen(NodeAbout& about, std::span<const Said> said);
  std::uint16_t number_of(const Call& call);

  std::vector<Program*> programs_;
  Mapped<NodeAbout> about_{std::size_t{kIsChild} << 1};  // of children in the upper half
  std::unordered_map<NodeRef, Came> came_;
  std::unordered_map<Call, std::uint16_t, HashBytes> calls_;
  std::size_t count_ = 0;
};

}  // namespace lockproof::sim
