// SPDX-License-Identifier: Apache-2.0
// Commands of somebody else's: the [subject] table.
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

// "exits", "stays", "reuses".
std::string name(CommandSubject::Loser loser);

}  // namespace lockproof
