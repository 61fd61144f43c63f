// SPDX-License-Identifier: Apache-2.0
#include "subject/builtin.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "core/event.h"

namespace lockproof {
namespace {

constexpr std::int64_t kMaxPid = 4194304;  // the kernel's PID_MAX_LIMIT

// Created by the first registration, whatever the order of static initialisation.
std::vector<Builtin>& registry() {
  static std::vector<Builtin> builtins;
  return builtins;
}

auto place_of(std::string_view name) {
  return std::lower_bound(
      registry().begin(), registry().end(), name,
      [](const Builtin& builtin, std::string_view wanted) { return builtin.name < wanted; });
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

BuiltinRegistration::BuiltinRegistration(Builtin builtin) {
  assert(!builtin.name.empty() && !builtin.verbs.empty());
  assert(find_builtin(builtin.name) == nullptr && "two built-in subjects have one name");
  registry().insert(place_of(builtin.name), std::move(builtin));
}

Role Builtin::role_of(const std::vector<std::string>& verbs_done) const {
  for (const Verb& verb : verbs) {
    if (!verbs_done.empty() && verb.name == verbs_done.front()) return verb.role;
  }
  return Role::kContender;
}

const std::vector<Builtin>& all_builtins() { return registry(); }

const Builtin* find_builtin(std::string_view name) {
  const auto place = place_of(name);
  return place != registry().end() && place->name == name ? &*place : nullptr;
}

std::int64_t read_pid_text(std::string_view content) {
  if (content.empty()) return seen::kEmpty;
  if (content.front() < '1' || content.front() > '9') return seen::kTorn;
  std::int64_t pid = 0;
  const char* const end = content.data() + content.size();
  const auto [rest, error] = std::from_chars(content.data(), end, pid);
  if (error != std::errc() || pid > kMaxPid) return seen::kTorn;
  // White space must be all that follows: "812\n45" is a short pid written over a longer record,
  // and names nobody.
  const bool complete = rest == end || *rest == ':' || std::all_of(rest, end, is_space);
  return complete ? pid : seen::kTorn;
}

}  // namespace lockproof
