// SPDX-License-Identifier: Apache-2.0
// The scenario format as a JSON schema (draft 2020-12), for editors that check TOML with one.
//
// Names of subjects, invariants and faults are those of this build. It accepts every file that
// parse_scenario() accepts. It refuses the others but for what a schema cannot say: how names, the
// numbers of processes and the words of one file relate, how long a duration is, and whether a
// pattern is one. packaging/schema_test.py has the list, and compares the two.
#pragma once

#include "core/json.h"

namespace lockproof {

JsonWriter scenario_schema();

}  // namespace lockproof
