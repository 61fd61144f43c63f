// SPDX-License-Identifier: Apache-2.0
#include "core/event.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <cstring>

namespace lockproof {
namespace {

struct KindRow {
  std::string_view name;
  std::string_view sentence;
};

constexpr KindRow kKinds[] = {
#define LOCKPROOF_EVENT(identifier, name, sentence) {name, sentence},
#include "core/events.def"
#undef LOCKPROOF_EVENT
};
constexpr std::string_view kPhases[] = {"point", "begin", "end"};
constexpr std::string_view kObjects[] = {"none", "record", "lock", "side", "intent"};
constexpr std::string_view kChanges[] = {"create", "write", "truncate", "replace", "unlink"};
constexpr std::string_view kRoles[] = {"contender",     role::kInstance,  role::kUserInstance,
                                       role::kLauncher, role::kDependant, role::kStopper,
                                       role::kRemover,  role::kChild};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::string_view (&names)[N], std::string_view wanted) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == wanted) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Kind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }
std::string_view sentence(Kind kind) { return kKinds[static_cast<std::size_t>(kind)].sentence; }
std::string_view name(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }
std::string_view name(Object object) { return kObjects[static_cast<std::size_t>(object)]; }
std::string_view name(Change change) { return kChanges[static_cast<std::size_t>(change)]; }
std::string_view name(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Kind> kind_named(std::string_view wanted) {
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i].name == wanted) return static_cast<Kind>(i);
  }
  return std::nullopt;
}
std::optional<Phase> phase_named(std::string_view wanted) { return named<Phase>(kPhases, wanted); }
std::optional<Object> object_named(std::string_view wanted) {
  return named<Object>(kObjects, wanted);
}

std::string describe_wait_status(std::int64_t status) {
  const int raw = static_cast<int>(status);
  if (WIFEXITED(raw)) return fmt::format("exit {}", WEXITSTATUS(raw));
  if (WIFSIGNALED(raw)) {
    const char* abbreviation = sigabbrev_np(WTERMSIG(raw));
    if (abbreviation != nullptr) return fmt::format("killed by SIG{}", abbreviation);
    return fmt::format("killed by signal {}", WTERMSIG(raw));
  }
  return fmt::format("wait status {}", raw);
}

}  // namespace lockproof
