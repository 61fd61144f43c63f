// SPDX-License-Identifier: Apache-2.0
#include "stress/contender.h"
#include "stress/player.h"

namespace lockproof {
namespace {

class BuiltinPlayer final : public Player {
 public:
  explicit BuiltinPlayer(const Stage& stage) : stage_(stage) {}

  [[noreturn]] void play(Member& member) override {
    const auto& cast = stage_.scenario.cast;
    ContenderPlan plan;
    plan.subject = stage_.scenario.subject.builtin;
    plan.verbs = cast[static_cast<std::size_t>(member.slot) % cast.size()];
    plan.dir = stage_.run_dir;
    plan.helper = stage_.helper;
    plan.life = member.life;
    plan.seed = stage_.seed;
    plan.perturb = stage_.perturb;
    plan.think_us_max = stage_.think_us_max;
    live_as_contender(plan, stage_.witness);
  }

  bool ended(Member& member, int status) override { return status == 0 || member.killed; }

 private:
  Stage stage_;
};

}  // namespace

std::unique_ptr<Player> make_builtin_player(const Stage& stage) {
  return std::make_unique<BuiltinPlayer>(stage);
}

}  // namespace lockproof
