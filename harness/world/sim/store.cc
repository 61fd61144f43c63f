// SPDX-License-Identifier: Apache-2.0
#include "sim/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <utility>

#include "core/event.h"
#include "sim/home.h"
#include "sim/internal.h"

namespace lockproof::sim {
namespace {

// More than any situation takes, with what its fingerprint adds.
constexpr std::size_t kMostBytes = 2 * sizeof(Situation);

// Bytes, one after the other.
class Packer {
 public:
  template <class T>
  void add(const T& value) {
    add(&value, sizeof value);
  }
  void add(const void* from, std::size_t size) {
    std::memcpy(bytes_.data() + size_, from, size);
    size_ += size;
  }
  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return size_; }

 private:
  std::array<std::uint8_t, kMostBytes> bytes_;
  std::size_t size_ = 0;
};

template <class T>
void take(const std::uint8_t*& from, T& value) {
  std::memcpy(&value, from, sizeof value);
  from += sizeof value;
}

// What follows the arrays in a Kernel.
constexpr std::size_t kScalars = offsetof(Kernel, now_ns);
constexpr std::size_t kScalarBytes = sizeof(Kernel) - kScalars;

// What is used of each array. Inodes keep their places; names and open files have no gaps.
struct Used {
  std::uint8_t processes = 0;
  std::uint8_t names = 0;
  std::uint8_t open_files = 0;
  std::uint8_t zero = 0;
  std::uint32_t inodes = 0;
};

Used used_of(const Kernel& kernel) {
  Used used;
  for (unsigned i = 0; i < kProcesses; ++i) {
    if (kernel.processes[i].life != Life::kAbsent) used.processes |= static_cast<Places>(1u << i);
  }
  for (unsigned i = 0; i < kInodes; ++i) {
    if (kernel.inodes[i].mode != 0) used.inodes |= 1u << i;
  }
  while (used.names < kNames && kernel.names[used.names].inode != 0) ++used.names;
  while (used.open_files < kOpenFiles && kernel.open_files[used.open_files].kind != Kind::kFree) {
    ++used.open_files;
  }
  return used;
}

void pack(const Situation& situation, Packer& packer) {
  const Kernel& kernel = situation.kernel;
  const Used used = used_of(kernel);
  packer.add(used);
  packer.add(reinterpret_cast<const std::uint8_t*>(&kernel) + kScalars, kScalarBytes);
  for (unsigned i = 0; i < kProcesses; ++i) {
    if ((used.processes >> i & 1) == 0) continue;
    packer.add(kernel.processes[i]);
    packer.add(situation.views[i]);
  }
  for (unsigned i = 0; i < kInodes; ++i) {
    if ((used.inodes >> i & 1) != 0) packer.add(kernel.inodes[i]);
  }
  packer.add(kernel.names.data(), used.names * sizeof(Name));
  packer.add(kernel.open_files.data(), used.open_files * sizeof(OpenFile));
}

Situation unpack(const std::uint8_t* from) {
  Situation situation{};
  Kernel& kernel = situation.kernel;
  Used used;
  take(from, used);
  std::memcpy(reinterpret_cast<std::uint8_t*>(&kernel) + kScalars, from, kScalarBytes);
  from += kScalarBytes;
  for (unsigned i = 0; i < kProcesses; ++i) {
    if ((used.processes >> i & 1) == 0) continue;
    take(from, kernel.processes[i]);
    take(from, situation.views[i]);
  }
  for (unsigned i = 0; i < kInodes; ++i) {
    if ((used.inodes >> i & 1) != 0) take(from, kernel.inodes[i]);
  }
  for (unsigned i = 0; i < used.names; ++i) take(from, kernel.names[i]);
  for (unsigned i = 0; i < used.open_files; ++i) take(from, kernel.open_files[i]);
  return situation;
}

}  // namespace

Store::Store(Tables& tables, Naming& naming, Roles roles)
    : tables_(tables),
      naming_(naming),
      roles_(std::move(roles)),
      record_path_(tables.texts.intern(roles_.record)),
      lock_path_(tables.texts.intern(roles_.lock)) {}

SituationId Store::put(const Situation& situation) {
  const Fingerprint print = fingerprint(situation);
  const auto [place, fresh] = ids_.try_emplace(print, static_cast<SituationId>(count_));
  if (!fresh) return place->second;
  About about = describe(situation);
  about.fingerprint = print;
  about.packed = packed_bytes_;
  Packer packer;
  pack(situation, packer);
  std::memcpy(&packed_[packed_bytes_], packer.data(), packer.size());
  packed_bytes_ += packer.size();
  about_[count_++] = about;
  return place->second;
}

Situation Store::get(SituationId id) const { return unpack(&packed_[about_[id].packed]); }

// Texts are numbered in the order in which they were met: their bytes count here, not their
// numbers.
Fingerprint Store::fingerprint(const Situation& situation) const {
  Situation bare = situation;
  std::array<std::uint64_t, kInodes + kNames> texts{};
  for (unsigned i = 0; i < kInodes; ++i) {
    texts[i] = tables_.texts.hash(std::exchange(bare.kernel.inodes[i].content, kEmptyText));
  }
  for (unsigned i = 0; i < kNames; ++i) {
    texts[kInodes + i] = tables_.texts.hash(std::exchange(bare.kernel.names[i].text, kEmptyText));
  }
  Packer packer;
  pack(bare, packer);
  packer.add(texts);
  const XXH128_hash_t hash = XXH3_128bits(packer.data(), packer.size());
  return {hash.high64, hash.low64};
}

About Store::describe(const Situation& situation) const {
  const Kernel& kernel = situation.kernel;
  About about{};
  const std::int64_t ms = kernel.now_ns / 1'000'000;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const Process& process = kernel.processes[slot];
    if (process.life == Life::kAbsent) continue;
    const auto bit = static_cast<Places>(1u << slot);
    about.present |= bit;
    if (process.life == Life::kRunning) about.running |= bit;
    if (process.life == Life::kStopped) about.stopped |= bit;
    if (can_advance_death(kernel, slot)) about.dying |= bit;
    if (process.wake != 0) (process.wake <= ms ? about.waking : about.asleep) |= bit;
    about.keys[slot] = key_of(situation, slot);
  }
  about.record = record_of(kernel);
  about.lock = lock_of(kernel);
  return about;
}

std::uint8_t Store::inode_at(const Kernel& kernel, Text path) const {
  if (path == kEmptyText) return kNone;
  std::uint8_t inode = kHomeInode;
  const Path& parts = tables_.path(path);
  for (unsigned i = 0; i < parts.count && inode != kNone; ++i) {
    inode = is_directory(kernel, inode) ? inode_named(kernel, inode, parts.parts[i]) : kNone;
  }
  return inode;
}

std::int8_t Store::record_of(const Kernel& kernel) const {
  const std::uint8_t inode = record_inode(kernel);
  if (inode == kNone) return kRecordAbsent;
  const std::string_view content = tables_.texts[kernel.inodes[inode].content];
  const std::int64_t value = roles_.read_record(content);
  if (value == seen::kEmpty) return kRecordEmpty;
  if (value == seen::kAbsent) return kRecordAbsent;
  if (value < 0) return kRecordTorn;
  const std::uint8_t slot = slot_of(kernel, value);
  return slot == kNone ? kRecordOther : static_cast<std::int8_t>(slot);
}

std::int8_t Store::lock_of(const Kernel& kernel) const {
  const std::uint8_t named = lock_inode(kernel);
  if (named != kNone && is_locked(kernel, named)) return kLockHeld;
  return has_orphan_lock(kernel) ? kLockOrphan : kLockFree;
}

// Nothing that depends on how slots and pids are numbered, but for where the process's pid stands.
std::uint32_t Store::key_of(const Situation& situation, std::uint8_t slot) const {
  const Kernel& kernel = situation.kernel;
  Packer bytes;
  Process process = kernel.processes[slot];
  const std::uint8_t pid = process.pid;
  process.pid = process.group = 0;
  process.parent = process.parent == kInit ? kInit : 0;
  for (std::uint8_t& fd : process.fds) {
    if (fd == 0) continue;
    OpenFile file = kernel.open_files[(fd & ~kCloseOnExec) - 1u];
    if (file.kind == Kind::kPidfd || file.kind == Kind::kProcStat)
      file.object = file.object == kNone;
    bytes.add(file);
    fd &= kCloseOnExec;
  }
  bytes.add(process);
  bytes.add(situation.views[slot].count);
  std::uint64_t key = XXH3_64bits(bytes.data(), bytes.size());
  for (std::uint8_t inode = 0; inode < kInodes; ++inode) {
    for (const Mention& mention : naming_.mentions(kernel.inodes[inode].content)) {
      const std::array<std::uint16_t, 2> where = {inode, mention.at};
      if (mention.pid == pid) key = XXH3_64bits_withSeed(where.data(), sizeof where, key);
    }
  }
  return static_cast<std::uint32_t>(key);
}

std::size_t Store::bytes() const {
  constexpr std::size_t kPerId = sizeof(Fingerprint) + sizeof(SituationId) + 2 * sizeof(void*) + 8;
  return count_ * sizeof(About) + packed_bytes_ + ids_.size() * kPerId +
         ids_.bucket_count() * sizeof(void*);
}

}  // namespace lockproof::sim
