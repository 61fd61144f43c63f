// SPDX-License-Identifier: Apache-2.0
// The classes of errors and of ends without a verdict. Each has a number that stays as it is, by
// which `lockproof explain LP0402` says more than fits into a sentence. The list is
// error_codes.def.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lockproof {

enum class ErrorCode : std::uint16_t {
  kNone = 0,  // no error, or one of before there were codes
#define LOCKPROOF_ERROR(number, identifier, title, means, why, mend) identifier = number,
#include "core/error_codes.def"
#undef LOCKPROOF_ERROR
};

// What is known of a class; `means`, `why` and `mend` are a few sentences each, for people.
struct ErrorPage {
  ErrorCode code;
  std::string_view title, means, why, mend;
};

std::span<const ErrorPage> all_error_pages();  // ordered by number

// "LP0402"; "": kNone.
std::string name(ErrorCode code);
// Of that name, in small letters, too; null: there is none.
const ErrorPage* find_error_page(std::string_view name);

}  // namespace lockproof
