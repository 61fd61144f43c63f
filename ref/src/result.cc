// SPDX-License-Identifier: Apache-2.0
#include "solo/result.h"

#include <cstring>

namespace solo {

std::string Error::describe() const { return code == 0 ? what : what + ": " + std::strerror(code); }

std::string printable(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

}  // namespace solo
