// SPDX-License-Identifier: Apache-2.0
#include "core/error_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lockproof {
namespace {

constexpr ErrorPage kPages[] = {
#define LOCKPROOF_ERROR(number, identifier, title, means, why, mend) \
  {ErrorCode::identifier, title, means, why, mend},
#include "core/error_codes.def"
#undef LOCKPROOF_ERROR
};
static_assert(std::ranges::adjacent_find(kPages, std::ranges::greater_equal{}, &ErrorPage::code) ==
              std::ranges::end(kPages));

}  // namespace

std::span<const ErrorPage> all_error_pages() { return kPages; }

std::string name(ErrorCode code) {
  return code == ErrorCode::kNone ? "" : fmt::format("LP{:04}", static_cast<int>(code));
}

const ErrorPage* find_error_page(std::string_view text) {
  std::string wanted(text);
  for (char& c : wanted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const ErrorPage& page : kPages) {
    if (name(page.code) == wanted) return &page;
  }
  return nullptr;
}

}  // namespace lockproof
