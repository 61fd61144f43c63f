// SPDX-License-Identifier: Apache-2.0
#include "cli/search_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

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

}  // namespace

void add_search_options(CLI::App& command, SearchWords& words, bool bounds_only) {
  command.add_option("--processes", words.processes, "how many contend (default: the scenario's)")
      ->type_name("N");
  command
      .add_option("--kills", words.kills, "how many are killed at most (default: the scenario's)")
      ->type_name("K");
  command
      .add_option("--time", words.time,
                  "when time-outs fire: any (whenever one waits), ordered (by a virtual clock)")
      ->type_name("MODE");
  if (bounds_only) return;
  command.add_option("--budget", words.budget, "stop after this time, and say how far it got")
      ->type_name("TIME");
  command.add_option("--memory", words.memory, "never use more than this, such as 512M or 4G")
      ->type_name("SIZE");
  command.add_option("--jobs", words.jobs, "threads of a search (default: one a processor)")
      ->type_name("J");
}

Result<CheckOptions> check_options(const SearchWords& words) {
  CheckOptions options;
  if (words.processes != 0 && (words.processes < 1 || words.processes > Stage::kMaxProcesses)) {
    return usage_error(
        fmt::format("--processes {}: expected 1 to {}", words.processes, Stage::kMaxProcesses));
  }
  if (words.kills < -1 || words.kills > kKillsMax) {
    return usage_error(fmt::format("--kills {}: expected 0 to {}", words.kills, kKillsMax));
  }
  options.stage.processes = words.processes;
  options.stage.kills = words.kills;
  if (words.time != "any" && words.time != "ordered") {
    return usage_error(fmt::format("--time {}: expected any or ordered", escape(words.time)));
  }
  options.stage.time = words.time == "any" ? TimeMode::kAnyTime : TimeMode::kOrdered;
  if (!words.budget.empty()) {
    const long long ms = parse_duration_ms(words.budget);
    if (ms <= 0) {
      return usage_error(
          fmt::format("--budget {}: expected a duration such as 30s or 2m", escape(words.budget)));
    }
    options.limits.seconds = static_cast<double>(ms) / 1000;
  }
  if (!words.memory.empty()) {
    options.limits.bytes = parse_bytes(words.memory);
    if (options.limits.bytes < kMemoryMin) {
      return usage_error(fmt::format(
          "--memory {}: expected a size such as 512M or 4G, at least 64M", escape(words.memory)));
    }
  }
  if (words.jobs < 0 || words.jobs > kJobsMax) {
    return usage_error(fmt::format("--jobs {}: expected 1 to {}", words.jobs, kJobsMax));
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
