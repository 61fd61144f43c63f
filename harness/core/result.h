// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error that says in one sentence what went wrong.
//
// Errors are values here: a function that can fail because of its input or its surroundings returns
// a Result. A defect of our own is an assertion. The kind decides the exit code, so a caller never
// has to read the sentence.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace lockproof {

struct Error {
  enum class Kind {
    kUsage,        // the user's words or files: exit 2
    kEnvironment,  // the host forbids or lacks something: inconclusive or skipped
    kStopped,      // a bound was reached, or somebody interrupted it: inconclusive
    kInternal,     // ours, or a report that could not be written: exit 4
  };
  Kind kind;
  std::string sentence;  // what, where, what was expected; no newline at the end
};

inline Error usage_error(std::string sentence) {
  return {Error::Kind::kUsage, std::move(sentence)};
}
inline Error environment_error(std::string sentence) {
  return {Error::Kind::kEnvironment, std::move(sentence)};
}
inline Error stopped_error(std::string sentence) {
  return {Error::Kind::kStopped, std::move(sentence)};
}
inline Error internal_error(std::string sentence) {
  return {Error::Kind::kInternal, std::move(sentence)};
}

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
