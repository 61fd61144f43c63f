// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/said.h"
#include "cli/store_options.h"
#include "cli/terminal.h"
#include "core/text.h"
#include "report/report.h"
#include "stress/stress.h"
#include "trace/cage.h"

namespace lockproof {
namespace {

struct StressWords {
  std::vector<std::string> scenarios;
  OneLine line;
  std::string mutant;
  int processes = 0;
  std::string duration;
  std::string faults;
  std::uint32_t fault_rate = 50;
  bool no_perturb = false;
  std::string hold = "2ms";
  std::string think;
  std::uint64_t seed = 0;
  std::vector<std::string> reports;
  StoreWords store;
};

constexpr int kProcessesMax = 5000;
constexpr std::int64_t kDurationMaxMs = 24LL * 3600 * 1000;
constexpr std::int64_t kPauseMaxMs = 10'000;

std::uint64_t random_seed() {
  std::uint64_t seed = 1;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) return 1;
  return seed % 1'000'000'000;  // short enough to be typed again
}

Result<std::vector<Scenario>> chosen_scenarios(const StressWords& words) {
  if (words.line.is_given() == !words.scenarios.empty()) {
    return usage_error(ErrorCode::kNotTogether,
                       "stress: expected scenarios, or one of --wrapper, --worker and --daemon");
  }
  if (words.line.is_given()) {
    auto scenario = scenario_of(words.line);
    if (!scenario) return scenario.error();
    return std::vector<Scenario>{*scenario};
  }
  return find_scenarios(words.scenarios, scenario_root());
}

// The mutant takes the subject's place, and the invariant that must catch it is alone with it.
Result<> put_mutant(std::vector<Scenario>& scenarios, const std::string& mutant) {
  std::vector<std::string> known;
  for (Scenario& scenario : scenarios) {
    for (const auto& [name, invariant] : scenario.mutants) {
      const std::string short_name = name.substr(name.rfind('/') + 1);
      known.push_back(short_name);
      if (name != mutant && short_name != mutant) continue;
      scenario.subject.builtin = find_builtin(name);
      scenario.invariants = {invariant};  // by this one, or it is not caught
      scenarios = {Scenario(scenario)};
      return Nothing{};
    }
  }
  return usage_error(ErrorCode::kUnknownName,
                     fmt::format("--mutant {}: these scenarios have no such mutant{}",
                                 escape(mutant), suggestion(mutant, known)));
}

Result<std::vector<std::string>> chosen_faults(const std::string& text) {
  std::vector<std::string> faults;
  if (text == "none") return faults;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    const auto& known = stress_faults();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return usage_error(
          ErrorCode::kUnknownName,
          fmt::format("--faults: unknown fault '{}'{}", escape(name), suggestion(name, known)));
    }
    faults.push_back(name);
  }
  return faults;
}

std::vector<std::string> faults_of(const Scenario& scenario) {
  std::vector<std::string> faults;
  for (const std::string& name : stress_faults()) {
    if (scenario.faults.contains(name)) faults.push_back(name);
  }
  return faults;
}

Result<std::int64_t> duration_option(const char* option, const std::string& text,
                                     std::int64_t max_ms) {
  const long long ms = parse_duration_ms(text);
  if (ms < 0 || ms > max_ms) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("{} {}: expected a duration such as 150ms, 30s or 2m, up to {}",
                                   option, escape(text), format_duration_ms(max_ms)));
  }
  return static_cast<std::int64_t>(ms);
}

// What the words of the command line mean for all scenarios.
struct StressPlan {
  std::vector<Scenario> scenarios;
  StressOptions options;
  bool own_faults = false;  // --faults was given
  std::vector<ReportRequest> reports;
};

Result<StressPlan> make_plan(const StressWords& words) {
  StressPlan plan;
  auto scenarios = chosen_scenarios(words);
  if (!scenarios) return scenarios.error();
  plan.scenarios = std::move(*scenarios);
  if (!words.mutant.empty()) {
    if (auto put = put_mutant(plan.scenarios, words.mutant); !put) return put.error();
  }
  if (words.processes != 0 && (words.processes < 2 || words.processes > kProcessesMax)) {
    return usage_error(ErrorCode::kBadValue, fmt::format("--processes {}: expected 2 to {}",
                                                         words.processes, kProcessesMax));
  }
  if (words.fault_rate > 1000) {
    return usage_error(
        ErrorCode::kBadValue,
        fmt::format("--fault-rate {}: expected 0 to 1000 a second", words.fault_rate));
  }
  plan.own_faults = !words.faults.empty();
  if (plan.own_faults) {
    auto faults = chosen_faults(words.faults);
    if (!faults) return faults.error();
    plan.options.faults = *faults;
  }
  for (const std::string& text : words.reports) {
    auto request = parse_report_request(text);
    if (!request) return request.error();
    plan.reports.push_back(*request);
  }
  const auto hold = duration_option("--hold", words.hold, kPauseMaxMs);
  if (!hold) return hold.error();
  plan.options.hold_us_max = static_cast<std::uint32_t>(*hold * 1000);
  if (!words.think.empty()) {
    const auto think = duration_option("--think", words.think, kPauseMaxMs);
    if (!think) return think.error();
    plan.options.think_us_max = static_cast<std::uint32_t>(*think * 1000);
  }
  if (!words.duration.empty()) {
    const auto duration = duration_option("--duration", words.duration, kDurationMaxMs);
    if (!duration) return duration.error();
    plan.options.duration_ms = *duration;
  }
  plan.options.processes = words.processes;
  plan.options.faults_per_second = words.fault_rate;
  plan.options.perturb = !words.no_perturb;
  plan.options.seed = words.seed != 0 ? words.seed : random_seed();
  const auto helper = critical_helper();
  if (!helper) return helper.error();
  plan.options.helper = helper->string();
  return plan;
}

// The options for one scenario: what the command line says, else the scenario, else the default.
StressOptions options_for(const Scenario& scenario, const StressPlan& plan,
                          const StressWords& words) {
  StressOptions options = plan.options;
  if (!plan.own_faults) options.faults = faults_of(scenario);
  if (options.processes == 0) options.processes = scenario.stress_processes;
  if (options.processes == 0) options.processes = StressOptions().processes;
  if (words.duration.empty() && scenario.stress_duration_ms != 0) {
    options.duration_ms = scenario.stress_duration_ms;
  }
  return options;
}

std::string shell_quoted(const std::string& word) {
  const bool plain = word.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_-./=:,@+") == std::string::npos;
  if (plain && !word.empty()) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The same run again, as far as a run of real processes can be the same: the same plan of faults
// and delays.
std::string replay_line(const Scenario& scenario, const StressOptions& options,
                        const StressWords& words) {
  std::string line = "lockproof stress";
  if (words.line.is_given()) {
    line += words.line.again();
  } else {
    const bool by_name =
        std::none_of(words.scenarios.begin(), words.scenarios.end(),
                     [](const std::string& word) { return word.ends_with(".toml"); });
    line += " " + (by_name ? scenario.name : shell_quoted(scenario.file.string()));
  }
  if (!words.mutant.empty()) line += " --mutant " + words.mutant;
  line += fmt::format(" --seed {} --processes {} --duration {}", options.seed, options.processes,
                      format_duration_ms(options.duration_ms));
  if (!words.faults.empty()) line += " --faults " + words.faults;
  const StressWords usual;
  if (words.fault_rate != usual.fault_rate)
    line += fmt::format(" --fault-rate {}", words.fault_rate);
  if (words.hold != usual.hold) line += " --hold " + words.hold;
  if (words.think != usual.think) line += " --think " + words.think;
  if (words.no_perturb) line += " --no-perturb";
  return line;
}

void write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = ::write(fd, text.data() + done, text.size() - done);
    if (size <= 0) return;
    done += static_cast<std::size_t>(size);
  }
}

RunResult not_run(const Scenario& scenario, Verdict verdict, Reason reason) {
  RunResult result;
  result.scenario = scenario.name;
  result.subject = scenario.subject.name();
  result.world = "stress";
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

// Runs one scenario in a cage of its own; the engine sends its result through a pipe.
Result<RunResult> stress_one(const Scenario& scenario, StressOptions options) {
  if (std::string missing = missing_program(scenario); !missing.empty()) {
    return not_run(scenario, Verdict::kSkipped, {ErrorCode::kNotInstalled, missing});
  }
  if (scenario.subject.command &&
      scenario.subject.command->owners_by != CommandSubject::Owners::kCritical) {
    return not_run(scenario, Verdict::kSkipped,
                   {ErrorCode::kNotTogether,
                    "at full speed nobody can tell the owners of a daemon with 'owners'; it is for "
                    "'lockproof check'"});
  }
  ProgressLine line;
  options.progress = [&](const StressProgress& progress) {
    const double seconds = std::max(0.001, static_cast<double>(progress.elapsed_ms) / 1000);
    line.show(fmt::format("{}: {} owners, {} faults, {:.0f} owners/s, {:.0f} s left", scenario.name,
                          progress.owners, progress.faults,
                          static_cast<double>(progress.owners) / seconds,
                          static_cast<double>(progress.left_ms) / 1000),
              progress.elapsed_ms);
  };
  const auto outcome = run_caged([&](const Cage& cage, int out) {
    write_all(out, json_result(run_stress(scenario, options, cage)));
  });
  line.clear();
  if (!outcome) return outcome.error();
  if (outcome->output.empty()) {
    const std::string how = describe_wait_status(outcome->wait_status);
    if (outcome->interrupted)
      return not_run(scenario, Verdict::kInconclusive,
                     {ErrorCode::kInterrupted, "interrupted: " + how});
    return internal_error(
        ErrorCode::kEngine,
        fmt::format("{}: the engine ended without a result: {}", scenario.name, how));
  }
  auto result = parse_json_result(outcome->output);
  if (!result) return result.error();
  if (outcome->kind == Cage::Kind::kSubreaper) {
    result->notes.push_back("no namespaces here: processes were kept by a subreaper");
  }
  return result;
}

int run_stress_command(const StressWords& words) {
  auto plan = make_plan(words);
  if (!plan) return fail(plan.error());
  const ScreenStyle style = standard_output_style();
  std::vector<RunResult> results;
  Keeping keeping(words.store);
  bool interrupted = false;
  for (const Scenario& scenario : plan->scenarios) {
    const StressOptions options = options_for(scenario, *plan, words);
    auto result = interrupted ? not_run(scenario, Verdict::kInconclusive,
                                        {ErrorCode::kInterrupted, "interrupted before it ran"})
                              : stress_one(scenario, options);
    if (!result) return fail(result.error());
    result->version = kVersion;
    interrupted = interrupted || result->reason.code == ErrorCode::kInterrupted;
    result->replay = replay_line(scenario, options, words);
    std::fputs(screen(*result, style).c_str(), stdout);
    std::fflush(stdout);
    say_where(scenario, *result);
    keeping.keep(*result);
    results.push_back(std::move(*result));
  }
  if (results.size() > 1) std::fputs(summary(results).c_str(), stdout);
  annotate(results);
  for (const ReportRequest& request : plan->reports) {
    if (auto written = write_report(request, results, kVersion); !written)
      return fail(written.error());
  }
  if (!keeping.done()) return fail(keeping.done().error());
  return exit_code(worst(results));
}

}  // namespace

Run add_stress_command(CLI::App& app) {
  auto words = std::make_shared<StressWords>();
  CLI::App* command = app.add_subcommand(
      "stress", "many real processes at full speed, killed and stopped all the while");
  command->add_option("SCENARIO", words->scenarios,
                      "names (family/file or family), files, folders");
  add_one_line_options(*command, words->line);
  command
      ->add_option("--mutant", words->mutant,
                   "run this mutant of the scenario in the subject's place")
      ->type_name("NAME");
  command->add_option("--processes", words->processes, "how many contend, 2 to 5000 (default 32)")
      ->type_name("N");
  command->add_option("--duration", words->duration, "for how long (default 30s)")
      ->type_name("TIME");
  command
      ->add_option(
          "--faults", words->faults,
          "kill,term,stop,slow_shutdown,fork_child,exec_child or none (default: the scenario's)")
      ->type_name("LIST");
  command->add_option("--fault-rate", words->fault_rate, "faults a second (default 50)")
      ->type_name("N");
  command->add_flag("--no-perturb", words->no_perturb,
                    "no random delays at system calls (built-in subjects)");
  command->add_option("--hold", words->hold, "an owner owns for up to that long (default 2ms)")
      ->type_name("TIME");
  command
      ->add_option("--think", words->think,
                   "a pause of up to that long between attempts (default: for each process 50 us, "
                   "or 2 ms for a program)")
      ->type_name("TIME");
  command
      ->add_option("--seed", words->seed,
                   "of the fault plan and the delays (default: drawn, and printed)")
      ->type_name("N");
  command
      ->add_option("--report", words->reports,
                   "KIND: json, junit, html, sarif or trace; FILE - is standard output")
      ->allow_extra_args(false)
      ->type_name("KIND=FILE");
  add_store_options(*command, words->store);
  return [words] { return run_stress_command(*words); };
}

}  // namespace lockproof
