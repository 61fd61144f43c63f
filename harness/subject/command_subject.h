// SPDX-License-Identifier: Apache-2.0
// Commands of somebody else's: the [subject] table, and the placeholders in its words.
#pragma once

#include <optional>
#include <string>

#include "subject/scenario.h"
#include "subject/toml_reader.h"

namespace lockproof {

// Reads the table, with complaints. Empty only when the kind of command is not known.
std::optional<CommandSubject> read_command_subject(TomlTable table);

// "wrapper", "worker", "daemon".
std::string name(CommandSubject::Type type);

// What is wrong with the placeholders of a command's run, as a sentence; "" if nothing is.
std::string placeholder_problem(const CommandSubject& subject);

}  // namespace lockproof
