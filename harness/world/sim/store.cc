// SPDX-License-Identifier: Apache-2.0
#include "sim/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/event.h"
#include "sim/home.h"
#include "sim/internal.h"

namespace lockproof::sim {
namespace {

static_assert(sizeof(Situation) % 8 == 0);
constexpr std::size_t kWords = sizeof(Situation) / 8;
constexpr std::size_t kMaskBytes = (kWords + 7) / 8;

// Most of a situation is zero: a mask says which words are not, then of each of these a mask says
// which bytes are not, and they follow. Gives the size.
std::size_t squeeze(const Situation& situation, std::uint8_t* const to) {
  std::array<std::uint64_t, kWords> words;
  std::memcpy(words.data(), &situation, sizeof situation);
  std::memset(to, 0, kMaskBytes);
  std::uint8_t* end = to + kMaskBytes;
  for (std::size_t i = 0; i < kWords; ++i) {
    if (words[i] == 0) continue;
    to[i / 8] = static_cast<std::uint8_t>(to[i / 8] | 1 << i % 8);
    std::uint8_t* const mask = end++;
    *mask = 0;
    for (std::uint64_t word = words[i]; word != 0;) {
      const int byte = std::countr_zero(word) / 8;
      *mask = static_cast<std::uint8_t>(*mask | 1 << byte);
      *end++ = static_cast<std::uint8_t>(word >> byte * 8);
      word &= ~(std::uint64_t{0xff} << byte * 8);
    }
  }
  return static_cast<std::size_t>(end - to);
}

Situation unsqueeze(const std::uint8_t* const from) {
  std::array<std::uint64_t, kWords> words{};
  const std::uint8_t* next = from + kMaskBytes;
  for (std::size_t i = 0; i < kMaskBytes; ++i) {
    for (unsigned some = from[i]; some != 0; some &= some - 1) {
      std::uint64_t& word = words[i * 8 + static_cast<unsigned>(std::countr_zero(some))];
      for (unsigned mask = *next++; mask != 0; mask &= mask - 1) {
        word |= std::uint64_t{*next++} << std::countr_zero(mask) * 8;
      }
    }
  }
  Situation situation;
  std::memcpy(&situation, words.data(), sizeof situation);
  return situation;
}

}  // namespace

Store::Store(Tables& tables, Naming& naming, Roles roles)
    : tables_(tables),
      naming_(naming),
      roles_(std::move(roles)),
      record_path_(tables.texts.intern(roles_.record)),
      lock_path_(tables.texts.intern(roles_.lock)),
      side_path_(tables.texts.intern(roles_.side)) {}

SituationId Store::put(const Situation& situation) {
  const Fingerprint print = fingerprint(situation);
  const auto [id, fresh] = ids_.insert(print);
  if (!fresh) return id;
  About about = describe(situation);
  about.fingerprint = print;
  about.packed = packed_bytes_;
  packed_bytes_ += squeeze(situation, &packed_[packed_bytes_]);
  about_[id] = about;
  return id;
}

Situation Store::get(SituationId id) const { return unsqueeze(&packed_[about_[id].packed]); }

// Texts are numbered in the order in which they were met: their bytes count here, not their
// numbers.
Fingerprint Store::fingerprint(const Situation& situation) const {
  struct {
    Kernel kernel;
    std::array<View, kProcesses> views;
    std::array<std::uint64_t, kInodes + kNames> texts;
  } all{situation.kernel, situation.views, {}};
  static_assert(sizeof all == sizeof all.kernel + sizeof all.views + sizeof all.texts);
  for (unsigned i = 0; i < kInodes; ++i) {
    all.texts[i] = tables_.texts.hash(std::exchange(all.kernel.inodes[i].content, kEmptyText));
  }
  for (unsigned i = 0; i < kNames; ++i) {
    all.texts[kInodes + i] =
        tables_.texts.hash(std::exchange(all.kernel.names[i].text, kEmptyText));
  }
  XXH128_hash_t hash = XXH3_128bits(&all, sizeof all);
  if (const Remembered& remembered = situation.remembered; !remembered.empty()) {
    hash.low64 ^= XXH3_64bits_withSeed(&remembered, sizeof remembered, hash.low64);
    hash.high64 ^= XXH3_64bits_withSeed(&remembered, sizeof remembered, hash.high64);
  }
  return {hash.high64, hash.low64};
}

About Store::describe(const Situation& situation) const {
  const Kernel& kernel = situation.kernel;
  About about{};
  unsigned orphans = 0;
  const std::int64_t ms = kernel.now_ns / 1'000'000;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const Process& process = kernel.processes[slot];
    if (process.life == Life::kAbsent) continue;
    const auto bit = static_cast<Places>(1u << slot);
    about.present |= bit;
    if (process.life == Life::kRunning) about.running |= bit;
    if (process.life == Life::kStopped) about.stopped |= bit;
    if (can_advance_death(kernel, slot)) about.dying |= bit;
    if (process.wake > ms) about.asleep |= bit;
    // Who is stopped does not return from its sleep, and holds up no clock.
    const bool over = process.wake != 0 && process.wake <= ms;
    if (over && process.life == Life::kRunning) about.waking |= bit;
    about.keys[slot] = key_of(situation, slot);
    const bool depends =
        situation.remembered.role[slot] == static_cast<std::uint8_t>(Role::kDependant);
    const bool lives = process.life == Life::kRunning || process.life == Life::kStopped;
    if (lives && depends && process.parent == kInit) orphans |= bit;
  }
  about.orphans = orphans & 0xff;
  about.record = named_by(kernel, record_path_, roles_.read_record);
  about.side = named_by(kernel, side_path_, roles_.read_side);
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

std::int8_t Store::named_by(const Kernel& kernel, Text path, const ReadPid& read) const {
  if (path == kEmptyText) return kRecordNone;
  const std::uint8_t inode = inode_at(kernel, path);
  if (inode == kNone) return kRecordAbsent;
  const std::int64_t value = read(tables_.texts[kernel.inodes[inode].content]);
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
  constexpr std::size_t kAllButAlarm = offsetof(Process, alarm);
  struct {
    std::array<std::uint8_t, kAllButAlarm> process;
    std::array<OpenFile, kDescriptors> files;
    std::array<std::uint8_t, 4> known;
  } own{{}, {}, {situation.views[slot].count}};
  static_assert(sizeof own == kAllButAlarm + kDescriptors * sizeof(OpenFile) + 4);
  Process process = kernel.processes[slot];
  const std::uint8_t pid = process.pid;
  process.pid = process.group = 0;
  process.parent = process.parent == kInit ? kInit : 0;
  for (unsigned i = 0; i < kDescriptors; ++i) {
    std::uint8_t& fd = process.fds[i];
    if (fd == 0) continue;
    OpenFile& file = own.files[i];
    file = kernel.open_files[(fd & ~kCloseOnExec) - 1u];
    const bool of_process = file.kind == Kind::kPidfd || file.kind == Kind::kProcStat;
    if (of_process) file.object = file.object == kNone;
    fd &= kCloseOnExec;
  }
  std::memcpy(own.process.data(), &process, kAllButAlarm);
  std::uint64_t key = XXH3_64bits(&own, sizeof own);
  // Hardly anybody has one: the orders of all others are what they would be without.
  if (process.alarm != kNoAlarm)
    key = XXH3_64bits_withSeed(&process.alarm, sizeof process.alarm, key);
  for (std::uint8_t inode = 0; inode < kInodes; ++inode) {
    for (const Mention& mention : naming_.mentions(kernel.inodes[inode].content)) {
      const std::array<std::uint16_t, 2> where = {inode, mention.at};
      if (mention.pid == pid) key = XXH3_64bits_withSeed(where.data(), sizeof where, key);
    }
  }
  return static_cast<std::uint32_t>(key);
}

std::size_t Store::bytes() const { return size() * sizeof(About) + packed_bytes_ + ids_.bytes(); }

}  // namespace lockproof::sim
