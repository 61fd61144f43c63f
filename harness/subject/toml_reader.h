// SPDX-License-Identifier: Apache-2.0
// Reads a TOML file key by key, with types and ranges, and keeps the first complaint.
//
// Getters never fail: they complain and return a harmless value, so that a reader is a list of
// keys. The complaint that is kept is the one that stands first in the file, because a person mends
// a file from its top; that something is missing counts only when nothing that is there is wrong.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace lockproof {

class Complaints {
 public:
  explicit Complaints(std::string where) : where_(std::move(where)) {}

  // "FILE:LINE: SENTENCE"
  void wrong(std::uint32_t line, std::string_view sentence);
  void missing(std::uint32_t line, std::string_view sentence);

  bool none() const { return sentence_.empty(); }
  Error first() const { return usage_error(ErrorCode::kScenario, sentence_); }  // REQUIRES: !none()

 private:
  void keep(std::uint64_t rank, std::uint32_t line, std::string_view sentence);

  std::string where_;
  std::uint64_t rank_ = UINT64_MAX;
  std::string sentence_;
};

class TomlTable;

// What stands at a key. Lives as long as the document.
class TomlValue {
 public:
  TomlValue(std::string key, std::string name, std::uint32_t line, const toml::node* node,
            Complaints& complaints);

  explicit operator bool() const { return node_ != nullptr; }  // the key is there
  const std::string& key() const { return key_; }              // in full: "bounds.recover"
  const std::string& name() const { return name_; }            // in its table: "recover"
  bool is_text() const { return node_ != nullptr && node_->is_string(); }
  bool is_table() const { return node_ != nullptr && node_->is_table(); }

  // REQUIRES for all of these: the key is there.
  std::string line() const;   // one line, not empty: no control and no bidirectional characters
  std::string bytes() const;  // any text without NUL, perhaps empty
  std::int64_t number(std::int64_t least, std::int64_t most) const;
  std::int64_t duration_ms(std::int64_t least, std::int64_t most) const;  // "5s"
  std::vector<TomlValue> items() const;                                   // of an array
  TomlTable table() const;

  // "key 'K': expected WHAT, found FOUND"; `more` follows it, a suggestion for example.
  void expected(std::string_view what, std::string_view more = "") const;
  // "key 'K': SENTENCE"
  void wrong(std::string_view sentence) const;

 private:
  std::string found() const;

  std::string key_;
  std::string name_;
  std::uint32_t line_;
  const toml::node* node_;
  Complaints* complaints_;
};

// A table whose keys are asked for one by one; finish() complains of those that nobody asked for,
// but for those of the whole file that begin with "x-": they belong to other tools.
class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string prefix, std::uint32_t line,
            Complaints& complaints);

  TomlValue operator[](std::string_view key);
  std::vector<TomlValue> entries();  // all, for a table with free keys; in order of the file

  // "key 'K' is missing: SENTENCE"
  void missing(std::string_view key, std::string_view sentence);
  void finish();

 private:
  std::string full(std::string_view key) const;

  const toml::table* table_;
  std::string prefix_;
  std::uint32_t line_;
  Complaints* complaints_;
  std::set<std::string, std::less<>> known_;
};

// Fails, with file and line, when the text is over 1 MiB, not UTF-8, or not TOML.
Result<toml::table> parse_toml(std::string_view text, const std::string& where);

inline constexpr std::size_t kMaxTomlBytes = std::size_t{1} << 20;

}  // namespace lockproof
