// SPDX-License-Identifier: Apache-2.0
// A scenario: subject x cast x initial files x faults x invariants x bounds x the verdict expected.
//
// Scenarios are TOML files, described in docs/SCENARIO.md. A file that is accepted here can be run:
// names of subjects, invariants, faults and mutants have been looked up, numbers are in range.
// Anything else is one sentence: file, line, key, what was expected, and the nearest valid name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/verdict.h"
#include "invariants/invariant.h"
#include "subject/builtin.h"

namespace lockproof {

// Somebody else's program. Placeholders in `run`: {dir} the run's private directory, {here} the
// folder of the scenario file, {critical} (wrapper and daemon) the helper that says "I own" while
// it runs.
struct CommandSubject {
  // A wrapper runs {critical} and waits for its end. A daemon is a command that may end before it:
  // it leaves {critical} behind, or is what owns itself (`owners`).
  enum class Type { kWrapper, kWorker, kDaemon };
  // What tells the live instances among the processes of a daemon. kCritical: {critical} is one.
  // kArgv: who has come to rest, and whose command line is like `owners`. kReady: who has printed
  // the line `owners`.
  enum class Owners { kCritical, kArgv, kReady };
  // What a start does that finds another one's instance: it ends as busy_exit says; it lives on,
  // and does not own; it ends with 0.
  enum class Loser { kExits, kStays, kReuses };
  Type type = Type::kWrapper;
  std::string name;
  std::vector<std::string> run;
  // Exit statuses that mean "another one owns"; empty: any but 0, 126 and 127.
  std::vector<int> busy_exit;
  // worker: the words that it prints, each a line of its own
  std::string says_acquired = "acquired";
  std::string says_busy = "busy";
  std::string says_released = "released";
  std::string package;  // the Debian package that brings it, for the message when it is missing
  std::vector<std::string>
      probe;  // run once: a failure means that the subject is missing (a python module, say)
  // daemon: the other verbs; empty: it has none
  std::vector<std::string> stop, status;
  Owners owners_by = Owners::kCritical;
  std::string owners;
  Loser loser = Loser::kExits;
  std::string record;                // "{dir}/..." the file that names the owner, "" if none
  std::string record_read = "text";  // how it does: record_reader.h
  std::string lock;                  // "{dir}/..." the file that is locked, "" if unknown

  bool operator==(const CommandSubject&) const = default;
};

struct Subject {
  // Exactly one of the two.
  const Builtin* builtin = nullptr;
  std::optional<CommandSubject> command;

  std::string name() const;
  bool operator==(const Subject&) const = default;
};

inline constexpr unsigned kMaxNamespace = 3;

// The faults that a scenario asks for: name -> budget, or duration in ms where the fault has one.
using FaultBudgets = std::map<std::string, std::int64_t>;

struct Expectation {
  Verdict verdict = Verdict::kHolds;
  std::string invariant;                // violated: by this one, "" any
  std::optional<std::uint64_t> states;  // exact, in a search
  std::optional<std::uint64_t> steps;   // violated: of the shortest run

  bool operator==(const Expectation&) const = default;
};

struct Scenario {
  std::string name;            // "family/file", or what a one-line form was given
  std::filesystem::path file;  // empty for one-line forms
  std::string title;
  std::string source;               // where the bug was seen: "toolhive 4324"
  std::vector<std::string> covers;  // the requirements that it shows, by their numbers
  Subject subject;
  std::vector<std::string> setup;              // verbs brought to ready before anything else
  std::vector<std::vector<std::string>> cast;  // each a process: the verbs that it does in turn
  // The pid namespace of each process of setup and cast, and perhaps of the late one, 0 to
  // kMaxNamespace; empty: all are in one.
  std::vector<unsigned> namespaces;
  std::map<std::string, std::string>
      files;  // role or name -> initial state (absent, dead, empty, torn, garbage, 'literal')
  std::vector<std::string> invariants;  // names; defaults by subject kind when the file has none
  FaultBudgets faults;
  std::map<std::string, std::string>
      mutants;  // built-in subject -> the invariant that must catch it
  Bounds bounds;
  Expectation expect;
  // Stress only: 0 means the command's default.
  int stress_processes = 0;
  std::int64_t stress_duration_ms = 0;

  bool operator==(const Scenario&) const = default;
};

// Reads and checks one file. `name` is what reports call it.
Result<Scenario> read_scenario(const std::filesystem::path& file, std::string name);

// The same from text; `where` stands for the file in messages.
Result<Scenario> parse_scenario(std::string_view text, const std::string& where, std::string name);

// --wrapper 'COMMAND', --worker 'COMMAND', --daemon 'COMMAND': split as a POSIX shell splits words,
// with quotes and backslashes and nothing else (no shell runs; an unquoted $, `, |, ;, <, > or & is
// a usage error that says so).
Result<Scenario> one_line_scenario(CommandSubject::Type type, std::string_view command);
// Its subject alone; one whose owners are not {critical} has no place for that.
Result<CommandSubject> one_line_subject(
    CommandSubject::Type type, std::string_view command,
    CommandSubject::Owners owners = CommandSubject::Owners::kCritical);

// Finds what the words of a command line mean: a file, a folder (all .toml below it), a name
// "family/file" or a family, the last two below `root`. In order, without duplicates. A word that
// means nothing is a usage error with the nearest name.
Result<std::vector<Scenario>> find_scenarios(const std::vector<std::string>& words,
                                             const std::filesystem::path& root);

}  // namespace lockproof
