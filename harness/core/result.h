// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error that says in one sentence what went wrong.
//
// Errors are values here: a function that can fail because of its input or its surroundings returns
// a Result. A defect of our own is an assertion. The kind decides the exit code, so a caller never
// has to read the sentence; the code says which class it is of (error_code.h).
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

#include "core/error_code.h"

namespace lockproof {

struct Error {
  enum class Kind {
    kUsage,        // the user's words or files: exit 2
    kEnvironment,  // the host forbids or lacks something: inconclusive or skipped
    kStopped,      // a bound was reached, or somebody interrupted it: inconclusive
    kInternal,     // ours, or a report that could not be written: exit 4
  };
  Kind kind;
  ErrorCode code;
  std::string sentence;  // what, where, what was expected; no newline at the end
};

inline Error usage_error(ErrorCode code, std::string sentence) {
  return {Error::Kind::kUsage, code, std::move(sentence)};
}
inline Error environment_error(ErrorCode code, std::string sentence) {
  return {Error::Kind::kEnvironment, code, std::move(sentence)};
}
inline Error stopped_error(ErrorCode code, std::string sentence) {
  return {Error::Kind::kStopped, code, std::move(sentence)};
}
inline Error internal_error(ErrorCode code, std::string sentence) {
  return {Error::Kind::kInternal, code, std::move(sentence)};
}

// Why something is left open, one sentence, with its class; empty: nothing is.
struct Reason : std::string {
  Reason() = default;
  Reason(ErrorCode of, std::string sentence) : std::string(std::move(sentence)), code(of) {}
  explicit Reason(const Error& error) : Reason(error.code, error.sentence) {}

  ErrorCode code = ErrorCode::kNone;
};

struct Nothing {};

template <class T = Nothing>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok()
  T& value() & { return assert(ok()), std::get<0>(state_); }
  const T& value() const& { return assert(ok()), std::get<0>(state_); }
  T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok()
  const Error& error() const { return assert(!ok()), std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace lockproof
