// SPDX-License-Identifier: Apache-2.0
#include "solo/name.h"

#include <algorithm>

namespace solo {
namespace {

// Not isalnum(): that one depends on the locale.
bool is_allowed(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Result<Name> Name::parse(std::string_view text) {
  if (text.empty()) return Error{"the name is empty"};
  if (text.size() > kMaxNameBytes) {
    return Error{"the name has more than " + std::to_string(kMaxNameBytes) + " bytes"};
  }
  if (text.front() == '.') return Error{"the name '" + printable(text) + "' begins with a dot"};
  if (!std::all_of(text.begin(), text.end(), is_allowed)) {
    return Error{"the name '" + printable(text) +
                 "' has something other than letters, digits, '.', '_' and '-'"};
  }
  return Name(text);
}

}  // namespace solo
