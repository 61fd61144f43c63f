// SPDX-License-Identifier: Apache-2.0
#include "explore/shards.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockproof {
namespace {

constexpr std::string_view kKind = "shard-round";
constexpr std::string_view kSeenKind = "shard-states";

std::string seen_file(const ShardPlace& place, unsigned round, unsigned shard) {
  return round_file(place, round, shard) + ".seen";
}

Result<> write_seen(const ShardPlace& place, unsigned round, const std::vector<SeenState>& seen) {
  SealedWriter file(seen_file(place, round, place.index), kSeenKind);
  ByteWriter out;
  out.put(std::uint64_t{seen.size()});
  file.write(out);
  file.write({reinterpret_cast<const char*>(seen.data()), seen.size() * sizeof(SeenState)});
  return file.close();
}

void put_given(const std::vector<ShardRound::Given>& given, const Space& space, ByteWriter& out) {
  ByteWriter section;
  section.put(std::uint64_t{given.size()});
  std::vector<State> states;
  for (const auto& one : given) {
    section.put(one.print);
    section.put(one.from);
    section.put(one.asleep);
    states.push_back(one.state);
  }
  space.pack(states, section);
  out.put_text(section.bytes());
}

// A state is what its fingerprint says, or the file is of another search.
Result<std::vector<ShardRound::Given>> get_given(std::string_view bytes, Space& space) {
  ByteReader in(bytes);
  std::vector<ShardRound::Given> given(in.get_count(2 * sizeof(Fingerprint) + sizeof(Places)));
  for (auto& one : given) {
    one.print = in.get<Fingerprint>();
    one.from = in.get<Fingerprint>();
    one.asleep = in.get<Places>();
  }
  auto states = space.unpack(in);
  if (!states.ok()) return states.error();
  if (!in.ok() || !in.at_end() || states->size() != given.size()) {
    return usage_error(ErrorCode::kShards, "states are missing");
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    given[i].state = (*states)[i];
    if (space.fingerprint(given[i].state) != given[i].print) {
      return usage_error(ErrorCode::kShards, "states of another search");
    }
  }
  return given;
}

}  // namespace

std::string round_file(const ShardPlace& place, unsigned round, unsigned shard) {
  return fmt::format("{}/{}/{:06}.{}", place.folder, place.attempt, round, shard + 1);
}

Result<> write_round(const ShardPlace& place, unsigned round, const ShardRound& mine,
                     const std::vector<SeenState>& seen, const Space& space) {
  if (auto written = write_seen(place, round, seen); !written.ok()) return written;
  SealedWriter file(round_file(place, round, place.index), kKind);
  ByteWriter out;
  out.put(place.index);
  out.put(place.count);
  out.put(space.fingerprint(space.first()));
  out.put(mine.transitions);
  out.put(std::uint8_t{mine.owned});
  out.put(mine.learned);
  out.put(std::uint8_t{mine.found.has_value()});
  const FoundElsewhere found = mine.found.value_or(FoundElsewhere{});
  out.put_text(found.invariant);
  out.put(found.from);
  out.put(found.to);
  out.put(std::uint8_t{found.at_rest});
  out.put(std::uint64_t{mine.refusals.size()});
  for (const std::string& refusal : mine.refusals) out.put_text(refusal);
  out.put(mine.states);
  file.write(out);
  for (const auto& given : mine.given) {
    out.clear();
    put_given(given, space, out);
    file.write(out);
  }
  return file.close();
}

Result<ShardRound> read_round(const ShardPlace& place, unsigned round, unsigned shard,
                              std::optional<unsigned> for_whom, Space& space) {
  const std::string name = round_file(place, round, shard);
  auto file = SealedFile::open(name, kKind);
  if (!file.ok()) return file.error();
  const auto no = [&](const std::string& why) {
    return usage_error(ErrorCode::kShards,
                       fmt::format("{}: {}; expected shard {}/{} of this search", name, why,
                                   shard + 1, place.count));
  };
  ByteReader in = file->reader();
  const bool of_shard = in.get<unsigned>() == shard;
  const bool of_count = in.get<unsigned>() == place.count;
  const bool of_space = in.get<Fingerprint>() == space.fingerprint(space.first());
  if (!of_shard || !of_count || !of_space) return no("it is of another one");
  ShardRound read;
  read.transitions = in.get<std::uint64_t>();
  read.owned = in.get<std::uint8_t>() != 0;
  read.learned = in.get<unsigned>();
  const bool is_found = in.get<std::uint8_t>() != 0;
  FoundElsewhere found{std::string(in.get_text()), {}, {}};
  found.from = in.get<Fingerprint>();
  found.to = in.get<Fingerprint>();
  found.at_rest = in.get<std::uint8_t>() != 0;
  if (is_found) read.found = found;
  read.refusals.resize(in.get_count(sizeof(std::uint64_t)));
  for (std::string& refusal : read.refusals) refusal = in.get_text();
  read.states = in.get<std::uint64_t>();
  read.given.resize(place.count);
  for (unsigned whose = 0; whose < place.count; ++whose) {
    const std::string_view section = in.get_text();
    if (whose != for_whom || !in.ok()) continue;
    auto given = get_given(section, space);
    if (!given.ok()) return no(given.error().sentence);
    read.given[whose] = std::move(*given);
  }
  if (!in.ok() || !in.at_end()) return no("it is damaged");
  return read;
}

Result<std::vector<SeenState>> read_seen(const ShardPlace& place, unsigned round, unsigned shard) {
  auto file = SealedFile::open(seen_file(place, round, shard), kSeenKind);
  if (!file.ok()) return file.error();
  ByteReader in = file->reader();
  std::vector<SeenState> seen(in.get_count(sizeof(SeenState)));
  for (SeenState& one : seen) one = in.get<SeenState>();
  if (!in.ok() || !in.at_end()) {
    return usage_error(ErrorCode::kShards,
                       seen_file(place, round, shard) + ": expected the states of a round");
  }
  return seen;
}

AfterRound after_round(const std::vector<ShardRound>& rounds, bool was_closing) {
  const auto any = [&](const auto& asked) { return std::ranges::any_of(rounds, asked); };
  if (was_closing || any([](const ShardRound& round) { return round.learned != 0; }))
    return AfterRound::kDone;
  if (any([](const ShardRound& round) { return round.found.has_value(); }))
    return AfterRound::kClose;
  const bool more = any([](const ShardRound& round) { return round.states != 0; });
  return more ? AfterRound::kNext : AfterRound::kDone;
}

}  // namespace lockproof
