// SPDX-License-Identifier: Apache-2.0
#include "program/texts.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace lockproof {
namespace {

enum : std::uint64_t { kOverwrite = 1, kSlice, kResize };

// Two texts (or a text and a size) and an offset, each below 2^16.
std::uint64_t key(std::uint64_t change, std::uint64_t content, std::uint64_t offset,
                  std::uint64_t other) {
  return change << 48 | content << 32 | offset << 16 | other;
}

}  // namespace

Texts::Texts() { intern(""); }

Text Texts::intern(std::string_view bytes) {
  const auto known = by_bytes_.find(bytes);
  if (known != by_bytes_.end()) return known->second;
  if (bytes.size() > kMaxBytes || all_.size() == kNoText) return kNoText;
  const auto text = static_cast<Text>(all_.size());
  all_.emplace_back(bytes);
  hashes_.push_back(XXH3_64bits(bytes.data(), bytes.size()));
  by_bytes_.emplace(all_.back(), text);
  return text;
}

template <class Make>
Text Texts::remember(std::uint64_t key, Make make) {
  const auto known = made_.find(key);
  if (known != made_.end()) return known->second;
  const Text text = intern(make());
  if (text != kNoText) made_.emplace(key, text);
  return text;
}

Text Texts::overwrite(Text content, std::size_t offset, Text bytes) {
  const std::string_view old = (*this)[content];
  const std::string_view put = (*this)[bytes];
  if (put.empty()) return content;
  if (offset == 0 && put.size() >= old.size()) return bytes;
  if (offset + put.size() > kMaxBytes) return kNoText;
  return remember(key(kOverwrite, content, offset, bytes), [&] {
    std::string result(old);
    result.resize(std::max(old.size(), offset + put.size()));
    return result.replace(offset, put.size(), put);
  });
}

Text Texts::slice(Text content, std::size_t offset, std::size_t size) {
  const std::string_view all = (*this)[content];
  if (offset >= all.size()) return kEmptyText;
  size = std::min(size, all.size() - offset);
  if (size == all.size()) return content;
  return remember(key(kSlice, content, offset, size),
                  [&] { return std::string(all.substr(offset, size)); });
}

Text Texts::resize(Text content, std::size_t size) {
  const std::string_view old = (*this)[content];
  if (size == old.size()) return content;
  if (size > kMaxBytes) return kNoText;
  return remember(key(kResize, content, 0, size), [&] {
    std::string result(old);
    result.resize(size);
    return result;
  });
}

}  // namespace lockproof
