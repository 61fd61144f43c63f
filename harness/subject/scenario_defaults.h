// SPDX-License-Identifier: Apache-2.0
// What a scenario means where its file is silent.
#pragma once

#include <string>
#include <vector>

#include "subject/scenario.h"

namespace lockproof {

// The verbs that a subject has; commands have "run", and daemons perhaps "stop" and "status".
std::vector<std::string> verbs_of(const Subject& subject);

// Whether the subject has a record, and a lock file whose place is known.
bool has_record(const Subject& subject);
bool has_lock(const Subject& subject);

// What can be asked of such a subject without knowing more about it.
std::vector<std::string> default_invariants(const Subject& subject);

// Three contenders.
std::vector<std::vector<std::string>> default_cast(const Subject& subject);

FaultBudgets default_faults();

}  // namespace lockproof
