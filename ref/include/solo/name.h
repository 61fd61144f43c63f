// SPDX-License-Identifier: Apache-2.0
// Name: what an instance is called. It becomes part of file names, messages and command lines, so
// it can hold nothing that means something there.
//
// The files of an instance are NAME.lock, NAME.record and NAME.record.new. No two names share one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "solo/result.h"

namespace solo {

inline constexpr std::size_t kMaxNameBytes = 64;

class Name {
 public:
  // 1 to kMaxNameBytes bytes of [A-Za-z0-9._-], the first one not a dot.
  static Result<Name> parse(std::string_view text);

  const std::string& text() const { return text_; }
  std::string lock_file() const { return text_ + ".lock"; }
  std::string record_file() const { return text_ + ".record"; }
  std::string next_record_file() const { return text_ + ".record.new"; }

 private:
  explicit Name(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace solo
