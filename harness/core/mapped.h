// SPDX-License-Identifier: Apache-2.0
// Mapped: elements in one mapping of address space. Memory is used as far as it was written to, and
// nothing moves.
#pragma once

#include <cstddef>
#include <utility>

#include "core/table_memory.h"

namespace lockproof {

template <class T>
class Mapped {
 public:
  // All bytes zero. Throws std::bad_alloc when there is no address space.
  explicit Mapped(std::size_t capacity)
      : data_(static_cast<T*>(map_table(capacity * sizeof(T)))), capacity_(capacity) {}
  ~Mapped() {
    if (data_ != nullptr) unmap_table(data_, capacity_ * sizeof(T));
  }
  Mapped(Mapped&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), capacity_(other.capacity_) {}
  Mapped& operator=(Mapped&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t capacity_;
};

}  // namespace lockproof
