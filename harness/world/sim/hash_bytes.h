// SPDX-License-Identifier: Apache-2.0
// HashBytes: a hash of what is nothing but its bytes, for the tables of the standard library.
// REQUIRES: no padding (bit-fields that fill their bytes have none)
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>

namespace lockproof::sim {

struct HashBytes {
  template <class T>
  std::size_t operator()(const T& value) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(&value), sizeof value});
  }
};

}  // namespace lockproof::sim
