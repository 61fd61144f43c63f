// SPDX-License-Identifier: Apache-2.0
// Mapped: elements in one mapping of address space. Memory is used as far as it was written to, and
// nothing moves.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace lockproof {

template <class T>
class Mapped {
 public:
  // All bytes zero. Throws std::bad_alloc when there is no address space.
  explicit Mapped(std::size_t capacity) : capacity_(capacity) {
    void* const data = ::mmap(nullptr, capacity * sizeof(T), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(data);
    // Random access to a gigabyte in pages of 4 KiB would miss the TLB each time; but what stays
    // small should not have to clear a huge page. Only a hint.
    if (capacity * sizeof(T) > kSmall) {
      ::madvise(reinterpret_cast<char*>(data) + kSmall, capacity * sizeof(T) - kSmall,
                MADV_HUGEPAGE);
    }
  }
  ~Mapped() {
    if (data_ != nullptr) ::munmap(data_, capacity_ * sizeof(T));
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
  static constexpr std::size_t kSmall = std::size_t{2} << 20;

  T* data_ = nullptr;
  std::size_t capacity_;
};

}  // namespace lockproof
