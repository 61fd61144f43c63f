// SPDX-License-Identifier: Apache-2.0
#include "check/cover_live.h"

#include <fmt/format.h>

#include <chrono>

#include "check/both_worlds.h"
#include "check/conform.h"
#include "core/clock.h"
#include "explore/births.h"
#include "explore/cover.h"

namespace lockproof {
namespace {

constexpr double kLookEvery = 0.1;  // seconds

class Covering {
 public:
  Covering(BothWorlds& both, sim::SimSpace& space, const CheckOptions& options)
      : both_(both), space_(space), options_(options), cover_(space) {}

  Result<LiveCover> run(unsigned depth) {
    const auto learned = cover_.learn(depth, [this] { return is_over(); });
    if (!learned.ok()) return learned.error();
    if (*learned) {
      found_.states = cover_.states();
      found_.steps = cover_.steps();
      found_.questions = cover_.questions();
      for (bool more = true; more; ++found_.runs) {
        auto made = make_run();
        if (!made.ok()) return made.error();
        more = *made;
      }
      found_.asked = cover_.asked();
    }
    found_.seconds = seconds();
    return std::move(found_);
  }

 private:
  // Whether another one is to be made.
  Result<bool> make_run() {
    found_.choices.clear();
    if (auto begun = both_.begin(); !begun.ok()) return begun.error();
    if (auto begun = cover_.begin(); !begun.ok()) return begun.error();
    Births births(space_.numbers());
    for (;;) {
      const auto apart = is_apart(births);
      if (!apart.ok()) return apart.error();
      if (*apart) return false;
      if (!cover_.goes_on()) break;
      if (is_over()) break;
      const std::size_t which = cover_.next();
      const State from = cover_.state();
      const Successor to = cover_.successors()[which];
      const Choice choice = births.named(to.step);
      found_.choices.push_back(choice);
      ++found_.transitions;
      // On the way to what is new, the files were looked at before.
      if (auto taken = both_.take(choice, cover_.asks_anew(which)); !taken.ok()) {
        found_.refusal = taken.error().sentence;
        return false;
      }
      if (both_.is_apart()) continue;
      births.follow(space_.facts(from), to, space_.facts(to.state));
      if (auto taken = cover_.take(which); !taken.ok()) return taken.error();
    }
    found_.choices.clear();
    return found_.stopped.empty() && cover_.asked() < cover_.questions();
  }

  // What can be chosen is compared where no run was before.
  Result<bool> is_apart(const Births& births) {
    if (!both_.is_apart() && cover_.is_new() && cover_.is_expanded()) {
      std::vector<Choice> here = both_.moves().all();
      possible_.clear();
      if (auto gone = cover_.everything(possible_); !gone.ok()) return gone.error();
      const std::string what = compare_choices(here, possible_, births, both_.simulated());
      if (!what.empty()) found_.difference = fmt::format("step {}: {}", both_.steps(), what);
    }
    const Comparison compared = both_.comparison();
    if (compared.outcome == Comparison::Outcome::kDiffers) found_.difference = compared.why;
    if (compared.outcome == Comparison::Outcome::kNotMade) found_.refusal = compared.why;
    return !found_.difference.empty() || !found_.refusal.empty();
  }

  bool is_over() {
    const double now = seconds();
    if (options_.limits.seconds > 0 && now >= options_.limits.seconds) {
      found_.stopped = {ErrorCode::kTimeBudget, "the time budget was reached"};
    } else if (now >= next_look_ && options_.watch_runs) {
      next_look_ = now + kLookEvery;
      const bool goes_on = options_.watch_runs(
          {found_.runs, found_.transitions, now, cover_.asked(), cover_.questions()});
      if (!goes_on) {
        found_.stopped = {ErrorCode::kInterrupted, "interrupted"};
      }
    }
    return !found_.stopped.empty();
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  BothWorlds& both_;
  sim::SimSpace& space_;
  const CheckOptions& options_;
  const Clock::time_point begin_ = Clock::now();
  double next_look_ = kLookEvery;
  Cover cover_;
  std::vector<Successor> possible_;
  LiveCover found_;
};

}  // namespace

Result<LiveCover> cover_live(Stage& stage, sim::Pids pids, unsigned depth,
                             const CheckOptions& options) {
  // Processes are copies of this one as it is when the first run begins: small, before the graph is
  // in memory.
  BothWorlds both(stage);
  if (auto begun = both.begin(); !begun.ok()) return begun.error();
  auto space = sim::SimSpace::make(stage.space(pids), stage.tables());
  if (!space.ok()) return space.error();
  return Covering(both, **space, options).run(depth);
}

}  // namespace lockproof
