// SPDX-License-Identifier: Apache-2.0
// The command line of `solo`, read as a whole before anything is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "solo/name.h"
#include "solo/parent_watch.h"
#include "solo/record.h"
#include "solo/result.h"

namespace solo::tool {

// When a command can be used: it has printed a line that contains TEXT, somebody listens at a port
// of 127.0.0.1, or a file is there.
struct ReadySign {
  enum class Kind : std::uint8_t { kLine, kPort, kFile };
  Kind kind = Kind::kLine;
  std::string text;  // of the line; the file's path
  std::uint16_t port = 0;
};

struct WatchParent {
  int interval_ms = 10'000;  // at most so long between two looks
  std::optional<ParentIdentity> parent;
};

// run, guard, and what ensure starts.
struct RunArguments {
  Name name;
  std::string state_dir;             // empty: the default
  std::optional<int> busy_exit;      // none: the verb's own
  std::vector<std::string> command;  // at least one word
  int drain_ms = 30'000;
  Managed managed = Managed::kCli;
  std::optional<ReadySign> ready;
  std::vector<std::string> side_files;
  std::optional<WatchParent> watch_parent;
};

struct GuardArguments {
  RunArguments run;
};

struct EnsureArguments {
  RunArguments run;
  int grace_ms = 10'000;
};

struct StopArguments {
  Name name;
  std::string state_dir;
  int grace_ms = 10'000;
};

struct RmArguments {
  Name name;
  std::string state_dir;
};

struct StatusArguments {
  Name name;
  std::string state_dir;
  bool json = false;
};

struct Help {};
struct Version {};

using Arguments = std::variant<RunArguments, EnsureArguments, StopArguments, RmArguments,
                               GuardArguments, StatusArguments, Help, Version>;

// `words` without the program's own name. Options stand anywhere before "--", as "--x V" or
// "--x=V" (--watch-parent as "--watch-parent" or "--watch-parent=V"). An error is one clear
// sentence.
Result<Arguments> parse_arguments(const std::vector<std::string_view>& words);

// All that any verb takes, "--help" and "--version" not among them.
std::vector<std::string_view> option_names();

// "250ms", "10s", "2m", "1h": from 100 ms to a day. Nothing else: no sign, no fraction, no "inf".
std::optional<int> parse_duration_ms(std::string_view text);

// How `run` is told on a command line what these arguments say; for who executes it.
std::vector<std::string> words_of_run(const RunArguments& arguments, const std::string& state_dir);

}  // namespace solo::tool
