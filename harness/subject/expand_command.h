// SPDX-License-Identifier: Apache-2.0
// The words of a command of somebody else's, with nothing left to fill in.
#pragma once

#include <string>
#include <vector>

#include "subject/scenario.h"

namespace lockproof {

// REQUIRES of both: the subject is a command. {dir}, {here} and, when given, {critical} replaced.
// {critical} as a whole argument becomes several arguments.
std::vector<std::string> expand_command(const Scenario& scenario, const std::string& dir,
                                        const std::vector<std::string>& critical);
// The same of another one of its commands.
std::vector<std::string> expand_words(const Scenario& scenario,
                                      const std::vector<std::string>& words, const std::string& dir,
                                      const std::vector<std::string>& critical);

}  // namespace lockproof
