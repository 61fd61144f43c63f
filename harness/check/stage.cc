// SPDX-License-Identifier: Apache-2.0
#include "check/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "explore/execution.h"
#include "faults/faults.h"
#include "learned/learned.h"
#include "sim/home.h"
#include "sim/sim_world.h"
#include "subject/record_reader.h"

namespace lockproof {
namespace {

static_assert(kMaxNamespace < sim::kNamespaces);
constexpr int kMaxBudget = 15;
constexpr std::int64_t kMs = 1'000'000;
// Who has the pid of a former owner was born so long after it: its start time is another one.
constexpr std::int64_t kLaterNs = 1'000'000'000;

// Faults that are schedules like any other when every schedule is explored and no clock is read.
bool is_a_schedule(const std::string& fault) {
  return fault == "stop" || fault == "stall" || fault == "slow_shutdown";
}

std::size_t place_of(std::string_view fault) {
  const auto& faults = all_faults();
  return static_cast<std::size_t>(
      std::find_if(faults.begin(), faults.end(),
                   [&](const FaultInfo& info) { return info.name == fault; }) -
      faults.begin());
}

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with("s") ? "es" : "s");
}

}  // namespace

Stage::Stage(const Builtin& subject, const StageOptions& options, std::unique_ptr<StandIn> stand_in)
    : stand_in_(std::move(stand_in)), subject_(subject), options_(options) {
  outside_.of_somebody_else = stand_in_ != nullptr;
}

Result<std::unique_ptr<Stage>> Stage::make(const Scenario& scenario, const Builtin& subject,
                                           const StageOptions& options) {
  return furnish(std::unique_ptr<Stage>(new Stage(subject, options, nullptr)), scenario);
}

Result<std::unique_ptr<Stage>> Stage::make(const Scenario& scenario, const StageOptions& options) {
  if (scenario.subject.builtin != nullptr)
    return make(scenario, *scenario.subject.builtin, options);
  auto stand_in = stand_in_for(scenario, options.owner);
  if (!stand_in.ok()) return stand_in.error();
  const Builtin& subject = (*stand_in)->builtin;
  return furnish(std::unique_ptr<Stage>(new Stage(subject, options, std::move(*stand_in))),
                 scenario);
}

Result<std::unique_ptr<Stage>> Stage::furnish(std::unique_ptr<Stage> stage,
                                              const Scenario& scenario) {
  stage->rules_.time = stage->options_.time;
  for (auto step : {&Stage::set_cast, &Stage::set_faults, &Stage::set_files, &Stage::try_setup,
                    &Stage::set_views}) {
    if (auto done = (stage.get()->*step)(scenario); !done.ok()) return done.error();
  }
  return stage;
}

Result<Program*> Stage::program_of(const std::vector<std::string>& verbs) {
  for (const auto& [known, program] : programs_) {
    if (known == verbs) return program.get();
  }
  if (stand_in_ && options_.learns) {
    auto learned = LearnedProgram::start(command(verbs), texts_, options_.learning);
    if (!learned.ok()) return learned.error();
    learned_.push_back(learned->get());
    return keep(verbs, std::move(*learned));
  }
  if (stand_in_) {
    programs_.emplace_back(verbs, std::make_unique<CommandProgram>(command(verbs)));
    return programs_.back().second.get();
  }
  std::vector<void (*)(Session&)> acts;
  for (const std::string& name : verbs) {
    for (const Verb& verb : subject_.verbs) {
      if (verb.name == name) acts.push_back(verb.act);
    }
  }
  auto body = [acts](Session& session) {
    for (const auto act : acts) act(session);
  };
  return keep(verbs, std::make_unique<NativeProgram>(body, std::string(sim::kHomePath), texts_));
}

Program* Stage::keep(const std::vector<std::string>& verbs, std::unique_ptr<Program> program) {
  for (const Said& word : program->said(0)) {
    owns_at_once_ = owns_at_once_ || word.kind == Kind::kOwns;
  }
  programs_.emplace_back(verbs, std::move(program));
  return programs_.back().second.get();
}

Command Stage::command(const std::vector<std::string>& verbs) const {
  Command command = stand_in_->command(verbs);
  command.patience_ms = options_.patience_ms;
  return command;
}

std::vector<std::vector<std::string>> Stage::contenders(const Scenario& scenario) const {
  if (options_.processes == 0) return scenario.cast;
  std::vector<std::vector<std::string>> cast;
  for (std::size_t i = 0; i < static_cast<std::size_t>(options_.processes); ++i) {
    cast.push_back(scenario.cast[i % scenario.cast.size()]);
  }
  return cast;
}

Result<> Stage::set_cast(const Scenario& scenario) {
  std::vector<std::vector<std::string>> cast = contenders(scenario);
  const auto asks = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return std::find(scenario.invariants.begin(), scenario.invariants.end(), name) !=
             scenario.invariants.end();
    });
  };
  late_ = asks({"recovers", "no_lock_leak"});
  asks_for_ever_ = asks({"no_livelock", "no_hot_spin", "parent_death_noticed"});
  remember_.stops = asks({"stop_respected"});
  remember_.owners = asks({"refuses_while_owned"});
  remember_.needless = asks({"no_needless_start"});
  remember_.picks = asks({"no_former_owner_signalled"});
  remember_.ready = asks({"ready_spared"});
  remember_.starts = asks({"no_orphan", "one_survivor"});
  remember_.roles =
      remember_.starts || remember_.ready || asks({"user_managed_spared", "parent_death_noticed"});
  for (auto verb = scenario.setup.rbegin(); verb != scenario.setup.rend(); ++verb) {
    cast.insert(cast.begin(), {*verb});
  }
  start_.setup = static_cast<unsigned>(scenario.setup.size());
  if (late_) cast.push_back({std::string(subject_.verbs.front().name)});
  if (cast.size() > kMaxProcesses) {
    return usage_error(ErrorCode::kTooMany, fmt::format("{}: {} processes, expected at most {}{}",
                                                        scenario.name, cast.size(), kMaxProcesses,
                                                        late_ ? ", the late one included" : ""));
  }
  start_.texts = &texts_;
  for (const auto& verbs : cast) {
    const auto program = program_of(verbs);
    if (!program.ok()) return program.error();
    cast_.push_back(*program);
    roles_.push_back(stand_in_ ? stand_in_->role_of(verbs) : subject_.role_of(verbs));
    outside_.roles.emplace_back(name(roles_.back()));
  }
  start_.cast = cast_;
  if (auto done = set_namespaces(scenario); !done.ok()) return done;
  if (owns_at_once_) {
    return usage_error(
        ErrorCode::kNothingToSearch,
        fmt::format("{}: subject '{}' owns before its first {}", scenario.name, subject_.name,
                    stand_in_
                        ? "look into {dir}, or at a lock; what keeps others out has to be there"
                        : "call: no step lies between"));
  }
  rules_.late.assign(cast.size(), false);
  rules_.late.back() = late_;
  launches_ = stand_in_ && stand_in_->launches();
  rules_.strikes_children = launches_;
  outside_.read_record = subject_.read_record != nullptr ? subject_.read_record : &read_pid_text;
  if (stand_in_) {
    auto reader = record_reader(scenario.subject.command->record_read);
    if (!reader.ok()) {
      return usage_error(ErrorCode::kPattern,
                         fmt::format("{}: record: {}", scenario.name, reader.error().sentence));
    }
    outside_.read_record = std::move(*reader);
  }
  if (!subject_.record.empty()) {
    outside_.files.push_back({std::string(subject_.record), Object::kRecord});
  }
  outside_.read_side = subject_.read_side != nullptr ? subject_.read_side : &read_pid_text;
  if (!subject_.side.empty()) {
    outside_.files.push_back({std::string(subject_.side), Object::kSide});
  }
  outside_.lock = subject_.lock;
  if (!subject_.lock.empty() && subject_.lock != subject_.record) {
    outside_.files.push_back({std::string(subject_.lock), Object::kLock});
  }
  return Nothing{};
}

// The late one is where the first one is, unless the scenario says otherwise. Of fewer than the
// cast each is where it would be among all.
Result<> Stage::set_namespaces(const Scenario& scenario) {
  start_.namespaces = scenario.namespaces;
  if (start_.namespaces.empty()) return Nothing{};
  const auto all = static_cast<std::ptrdiff_t>(scenario.cast.size());
  if (options_.processes > all) {
    return usage_error(
        ErrorCode::kNamespaces,
        fmt::format("{}: --processes {}: expected at most {}, which are in pid namespaces of their "
                    "own",
                    scenario.name, options_.processes, all));
  }
  if (options_.processes > 0 && std::ssize(start_.namespaces) >= all) {
    const auto begin = start_.namespaces.begin();
    start_.namespaces.erase(begin + options_.processes, begin + all);
  }
  if (late_ && start_.namespaces.size() < start_.cast.size()) {
    start_.namespaces.push_back(start_.namespaces.front());
  }
  if (start_.namespaces.size() == start_.cast.size()) return Nothing{};
  return usage_error(ErrorCode::kNamespaces,
                     fmt::format("{}: namespaces: {} numbers, expected {}: there is no late one",
                                 scenario.name, start_.namespaces.size(), start_.cast.size()));
}

Result<> Stage::set_faults(const Scenario& scenario) {
  FaultBudgets faults = scenario.faults;
  if (options_.kills >= 0) faults["kill"] = options_.kills;
  std::string schedules;
  for (const auto& [name, budget] : faults) {
    if (budget == 0) continue;
    if (is_a_schedule(name) && options_.time == TimeMode::kAnyTime) {
      schedules += (schedules.empty() ? "" : ", ") + name;
    } else if (name == "clock_step") {
      rules_.budget[place_of(name)] = 1;
      rules_.clock_step_ns = budget * kMs;
    } else if (find_fault(name)->takes == FaultInfo::Takes::kCount && name != "fork_child") {
      if (budget > kMaxBudget) {
        return usage_error(ErrorCode::kTooMany,
                           fmt::format("{}: faults.{} = {}, expected at most {} in a search",
                                       scenario.name, name, budget, kMaxBudget));
      }
      rules_.budget[place_of(name)] = static_cast<std::uint8_t>(budget);
    } else {
      left_out_.push_back(name);
    }
  }
  // After a reboot pids are counted by namespace, and who had one before is told by its number.
  const bool both =
      rules_.budget[place_of("pid_reuse")] > 0 && rules_.budget[place_of("reboot")] > 0;
  if (both && !start_.namespaces.empty()) {
    return usage_error(
        ErrorCode::kNamespaces,
        fmt::format("{}: faults pid_reuse and reboot: expected one of them in pid namespaces",
                    scenario.name));
  }
  if (!schedules.empty()) {
    notes_.push_back(fmt::format(
        "{}: a process that pauses for as long as one likes, which is among the schedules anyway",
        schedules));
  }
  return Nothing{};
}

Result<> Stage::set_files(const Scenario& scenario) {
  for (const auto& [role, state] : scenario.files) {
    const std::string name = role == "record" ? std::string(subject_.record)
                             : role == "lock" ? std::string(subject_.lock)
                                              : role;
    if (name.empty()) {
      return usage_error(ErrorCode::kStartFiles,
                         fmt::format("{}: files.{}: subject '{}' has no such file", scenario.name,
                                     role, subject_.name));
    }
    auto found = left(name, state);
    if (!found.ok()) {
      return usage_error(found.error().code, fmt::format("{}: files.{}: {}", scenario.name, role,
                                                         found.error().sentence));
    }
    if (found->content) start_.files.push_back({name, *found->content});
    if (state != "recycled" && state != "self") continue;
    if (state == "recycled") start_.strangers = {kFormerPid};
    if (found->clock_read) start_.uptime_ns = kLaterNs;
  }
  return Nothing{};
}

Result<LeftBehind> Stage::left(const std::string& name, const std::string& state) const {
  const bool needs_an_owner =
      state == "dead" || state == "recycled" || state == "self" || state == "torn";
  if (!stand_in_ || !needs_an_owner) return left_behind(subject_, name, state, pid_of_self());
  auto text = left_by_command(state, pid_of_self());
  if (!text.ok()) return text.error();
  return LeftBehind{std::move(*text), true};
}

// Who looks at what lies there: the late one where there is one, else the first of the cast.
int Stage::pid_of_self() const {
  return sim::kPidBase + 1 + static_cast<int>(late_ ? start_.cast.size() - 1 : start_.setup);
}

// A scenario that cannot be set up is a mistake in it; so is one whose promises are broken before a
// run begins.
Result<> Stage::try_setup(const Scenario& scenario) {
  if (start_.setup == 0 || stand_in_) return Nothing{};  // a live run finds it out by itself
  sim::SimWorld world;
  const Problem problem{world, start_, rules_, outside_, scenario.invariants, {}, {}};
  Execution run(problem);
  if (auto begun = run.begin(); !begun.ok()) {
    return usage_error(begun.error().code,
                       fmt::format("{}: {}", scenario.name, begun.error().sentence));
  }
  const std::vector<Finding> findings = run.judge(false);
  if (findings.empty()) return Nothing{};
  return usage_error(ErrorCode::kSetup,
                     fmt::format("{}: setup: breaks {} by itself: {}", scenario.name,
                                 findings.front().invariant, findings.front().why));
}

// A fault may give a pid again, and a number means several processes in namespaces: then pids are
// no names.
Result<> Stage::set_views(const Scenario&) {
  const bool names = rules_.budget[place_of("pid_reuse")] == 0 &&
                     rules_.budget[place_of("reboot")] == 0 && start_.namespaces.empty();
  if (learned_.empty() || !names || options_.pids_as_they_are) return Nothing{};
  for (std::size_t i = 0; i < cast_.size(); ++i) {
    const int pid = sim::kPidBase + 1 + static_cast<int>(i);
    viewed_.push_back(std::make_unique<sim::ViewedProgram>(*cast_[i], pid, naming_));
    start_.cast[i] = viewed_.back().get();
  }
  return Nothing{};
}

sim::SpaceStart Stage::space(sim::Pids pids) const {
  sim::SpaceStart space;
  for (std::size_t i = 0; i < start_.cast.size(); ++i) {
    space.cast.push_back({cast_[i], rules_.late[i], roles_[i]});
  }
  for (const StartFile& file : start_.files) space.files.emplace_back(file.name, file.content);
  space.strangers = start_.strangers;
  space.uptime_ns = start_.uptime_ns;
  space.setup = start_.setup;
  space.namespaces = start_.namespaces;
  space.roles = {std::string(subject_.record), std::string(subject_.lock), outside_.read_record,
                 std::string(subject_.side), outside_.read_side};
  // In the order of sim::FaultLeft.
  constexpr std::string_view kFaults[] = {"kill",      "term",   "stop",  "exec_child",
                                          "pid_reuse", "reboot", "errno", "clock_step"};
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    space.faults[i] = rules_.budget[place_of(kFaults[i])];
  }
  space.rules = {pids,      options_.time,        rules_.clock_step_ns,
                 remember_, stand_in_ != nullptr, launches_};
  // What goes on for ever is asked of processes, not of places that change.
  space.symmetry = !asks_for_ever_;
  return space;
}

Stage::Learned Stage::learned() const {
  Learned all;
  for (const LearnedProgram* program : learned_) {
    all.nodes += program->tree().size();
    all.merged += program->merged();
    all.goes_round = all.goes_round || program->tree().goes_round();
    all.sets_alarms = all.sets_alarms || program->tree().asks(Op::kAlarm);
  }
  return all;
}

const Tree* Stage::tree() const { return learned_.empty() ? nullptr : &learned_.front()->tree(); }

std::string Stage::what_can_happen() const {
  // Pids are as the search finds that they have to be: the same for both.
  const sim::SpaceStart start = space(sim::Pids::kSymbolic);
  std::string text(subject_.name);
  for (const sim::Contender& contender : start.cast) {
    for (const auto& [verbs, program] : programs_) {
      if (program.get() == contender.program) text += fmt::format("|{}", fmt::join(verbs, " "));
    }
    text += contender.late ? " late" : "";
  }
  for (const auto& [name, content] : start.files) {
    text += fmt::format("|{}={}:{}", name, content.size(), content);
  }
  const sim::Remember& r = remember_;
  text += fmt::format("|{} {} {} {} {}", fmt::join(start.strangers, ","), start.uptime_ns,
                      start.setup, fmt::join(start.namespaces, ","), fmt::join(start.faults, ","));
  text += fmt::format("|{} {} {}", static_cast<int>(options_.time), rules_.clock_step_ns,
                      asks_for_ever_);
  text += fmt::format("|{}{}{}{}{}{}{}", r.stops, r.owners, r.roles, r.starts, r.needless, r.picks,
                      r.ready);
  return text;
}

std::string Stage::bounds() const {
  const std::int64_t before = start_.setup;
  const auto contenders = static_cast<std::int64_t>(start_.cast.size()) - before - (late_ ? 1 : 0);
  std::string text = before > 0 ? plural(before, "process") + " brought to ready, " : "";
  text += plural(contenders, "process");
  if (late_) text += " and a late one";
  for (std::size_t i = 0; i < start_.namespaces.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? ", in pid namespaces " : ", ", start_.namespaces[i]);
  }
  if (!start_.strangers.empty()) text += ", a stranger";
  for (std::size_t i = 0; i < rules_.budget.size(); ++i) {
    if (rules_.budget[i] == 0) continue;
    text += ", " + plural(rules_.budget[i], all_faults()[i].name);
  }
  text += options_.time == TimeMode::kAnyTime ? ", time-outs at any time" : ", time-outs in order";
  return text;
}

}  // namespace lockproof
