// SPDX-License-Identifier: Apache-2.0
// clean_exit: a process that nobody killed ends without an error.
//
// Clean is: exit 0; an end that the history calls "expected" (a loser's exit status, a probe's);
// and after a signal S was sent to it, death by S or exit 128+S. Not judged: lives that were sent
// SIGKILL; an exit status after a fault that is not a signal (it was given an error, so it may
// return one); bystanders (no_stranger_signalled's); a child's or dependant's death by a signal
// that is sent to end processes (its parent or the kernel may send it); lives whose start was not
// seen.
#include <fmt/format.h>

#include <algorithm>

#include "invariants/claims.h"
#include "invariants/deaths.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class CleanExit final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kFault && event.value == 0 && lives().find(event.target) != nullptr) {
      if (!given_errors(event.target)) errors_.push_back(event.target);
    }
    if (event.kind != Kind::kEnded) return;
    const LiveLife* dead = lives().find(event.life);
    if (dead != nullptr && !clean(*dead, event)) {
      report(fmt::format("{} ended with {}, which nobody caused", called(*dead),
                         describe_wait_status(event.value)),
             {dead->start, event});
    }
    std::erase(errors_, event.life);
  }

  bool clean(const LiveLife& dead, const Event& event) const {
    const int status = static_cast<int>(event.value);
    if (status == 0 || event.detail == "expected" || dead.start.seq == 0 || killed(dead)) {
      return true;
    }
    if (dead.role() == role::kBystander) return true;
    if (WIFSIGNALED(status)) {
      const bool ward = dead.role() == role::kChild || dead.role() == role::kDependant;
      return dead.first(WTERMSIG(status)) != 0 || (ward && deliberate_signal(status) != 0);
    }
    if (!WIFEXITED(status) || given_errors(dead.life)) return true;
    return std::any_of(dead.signals.begin(), dead.signals.end(), [&](const auto& signal) {
      return WEXITSTATUS(status) == 128 + signal.first;
    });
  }

  bool given_errors(Life life) const {
    return std::find(errors_.begin(), errors_.end(), life) != errors_.end();
  }

  std::vector<Life> errors_;  // live ones that met a fault that is not a signal
};

}  // namespace

std::unique_ptr<Invariant> make_clean_exit(const Bounds&) { return std::make_unique<CleanExit>(); }

}  // namespace lockproof
