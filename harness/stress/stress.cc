// SPDX-License-Identifier: Apache-2.0
#include "stress/stress.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "faults/faults.h"
#include "stress/crew.h"
#include "stress/dice.h"
#include "stress/leak_drill.h"
#include "stress/start_files.h"

namespace lockproof {
namespace {

constexpr std::int64_t kTickMs = 100;
constexpr std::int64_t kProgressMs = 250;
constexpr std::int64_t kStarvedMs = 500;
constexpr std::int64_t kFinishMs = 3'000;  // for processes to come to their end by themselves
constexpr std::int64_t kKillMs = 10'000;   // for the kernel to end those that were killed
constexpr long kTurnNs = 1'000'000;
constexpr std::size_t kExcerpt = 4'000;

std::int64_t monotonic_ms() {
  struct timespec time {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::unique_ptr<Player> make_player(const Stage& stage) {
  const Subject& subject = stage.scenario.subject;
  if (subject.builtin != nullptr) return make_builtin_player(stage);
  if (subject.command->type == CommandSubject::Type::kWorker) return make_worker_player(stage);
  return make_wrapper_player(stage);
}

// The names of faults that make sense for this kind of subject: the drills and the slow shutdown
// are built into our own contenders.
std::vector<std::string> fitting_faults(const Scenario& scenario,
                                        const std::vector<std::string>& faults) {
  std::vector<std::string> fitting;
  for (const std::string& fault : faults) {
    const bool any_process = fault == "kill" || fault == "term" || fault == "stop";
    if (any_process || scenario.subject.builtin != nullptr) fitting.push_back(fault);
  }
  return fitting;
}

std::uint32_t think_us_max(const Scenario& scenario, const StressOptions& options) {
  if (options.think_us_max != StressOptions::kThinkByNumber) return options.think_us_max;
  const std::uint32_t us = scenario.subject.builtin != nullptr ? 50 : 2'000;
  return us * static_cast<std::uint32_t>(options.processes);
}

class StressRun {
 public:
  StressRun(const Scenario& scenario, const StressOptions& options, const Cage& cage,
            Witness witness)
      : options_(options),
        faults_(fitting_faults(scenario, options.faults)),
        ledger_(witness, scenario.invariants, scenario.bounds,
                [this](const Event& event) { hear(event); }),
        stage_{scenario,
               cage,
               witness,
               ledger_,
               cage.dir + "/run",
               options.helper,
               options.seed,
               options.perturb,
               options.hold_us_max,
               think_us_max(scenario, options),
               std::count(faults_.begin(), faults_.end(), "kill") > 0},
        crew_(stage_, make_player(stage_)),
        dice_(options.seed, faults_, options.faults_per_second),
        drill_(options.seed, faults_, crew_, ledger_),
        begin_ms_(monotonic_ms()) {}

  RunResult run() {
    if (::mkdir(stage_.run_dir.c_str(), 0700) != 0) {
      trouble_ = {ErrorCode::kNotWritten, fmt::format("cannot make the run's directory {}: {}",
                                                      stage_.run_dir, strerror(errno))};
      return result();
    }
    if (auto laid = lay_start_files(stage_.scenario, stage_.run_dir); !laid) {
      trouble_ = Reason(laid.error());
      return result();
    }
    if (auto started = crew_.start(options_.processes); !started)
      trouble_ = Reason(started.error());
    main_loop();
    finish();
    return result();
  }

 private:
  std::int64_t now_ms() const { return monotonic_ms() - begin_ms_; }

  void hear(const Event& event) {
    drill_.hear(event);
    crew_.hear(event);
    switch (event.kind) {
      case Kind::kOwns:
        ++owners_;
        owned_ms_ = now_ms();
        owning_.insert(event.life);
        break;
      case Kind::kGivesUp:
      case Kind::kReleased:
      case Kind::kEnded:
        owning_.erase(event.life);
        break;
      case Kind::kBusy:
        ++busy_;
        break;
      case Kind::kFailed:
        ++failed_;
        break;
      case Kind::kLook:
        looks_ += event.phase == Phase::kEnd ? 1 : 0;
        break;
      case Kind::kFault:
        critical_kills_ += event.life != kHarness ? 1 : 0;
        break;
      default:
        break;
    }
  }

  void one_turn() {
    ledger_.drain();
    if (auto turned = crew_.turn(now_ms()); !turned) trouble_ = Reason(turned.error());
    if (!crew_.player().trouble().empty()) {
      doubt_ = trouble_ = {ErrorCode::kStressTrouble, crew_.player().trouble()};
    }
    ledger_.drain();
    const struct timespec pause { 0, kTurnNs };
    ::nanosleep(&pause, nullptr);
  }

  void main_loop() {
    std::int64_t next_tick_ms = 0;
    std::int64_t next_progress_ms = 0;
    while (trouble_.empty() && !ledger_.violated() && !cage_end_requested() &&
           now_ms() < options_.duration_ms) {
      one_turn();
      const std::int64_t now = now_ms();
      if (now >= next_tick_ms) {
        ledger_.note({.kind = Kind::kTick, .value = now});
        next_tick_ms = now + kTickMs;
      }
      drill_.turn(now);
      // Where nobody owns for long, faults would be a reason for it: without them, what blocks
      // shows itself.
      if (drill_.under_way() || now - owned_ms_ > kStarvedMs) {
        dice_.skip(now);
      } else {
        dice_.roll(now, crew_, owning_);
      }
      if (now >= next_progress_ms && options_.progress) {
        options_.progress({owners_, faults(), now, options_.duration_ms - now});
        next_progress_ms = now + kProgressMs;
      }
    }
    interrupted_ = cage_end_requested();
    ran_ms_ = now_ms();
  }

  void finish() {
    drill_.abandon();
    crew_.close();
    const auto wait_until = [&](std::int64_t end_ms) {
      while (!crew_.empty() && now_ms() < end_ms) one_turn();
    };
    wait_until(now_ms() + kFinishMs);
    if (!crew_.empty()) {
      crew_.kill_all();
      wait_until(now_ms() + kKillMs);
    }
    ledger_.drain();
    ledger_.end();
  }

  std::uint64_t faults() const {
    std::uint64_t sum = critical_kills_;
    for (const auto& [name, count] : dice_.injected()) sum += count;
    for (const auto& [name, count] : drill_.drilled()) sum += count;
    return sum;
  }

  RunResult result() const;
  void judge(RunResult& result) const;
  void count(RunResult& result) const;

  const StressOptions& options_;
  std::vector<std::string> faults_;
  Ledger ledger_;
  Stage stage_;
  Crew crew_;
  Dice dice_;
  LeakDrill drill_;
  std::int64_t begin_ms_;
  std::int64_t ran_ms_ = 0;
  std::int64_t owned_ms_ = 0;  // when somebody last came to own
  std::set<Life> owning_;
  std::uint64_t owners_ = 0;
  std::uint64_t busy_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t critical_kills_ = 0;
  bool interrupted_ = false;
  Reason trouble_;  // why the run ended early
  Reason doubt_;    // why not even findings count
};

RunResult StressRun::result() const {
  const Scenario& scenario = stage_.scenario;
  RunResult result;
  result.scenario = scenario.name;
  result.subject = scenario.subject.name();
  result.world = "stress";
  result.strategy = "random faults at full speed";
  result.bounds = fmt::format("{} processes, {:.0f}s, {}{}", options_.processes,
                              static_cast<double>(options_.duration_ms) / 1000,
                              faults_.empty() ? "no faults" : join(faults_),
                              options_.perturb ? "" : ", no perturbation");
  result.invariants = scenario.invariants;
  result.seed = options_.seed;
  result.seconds = static_cast<double>(ran_ms_) / 1000;
  result.findings = ledger_.findings();
  count(result);
  judge(result);
  for (const auto& [fault, budget] : scenario.faults) {
    const auto& known = stress_faults();
    if (std::find(known.begin(), known.end(), fault) == known.end()) {
      result.notes.push_back(fmt::format("fault {} is left out: stress does not have it", fault));
    }
  }
  if (!scenario.namespaces.empty()) {
    result.notes.push_back("all processes are in one pid namespace: stress has no others");
  }
  if (!scenario.setup.empty()) {
    result.notes.push_back("the setup is left out: stress has none");
  }
  const bool only_runs =
      std::all_of(scenario.cast.begin(), scenario.cast.end(),
                  [](const auto& verbs) { return verbs == std::vector<std::string>{"run"}; });
  if (scenario.subject.command && !only_runs) {
    result.notes.push_back("the cast is left out: stress runs the command, and nothing else");
  }
  const std::string remark = crew_.player().remark();
  if (!remark.empty()) result.notes.push_back(remark);
  if (!result.findings.empty()) {
    result.history = {scenario.name, result.subject, "stress", true,
                      ledger_.excerpt(result.findings.front(), kExcerpt)};
  }
  return result;
}

void StressRun::judge(RunResult& result) const {
  result.verdict = Verdict::kInconclusive;
  if (!doubt_.empty()) {
    result.reason = doubt_;
  } else if (!result.findings.empty()) {
    result.verdict = Verdict::kViolated;
    result.reason = {ErrorCode::kNone, result.findings.front().why};
  } else if (!trouble_.empty()) {
    result.reason = trouble_;
  } else if (interrupted_) {
    result.reason = {ErrorCode::kInterrupted,
                     fmt::format("interrupted after {:.1f} s", result.seconds)};
  } else if (owners_ == 0) {
    result.reason = {ErrorCode::kNobodyOwned,
                     fmt::format("nobody ever owned, in {} attempts", busy_ + failed_)};
  } else {
    result.verdict = Verdict::kHolds;
  }
}

void StressRun::count(RunResult& result) const {
  result.counts = {{"owners", owners_}, {"busy", busy_}, {"processes", crew_.started()}};
  if (failed_ > 0) result.counts.emplace_back("failed attempts", failed_);
  for (const auto& [name, count] : dice_.injected()) {
    result.counts.emplace_back(name, count + (name == "kill" ? critical_kills_ : 0));
  }
  for (const auto& [name, count] : drill_.drilled()) result.counts.emplace_back(name, count);
  result.counts.emplace_back("looks", looks_);
  result.counts.emplace_back("events", ledger_.events());
}

}  // namespace

RunResult run_stress(const Scenario& scenario, const StressOptions& options, const Cage& cage) {
  auto witness = Witness::create(cage.dir + "/witness");
  if (!witness) {
    RunResult result;
    result.scenario = scenario.name;
    result.subject = scenario.subject.name();
    result.world = "stress";
    result.reason = Reason(witness.error());
    return result;
  }
  witness->set_hold_us_max(options.hold_us_max);
  return StressRun(scenario, options, cage, *witness).run();
}

const std::vector<std::string>& stress_faults() {
  static const std::vector<std::string> faults = [] {
    std::vector<std::string> names;
    for (const FaultInfo& info : all_faults()) {
      if (info.in_stress) names.emplace_back(info.name);
    }
    return names;
  }();
  return faults;
}

}  // namespace lockproof
