// SPDX-License-Identifier: Apache-2.0
// Bytes: numbers and texts one after the other, for files that only our own programs read. Numbers
// lie there as x86-64 has them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace lockproof {

class ByteWriter {
 public:
  template <class T>
  void put(const T& value) {
    static_assert(std::has_unique_object_representations_v<T>, "no padding goes into a file");
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_text(std::string_view text) {
    put(std::uint64_t{text.size()});
    bytes_.append(text);
  }
  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

// What a ByteWriter wrote. Past the end, or after something that cannot be, everything is zero or
// empty, and ok() is false: asked once, at the end of what belongs together.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <class T>
  T get() {
    static_assert(std::has_unique_object_representations_v<T>);
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (ok_) std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    return value;
  }
  // Of the file, and valid as long as that is.
  std::string_view get_text() { return take(get<std::uint64_t>()); }
  // How many elements follow that take at least `size` bytes each.
  std::uint64_t get_count(std::size_t size) {
    const auto count = get<std::uint64_t>();
    if (count > left_.size() / size) fail();
    return ok_ ? count : 0;
  }
  void fail() {
    ok_ = false;
    left_ = {};
  }
  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > left_.size()) fail();
    if (!ok_) return {};
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace lockproof
