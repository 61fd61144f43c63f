// SPDX-License-Identifier: Apache-2.0
// Texts: every path, file content and link target of a run, each kept once and named by a number.
//
// A call, an answer or a kernel's state then holds 2 bytes where a program holds a string, and two
// contents are equal when their numbers are. The table only grows: a number stays valid, and means
// the same in every state of a search.
//
// The changes that files undergo are remembered by their arguments, so that a step that was taken
// before builds no string. Not thread-safe: one table for each thread that steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockproof {

using Text = std::uint16_t;
inline constexpr Text kEmptyText = 0;    // ""
inline constexpr Text kNoText = 0xffff;  // the table is full, or the text would be too long

class Texts {
 public:
  static constexpr std::size_t kMaxBytes = 4096;  // of one text

  Texts();
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;

  // kNoText when there is no room for it.
  Text intern(std::string_view bytes);
  // REQUIRES: `text` came from this table and is not kNoText. The view stays valid.
  std::string_view operator[](Text text) const { return all_[text]; }
  std::size_t size() const { return all_.size(); }
  // Of its bytes: the same in every run.
  std::uint64_t hash(Text text) const { return hashes_[text]; }

  // `content` after `bytes` were written at `offset`; a gap is filled with zero bytes.
  Text overwrite(Text content, std::size_t offset, Text bytes);
  // At most `size` bytes of `content` from `offset`.
  Text slice(Text content, std::size_t offset, std::size_t size);
  // `content` cut or filled with zero bytes to `size`.
  Text resize(Text content, std::size_t size);

 private:
  template <class Make>
  Text remember(std::uint64_t key, Make make);

  std::deque<std::string> all_;
  std::vector<std::uint64_t> hashes_;
  std::unordered_map<std::string_view, Text> by_bytes_;
  std::unordered_map<std::uint64_t, Text> made_;
};

}  // namespace lockproof
