// SPDX-License-Identifier: Apache-2.0
// What is done with each result of `check` and `stress` besides showing it.
#pragma once

#include "core/verdict.h"
#include "subject/scenario.h"

namespace lockproof {

// The scenario's file and the lines of the broken promises, for reports that point at them. The
// file is told from the folder that a CI service has checked out (GITHUB_WORKSPACE,
// CI_PROJECT_DIR), else from the current one; what lies outside of it, whole.
void say_where(const Scenario& scenario, RunResult& result);

// Run by GitHub's CI (GITHUB_ACTIONS=true): its annotations, on standard error, and a table at the
// end of the file GITHUB_STEP_SUMMARY, which is the job's page. One that cannot be written is a
// warning. Nothing elsewhere.
void annotate(const std::vector<RunResult>& results);

}  // namespace lockproof
