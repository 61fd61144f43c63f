// SPDX-License-Identifier: Apache-2.0
// The leak drill: does the lock die with its owner, although a child of it lives on?
//
// Again and again: an owner is asked to fork a child (which executes another program, or does not)
// and is killed. When it has been reaped, and nobody else is stopped or dying, a quiet window
// begins in which no fault is injected. It ends when somebody owns, or when enough attempts have
// failed. Then the child is ended, and everything goes on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/random.h"
#include "stress/crew.h"

namespace lockproof {

class LeakDrill {
 public:
  LeakDrill(std::uint64_t seed, const std::vector<std::string>& faults, Crew& crew, Ledger& ledger);

  void hear(const Event& event);
  void turn(std::int64_t now_ms);

  // While true, the engine injects no other faults.
  bool under_way() const { return phase_ != Phase::kIdle; }
  void abandon();  // the run ends

  const std::map<std::string, std::uint64_t>& drilled() const { return drilled_; }

 private:
  enum class Phase { kIdle, kAsked, kDying, kQuiet, kEnding };

  void ask(std::int64_t now_ms);
  void begin_window(std::int64_t now_ms);
  void end_window();
  void go(Phase phase, std::int64_t deadline_ms);

  Random random_;
  std::vector<std::string> kinds_;
  Crew& crew_;
  Ledger& ledger_;
  Phase phase_ = Phase::kIdle;
  std::int64_t deadline_ms_ = 0;  // of the phase
  std::size_t next_ = 0;
  Life parent_ = kHarness;
  Life child_ = kHarness;
  bool somebody_owned_ = false;
  std::map<std::string, std::uint64_t> drilled_;
};

}  // namespace lockproof
