// SPDX-License-Identifier: Apache-2.0
// Store: every situation of a search once, packed, with what is asked of it often.
//
// A search meets the same situation in many states (the processes are elsewhere in their code, the
// kernel is the same), so a state names its situation by a number.
#pragma once

#include <string>
#include <string_view>

#include "core/mapped.h"
#include "sim/canonical.h"
#include "world/fingerprints.h"

namespace lockproof::sim {

// Which files a subject's promises are about, relative to the directory that processes start in;
// "" where there is none.
struct Roles {
  std::string record;
  std::string lock;
  ReadPid read_record{};
  // As these two, of the side file.
  std::string side{};
  ReadPid read_side{};
};

using SituationId = std::uint32_t;

struct About {
  Fingerprint fingerprint;
  std::uint64_t packed : 48;                   // where it begins
  std::int64_t side : 8;                       // as in Facts
  std::uint64_t orphans : 8;                   // as in Facts
  std::array<std::uint32_t, kProcesses> keys;  // of slots: equal if only their numbers differ
  Places present;
  Places running;
  Places stopped;
  Places dying;        // advance_death() has a next step for them
  Places waking;       // their sleep is over
  Places asleep;       // it is not
  std::int8_t record;  // as in Facts
  std::int8_t lock;
};
static_assert(sizeof(About) == 64);

class Store {
 public:
  static constexpr std::size_t kMaxSituations = std::size_t{1} << 28;

  Store(Tables& tables, Naming& naming, Roles roles);

  // REQUIRES: `situation` is canonical.
  SituationId put(const Situation& situation);
  Situation get(SituationId id) const;
  const About& about(SituationId id) const { return about_[id]; }

  // The role's file: its inode, or kNone.
  std::uint8_t record_inode(const Kernel& kernel) const { return inode_at(kernel, record_path_); }
  std::uint8_t lock_inode(const Kernel& kernel) const { return inode_at(kernel, lock_path_); }
  std::uint8_t side_inode(const Kernel& kernel) const { return inode_at(kernel, side_path_); }

  std::size_t size() const { return ids_.size(); }
  std::size_t bytes() const;
  std::size_t bytes_to_grow() const { return ids_.bytes_to_grow(); }

 private:
  std::uint8_t inode_at(const Kernel& kernel, Text path) const;
  Fingerprint fingerprint(const Situation& situation) const;
  About describe(const Situation& situation) const;
  std::int8_t named_by(const Kernel& kernel, Text path, const ReadPid& read) const;
  std::int8_t lock_of(const Kernel& kernel) const;
  std::uint32_t key_of(const Situation& situation, std::uint8_t slot) const;

  Tables& tables_;
  Naming& naming_;
  Roles roles_;
  Text record_path_;
  Text lock_path_;
  Text side_path_;
  Mapped<About> about_{kMaxSituations};
  Mapped<std::uint8_t> packed_{kMaxSituations * 64};
  std::size_t packed_bytes_ = 0;
  Fingerprints ids_{kMaxSituations};
};

}  // namespace lockproof::sim
