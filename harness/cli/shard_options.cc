// SPDX-License-Identifier: Apache-2.0
#include "cli/shard_options.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "check/sharing.h"
#include "cli/command.h"
#include "cli/watching.h"
#include "core/text.h"
#include "core/verdict.h"
#include "subject/shell_words.h"

namespace lockproof {
namespace {

constexpr unsigned kMostShards = 1024;

// "3/8"
Result<ShardPlace> place_of(const ShardWords& words) {
  ShardPlace place;
  const char* const end = words.shard.data() + words.shard.size();
  const auto index = std::from_chars(words.shard.data(), end, place.index);
  const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, place.count) : index;
  const bool fits = slash && count.ec == std::errc() && count.ptr == end && place.index >= 1 &&
                    place.index <= place.count && place.count <= kMostShards;
  if (!fits) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--shard {}: expected I/N such as 3/8, N at most {}",
                                   escape(words.shard), kMostShards));
  }
  --place.index;
  if (words.folder.empty()) {
    return usage_error(ErrorCode::kNotTogether,
                       "--shard: expected a folder of all shards, too, by --shared DIR");
  }
  place.folder = words.folder;
  if (words.patience.empty()) return place;
  const long long ms = parse_duration_ms(words.patience);
  if (ms <= 0) {
    return usage_error(
        ErrorCode::kBadValue,
        fmt::format("--patience {}: expected a duration such as 10m", escape(words.patience)));
  }
  place.patience_s = static_cast<double>(ms) / 1000;
  return place;
}

// The same scenario in another working directory, and on another machine.
std::string found_again(const std::string& name) {
  std::error_code error;
  if (!std::filesystem::exists(name, error)) return name;
  return std::filesystem::absolute(name, error).lexically_normal().string();
}

}  // namespace

void add_shard_options(CLI::App& command, ShardWords& words) {
  command
      .add_option(
          "--shard", words.shard,
          "go through part I of N of the search, together with the other parts (docs/SCALE.md)")
      ->type_name("I/N");
  command
      .add_option("--shared", words.folder, "of --shard: the folder that all N share; see `merge`")
      ->type_name("DIR");
  command
      .add_option("--patience", words.patience,
                  "of --shard: how long it waits for another one (default 10m)")
      ->type_name("TIME");
}

void add_checkpoint_options(CLI::App& command, CheckpointWords& words) {
  command
      .add_option("--checkpoint", words.file,
                  "leave there how far the search is, time and again and when it is stopped")
      ->type_name("FILE");
  command.add_option("--checkpoint-every", words.every, "how often (default 1m)")
      ->type_name("TIME");
  command.add_option("--resume", words.resume, "go on from such a file")->type_name("FILE");
}

Result<> set_checkpoints(const CheckpointWords& words, const std::vector<Scenario>& scenarios,
                         CheckOptions& options) {
  const bool alone = scenarios.size() == 1 && scenarios.front().subject.builtin != nullptr;
  if (!alone || options.strategy != kSearch || options.world == InWorld::kLive) {
    return usage_error(
        ErrorCode::kNotTogether,
        "--checkpoint, --resume: expected one scenario whose subject is built in, and the strategy "
        "search in the simulated kernel");
  }
  CheckpointPlan plan{words.file, words.resume, kVersion};
  if (!words.every.empty()) {
    const long long ms = parse_duration_ms(words.every);
    if (ms < 0) {
      return usage_error(ErrorCode::kBadValue,
                         fmt::format("--checkpoint-every {}: expected a duration such as 10m",
                                     escape(words.every)));
    }
    plan.every_s = static_cast<double>(ms) / 1000;
  }
  options.checkpoint = plan;
  return Nothing{};
}

std::string shard_command(const std::string& scenario, const SearchWords& search,
                          const std::string& folder) {
  return "lockproof check " + join_words({scenario}) + words_again(search) + " --shared " +
         join_words({folder});
}

int run_shard(const ShardWords& words, const std::vector<std::string>& names,
              const std::vector<Scenario>& scenarios, const SearchWords& search,
              CheckOptions options) {
  auto place = place_of(words);
  if (!place.ok()) return fail(place.error());
  if (scenarios.size() != 1 || names.size() != 1) {
    return fail(
        usage_error(ErrorCode::kNotTogether,
                    fmt::format("--shard: expected one scenario, found {}", scenarios.size())));
  }
  if (options.strategy != kSearch || options.world == InWorld::kLive) {
    return fail(usage_error(ErrorCode::kNotTogether,
                            "--shard: expected the strategy search, in the simulated kernel"));
  }
  const SharedSearch shared{found_again(names.front()),
                            search.processes,
                            search.kills,
                            search.time,
                            place->count,
                            kVersion};
  if (auto joined = join_shared_search(place->folder, shared); !joined.ok())
    return fail(joined.error());
  options.shard = *place;
  end_on_interruption();
  const auto done = [&] {
    const Watching watching(fmt::format("{} {}", scenarios.front().name, words.shard), options);
    return search_shard(scenarios.front(), options);
  }();
  if (!done.ok()) return fail(done.error());
  const std::string name = fmt::format("shard {} of {}", words.shard, scenarios.front().name);
  if (!done->stopped.empty())
    return fail(stopped_error(done->stopped.code, name + ": " + done->stopped));
  fmt::print("{}: {} states, {} transitions; {:.2g} s; no verdict: lockproof merge {}\n", name,
             done->states, done->transitions, done->seconds, join_words({words.folder}));
  return kExitHolds;
}

}  // namespace lockproof
