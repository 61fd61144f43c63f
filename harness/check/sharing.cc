// SPDX-License-Identifier: Apache-2.0
#include "check/sharing.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"

namespace lockproof {
namespace {

constexpr std::size_t kMost = 1 << 16;
constexpr unsigned kMostShards = 1024;

std::string name_in(const std::string& folder) { return folder + "/search"; }

std::string text_of(const SharedSearch& search) {
  JsonWriter json;
  json["scenario"] = valid_utf8(search.scenario);
  json["processes"] = search.processes;
  json["kills"] = search.kills;
  json["time"] = search.time;
  json["shards"] = search.shards;
  json["lockproof"] = search.version;
  return to_text(json, 2) + "\n";
}

}  // namespace

Result<SharedSearch> read_shared_search(const std::string& folder) {
  const std::string shown = escape(name_in(folder), 1024);
  const auto text = read_whole_file(name_in(folder), kMost);
  if (!text.ok()) return text.error();
  const auto json = parse_json(*text, 2);
  const auto no = [&](const std::string& why) {
    return usage_error(ErrorCode::kShards,
                       fmt::format("{}: {}; expected what `check --shard` writes", shown, why));
  };
  if (!json.ok()) return no(json.error().sentence);
  if (!json->is_object()) return no("no object");
  const auto scenario = string_member(*json, "scenario");
  const auto processes = integer_member(*json, "processes");
  const auto kills = integer_member(*json, "kills");
  const auto time = string_member(*json, "time");
  const auto shards = natural_member(*json, "shards");
  const auto version = string_member(*json, "lockproof");
  for (const bool ok :
       {scenario.ok(), processes.ok(), kills.ok(), time.ok(), shards.ok(), version.ok()}) {
    if (!ok) return no("a member has another type");
  }
  if (*shards < 1 || *shards > kMostShards) return no("no number of shards");
  return SharedSearch{*scenario, static_cast<int>(*processes),   static_cast<int>(*kills),
                      *time,     static_cast<unsigned>(*shards), *version};
}

Result<> join_shared_search(const std::string& folder, const SharedSearch& search) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return usage_error(ErrorCode::kUnreadable,
                       fmt::format("{}: {}", escape(folder, 1024), error.message()));
  if (!std::filesystem::exists(name_in(folder), error)) {
    const auto written = write_whole_file("what is searched", text_of(search), name_in(folder));
    if (!written.ok()) return written;
  }
  const auto there = read_shared_search(folder);
  if (!there.ok()) return there.error();
  if (*there == search) return Nothing{};
  return usage_error(ErrorCode::kShards,
                     fmt::format("{}: is of another search; expected\n{}found\n{}",
                                 escape(folder, 1024), text_of(search), text_of(*there)));
}

Result<ShardDone> search_shard(const Scenario& scenario, const CheckOptions& options) {
  if (scenario.subject.builtin == nullptr) {
    return usage_error(ErrorCode::kNotTogether,
                       scenario.name +
                           ": a command is learned anew by each process; expected a scenario whose "
                           "subject is built in, or no --shard");
  }
  auto stage = Stage::make(scenario, options.stage);
  if (!stage.ok()) return stage.error();
  const auto judged = judge_by_search(**stage, scenario.invariants, options);
  if (!judged.ok()) return judged.error();
  return ShardDone{judged->counts[0].second, judged->counts[1].second, judged->seconds,
                   judged->stopped};
}

}  // namespace lockproof
