// SPDX-License-Identifier: Apache-2.0
// Result and Error: how this library says that something went wrong. Nothing is thrown, apart from
// what the allocator throws when memory is exhausted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace solo {

// What could not be done, where, and why.
struct Error {
  std::string what;  // "cannot open '/run/solo/web.lock'": names the object
  int code = 0;      // the errno of the call that failed; 0 when it was not a call that failed

  // One line for a person: what, then why.
  std::string describe() const;

  bool operator==(const Error&) const = default;
};

// The outcome of what has no value: empty is success.
using MaybeError = std::optional<Error>;

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: a value
  Result(Error error) : outcome_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: an error

  bool ok() const { return outcome_.index() == 0; }

  // Only when ok().
  T& value() & { return *std::get_if<0>(&outcome_); }
  const T& value() const& { return *std::get_if<0>(&outcome_); }
  T&& value() && { return std::move(*std::get_if<0>(&outcome_)); }

  // Only when not ok().
  const Error& error() const { return *std::get_if<1>(&outcome_); }

 private:
  std::variant<T, Error> outcome_;
};

// `text` with every byte that is not printable ASCII as \xNN, so that a name that somebody else
// chose can neither steer a terminal nor forge a line.
std::string printable(std::string_view text);

}  // namespace solo
