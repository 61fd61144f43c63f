// SPDX-License-Identifier: Apache-2.0
// The placeholders in the words of a command: {dir}, {here}, {critical}.
#pragma once

#include <string>
#include <vector>

#include "subject/scenario.h"

namespace lockproof {

// The first placeholder in the words that is none of `known`, as a sentence; "" if there is none.
std::string unknown_placeholder(const std::vector<std::string>& words,
                                const std::vector<std::string>& known);

// What is wrong with the placeholders of a command's run, as a sentence; "" if nothing is.
std::string placeholder_problem(const CommandSubject& subject);

}  // namespace lockproof
