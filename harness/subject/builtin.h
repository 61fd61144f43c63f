// SPDX-License-Identifier: Apache-2.0
// The registry of built-in subjects: `solo`, and the broken protocols that live beside their
// scenarios.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "program/session.h"

namespace lockproof {

// One thing that a process of the cast can do: "run", "status", "stop". Returns when that is done.
struct Verb {
  std::string_view name;
  void (*act)(Session& session);
  Role role = Role::kContender;  // of a process whose first verb it is
};

struct Builtin {
  std::string_view name;     // "solo", or "family/protocol"
  std::string_view summary;  // one line
  std::vector<Verb> verbs;   // the first one is a contender's attempt

  // Names within the run's directory, "" where the subject has none.
  std::string_view record = "";
  std::string_view lock = "";
  // A record's content -> the pid that it names, or a value of seen::. Null: the text is a decimal
  // pid.
  std::int64_t (*read_record)(std::string_view content) = nullptr;
  // What an owner leaves for others besides its record (a file with its port), and who wrote it,
  // read in the same way.
  std::string_view side = "";
  std::int64_t (*read_side)(std::string_view content) = nullptr;

  // Of a process that does these.
  Role role_of(const std::vector<std::string>& verbs_done) const;
};

// Registers at static initialisation: `static const BuiltinRegistration r{{...}};` in the subject's
// source.
struct BuiltinRegistration {
  BuiltinRegistration(Builtin builtin);  // NOLINT: implicit, so that several can stand in an array
};

// In order of name. Null when there is none of that name.
const std::vector<Builtin>& all_builtins();
const Builtin* find_builtin(std::string_view name);

// A decimal pid, perhaps followed by white space or by ':' and more -> that pid; else seen::kEmpty
// or seen::kTorn.
std::int64_t read_pid_text(std::string_view content);

}  // namespace lockproof
