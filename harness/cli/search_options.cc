// SPDX-License-Identifier: Apache-2.0
#include "cli/search_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/table_memory.h"
#include "core/text.h"

namespace lockproof {
namespace {

constexpr int kKillsMax = 15;
constexpr int kJobsMax = 64;
constexpr std::size_t kMemoryMin = std::size_t{64} << 20;

// "512M", "4G": bytes; 0: neither.
std::size_t parse_bytes(const std::string& text) {
  std::size_t digits = 0;
  const std::size_t number =
      text.empty() || !std::isdigit(static_cast<unsigned char>(text[0])) || text.size() > 8
          ? 0
          : std::stoul(text, &digits);
  if (digits + 1 != text.size()) return 0;
  return text.back() == 'M' ? number << 20 : text.back() == 'G' ? number << 30 : 0;
}

Result<> set_strategy(SearchWords words, CheckOptions& options) {
  if (words.strategy.empty()) words.strategy = kSearch;
  const StrategyInfo* strategy = find_strategy(words.strategy);
  if (strategy == nullptr) {
    std::vector<std::string> known;
    for (const StrategyInfo& info : all_strategies()) known.emplace_back(info.name);
    return usage_error(ErrorCode::kUnknownName,
                       fmt::format("--strategy {}: unknown{}", escape(words.strategy),
                                   suggestion(words.strategy, known)));
  }
  options.strategy = words.strategy;
  const auto means_nothing = [&](const char* option, const char* to_whom) {
    return usage_error(ErrorCode::kNotTogether,
                       fmt::format("{}: means nothing to the strategy {}; expected {}", option,
                                   words.strategy, to_whom));
  };
  constexpr const char* kSamplers = "random, urw or pct";
  if (words.seed && !strategy->samples) return means_nothing("--seed", kSamplers);
  if (words.executions && !strategy->samples) return means_nothing("--executions", kSamplers);
  if (!words.memory.empty() && words.strategy != kSearch) {
    return means_nothing("--memory", "search, the one that keeps states");
  }
  if (!words.spill.empty() && words.strategy != kSearch) {
    return means_nothing("--spill", "search, the one that keeps states");
  }
  if (words.jobs != 0 && words.strategy != kSearch) {
    return means_nothing("--jobs", "search, the one that uses several threads");
  }
  if (words.keep_going && words.strategy == kSearch) {
    return means_nothing("--keep-going", "one that makes runs; search finds the shortest at once");
  }
  options.keeps_going = words.keep_going;
  if (words.executions && *words.executions < 1) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--executions {}: expected at least 1", *words.executions));
  }
  if (words.seed && *words.seed < 1) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--seed {}: expected at least 1", *words.seed));
  }
  if (words.seed) options.seed = static_cast<std::uint64_t>(*words.seed);
  if (words.executions) options.executions = static_cast<std::uint64_t>(*words.executions);
  return Nothing{};
}

void add_bounds(CLI::App& command, SearchWords& words) {
  command.add_option("--processes", words.processes, "how many contend (default: the scenario's)")
      ->type_name("N");
  command
      .add_option("--kills", words.kills, "how many are killed at most (default: the scenario's)")
      ->type_name("K");
  command
      .add_option("--time", words.time,
                  "when time-outs fire: any (whenever one waits), ordered (by a virtual clock)")
      ->type_name("MODE");
}

void add_limits(CLI::App& command, SearchWords& words) {
  command.add_option("--budget", words.budget, "stop after this time, and say how far it got")
      ->type_name("TIME");
  command.add_option("--memory", words.memory, "never use more than this, such as 512M or 4G")
      ->type_name("SIZE");
  command
      .add_option("--spill", words.spill,
                  "keep the tables of a search in this folder of a disk, where memory is short")
      ->type_name("DIR");
  command.add_flag("--no-merging", words.no_merging,
                   "places of a learned program that are alike stay apart");
  command.add_option("--jobs", words.jobs, "threads of a search (default: one a processor)")
      ->type_name("J");
}

}  // namespace

void add_search_options(CLI::App& command, SearchWords& words, bool bounds_only) {
  add_bounds(command, words);
  command
      .add_option("--world", words.world,
                  "auto (the simulated kernel; what breaks is made on Linux, too), sim, live")
      ->type_name("WORLD");
  if (bounds_only) return;
  command
      .add_option("--strategy", words.strategy,
                  "who goes next: search (default), dfs, dpor, optimal, random, urw, pct; see "
                  "`lockproof list strategies`")
      ->type_name("NAME");
  command.add_option("--seed", words.seed, "of random, urw and pct (default 1)")->type_name("N");
  command
      .add_option("--executions", words.executions,
                  "how many runs random, urw and pct draw (default 10000)")
      ->type_name("N");
  command.add_flag("--keep-going", words.keep_going,
                   "not only to the first run that breaks a promise: the shortest of all is shown");
  add_limits(command, words);
}

void add_plain_search_options(CLI::App& command, SearchWords& words) {
  add_bounds(command, words);
  add_limits(command, words);
}

Result<InWorld> world_of(const SearchWords& words, InWorld by_itself) {
  if (words.world.empty()) return by_itself;
  if (words.world == "auto") return InWorld::kAuto;
  if (words.world == "sim") return InWorld::kSim;
  if (words.world == "live") return InWorld::kLive;
  return usage_error(ErrorCode::kBadValue,
                     fmt::format("--world {}: expected auto, sim or live", escape(words.world)));
}

Result<CheckOptions> check_options(const SearchWords& words) {
  CheckOptions options;
  if (words.processes != 0 && (words.processes < 1 || words.processes > Stage::kMaxProcesses)) {
    return usage_error(ErrorCode::kBadValue, fmt::format("--processes {}: expected 1 to {}",
                                                         words.processes, Stage::kMaxProcesses));
  }
  if (words.kills < -1 || words.kills > kKillsMax) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--kills {}: expected 0 to {}", words.kills, kKillsMax));
  }
  options.stage.processes = words.processes;
  options.stage.kills = words.kills;
  options.stage.learning.merges = !words.no_merging;
  if (words.time != "any" && words.time != "ordered") {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--time {}: expected any or ordered", escape(words.time)));
  }
  options.stage.time = words.time == "any" ? TimeMode::kAnyTime : TimeMode::kOrdered;
  const auto world = world_of(words, InWorld::kAuto);
  if (!world) return world.error();
  options.world = *world;
  if (auto set = set_strategy(words, options); !set) return set.error();
  if (!words.budget.empty()) {
    const long long ms = parse_duration_ms(words.budget);
    if (ms <= 0) {
      return usage_error(
          ErrorCode::kBadValue,
          fmt::format("--budget {}: expected a duration such as 30s or 2m", escape(words.budget)));
    }
    options.limits.seconds = static_cast<double>(ms) / 1000;
  }
  if (!words.memory.empty()) {
    options.limits.bytes = parse_bytes(words.memory);
    if (options.limits.bytes < kMemoryMin) {
      return usage_error(
          ErrorCode::kBadValue,
          fmt::format("--memory {}: expected a size such as 512M or 4G, at least 64M",
                      escape(words.memory)));
    }
  }
  if (!words.spill.empty()) {
    if (auto spilled = spill_tables_to(words.spill); !spilled) {
      return usage_error(spilled.error().code, "--spill " + spilled.error().sentence);
    }
  }
  if (words.jobs < 0 || words.jobs > kJobsMax) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--jobs {}: expected 1 to {}", words.jobs, kJobsMax));
  }
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  options.limits.jobs =
      words.jobs > 0 ? static_cast<unsigned>(words.jobs) : std::min<unsigned>(processors, kJobsMax);
  return options;
}

std::string words_again(const SearchWords& words) {
  std::string again;
  if (words.processes != 0) again += fmt::format(" --processes {}", words.processes);
  if (words.kills >= 0) again += fmt::format(" --kills {}", words.kills);
  if (words.time != "any") again += " --time " + words.time;
  return again;
}

}  // namespace lockproof
