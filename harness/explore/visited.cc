// SPDX-License-Identifier: Apache-2.0
#include "explore/visited.h"

namespace lockproof {

std::uint64_t Visited::size() const {
  std::uint64_t size = 0;
  for (const Share& share : shares_) size += share.prints.size();
  return size;
}

std::size_t Visited::bytes() const {
  std::size_t bytes = 0;
  for (const Share& share : shares_) {
    bytes += share.prints.bytes() + share.prints.size() * sizeof(Ref);
  }
  return bytes;
}

std::size_t Visited::bytes_to_grow() const {
  std::size_t bytes = 0;
  for (const Share& share : shares_) bytes += share.prints.bytes_to_grow();
  return bytes;
}

}  // namespace lockproof
