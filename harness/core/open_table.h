// SPDX-License-Identifier: Apache-2.0
// OpenTable: a hash table with open addressing that grows where it is.
//
// An entry's home is given by the high bits of its hash, and who finds it taken goes on to the next
// free place (linear probing; Knuth, TAOCP 3, 6.4). So entries lie in the order of their hashes, up
// to the runs that have no gap, and all keep that order when there are twice as many places: to
// grow is one pass over memory, from the end, without a second table. Nothing is ever removed.
//
// Entry: all bytes zero is no entry. It has `std::uint32_t hash() const` and `bool taken() const`.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/mapped.h"
#include "core/prefetch.h"

namespace lockproof {

template <class Entry>
class OpenTable {
 public:
  // Holds up to four fifths of 2^most_bits entries (most_bits <= 32). Throws std::bad_alloc.
  explicit OpenTable(unsigned most_bits)
      : table_((std::size_t{1} << most_bits) + kBeyond), most_bits_(most_bits) {}

  // The entry for which `is_it` holds, of those with this hash; null: none. Valid until an add().
  template <class IsIt>
  const Entry* find(std::uint32_t hash, IsIt is_it) const {
    for (std::size_t at = home(hash);; ++at) {
      const Entry& entry = table_[at];
      if (!entry.taken()) return nullptr;
      if (is_it(entry)) return &entry;
    }
  }

  // What may be changed is what hash(), taken() and whoever looks for it do not ask.
  template <class IsIt>
  Entry* find(std::uint32_t hash, IsIt is_it) {
    return const_cast<Entry*>(std::as_const(*this).find(hash, is_it));
  }

  // REQUIRES: find() does not find it. Valid until the next add.
  const Entry* add(const Entry& entry) {
    if (size_ >= most(places())) grow();
    ++size_;
    return place(entry);
  }

  // Asks the cache for where find() begins.
  LOCKPROOF_ALWAYS_INLINE void prefetch(std::uint32_t hash) const {
    lockproof::prefetch(&table_[home(hash)]);
  }

  // The entry for which `is_it` holds, or else `make()`, added; and whether it is new. One walk.
  // Valid until the next add.
  template <class IsIt, class Make>
  std::pair<const Entry*, bool> find_or_add(std::uint32_t hash, IsIt is_it, Make make) {
    for (std::size_t at = home(hash);; ++at) {
      const Entry& entry = table_[at];
      if (!entry.taken()) {
        if (size_ >= most(places())) return {add(make()), true};
        ++size_;
        table_[at] = make();
        return {&table_[at], true};
      }
      if (is_it(entry)) return {&entry, false};
    }
  }

  // What find() looks at first; it may be no entry.
  const Entry* first(std::uint32_t hash) const { return &table_[home(hash)]; }

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return places() * sizeof(Entry); }
  // Needed at once when it grows soon; 0 while that is far.
  std::size_t bytes_to_grow() const { return size_ > most(places()) - places() / 16 ? bytes() : 0; }

 private:
  static constexpr unsigned kFirstBits = 10;
  static constexpr std::size_t kBeyond = 4096;  // where the last run may end

  // Where that many more are taken, a search for one that is not there looks at 13 (Knuth).
  static std::size_t most(std::size_t places) { return places * 4 / 5; }
  std::size_t places() const { return std::size_t{1} << bits_; }
  std::size_t home(std::uint32_t hash) const { return std::uint64_t{hash} << bits_ >> 32; }

  const Entry* place(const Entry& entry) {
    std::size_t at = home(entry.hash());
    while (table_[at].taken()) ++at;
    table_[at] = entry;
    return &table_[at];
  }

  // Run by run, the last one first: a run that begins at b has no home before b, so what was in it
  // goes to 2b or later, where all is done already.
  void grow() {
    assert(bits_ < most_bits_);
    std::size_t end = places();
    while (table_[end].taken()) ++end;
    ++bits_;
    std::vector<Entry> run;
    while (end > 0) {
      for (run.clear(); end > 0 && table_[end - 1].taken(); --end) {
        run.push_back(table_[end - 1]);
        table_[end - 1] = Entry{};
      }
      for (const Entry& entry : run) place(entry);
      if (end > 0) --end;
    }
  }

  Mapped<Entry> table_;
  const unsigned most_bits_;
  unsigned bits_ = kFirstBits;
  std::size_t size_ = 0;
};

}  // namespace lockproof
