// SPDX-License-Identifier: Apache-2.0
#include "live/probe.h"

#include "live/live_world.h"
#include "program/script.h"

namespace lockproof::live {

std::string what_is_lacking() {
  Texts texts;
  auto program = ScriptProgram::parse({"getppid"}, texts);
  if (!program.ok()) return program.error().sentence;
  LiveWorld world;
  if (auto begun = world.reset({&texts, {&*program}, {}}); !begun.ok()) {
    return begun.error().sentence;
  }
  return world.perform(0) == done(1) ? "" : "a process does not find init as its parent";
}

}  // namespace lockproof::live
