// SPDX-License-Identifier: Apache-2.0
// A subcommand: registers its options with the parser; what it returns is the exit code. One file
// each.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "core/result.h"

namespace lockproof {

// "0.1.0", or "0.1.0+g4cd5897ab" and perhaps ".dirty" where it is not the tagged commit.
extern const char* const kVersion;

using Run = std::function<int()>;

// Each adds its subcommand to `app`; when the user chose it, calling the result does it.
Run add_check_command(CLI::App& app);
Run add_replay_command(CLI::App& app);
Run add_conform_command(CLI::App& app);
Run add_learn_command(CLI::App& app);
Run add_stress_command(CLI::App& app);
Run add_list_command(CLI::App& app);
Run add_doctor_command(CLI::App& app);
Run add_init_command(CLI::App& app);
Run add_verify_command(CLI::App& app);
Run add_prune_command(CLI::App& app);
Run add_explain_command(CLI::App& app);
Run add_merge_command(CLI::App& app);

// Says the error on standard error and gives the exit code for its kind.
int fail(const Error& error);

}  // namespace lockproof
