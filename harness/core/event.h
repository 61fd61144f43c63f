// SPDX-License-Identifier: Apache-2.0
// What an actor did: one line of a history. Data only.
//
// Time is the order of events (`seq`), and an act that takes a while is two events, `begin` and
// `end`: it happened somewhere between them. A simulated kernel, where an act is one step, writes
// it as one `point`. Invariants are written for intervals, so they are sound in both.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lockproof {

enum class Kind : std::uint8_t {
#define LOCKPROOF_EVENT(identifier, name, sentence) identifier,
#include "core/events.def"
#undef LOCKPROOF_EVENT
};

enum class Phase : std::uint8_t { kPoint, kBegin, kEnd };

// What is changed or looked at: the role of a file, never its path.
enum class Object : std::uint8_t { kNone, kRecord, kLock, kSide, kIntent };

// `value` of a kChange.
enum class Change : std::uint8_t { kCreate, kWrite, kTruncate, kReplace, kUnlink };

// `value` of a kLook that does not name a pid (a pid is always > 0).
namespace seen {
inline constexpr std::int64_t kAbsent = 0;  // no such file; for a lock: nobody holds it
inline constexpr std::int64_t kEmpty = -1;  // a file without content
inline constexpr std::int64_t kTorn = -2;   // content that names nobody: half-written or garbage
inline constexpr std::int64_t kHeld = -3;   // a lock that somebody holds
inline constexpr std::int64_t kOrphan =
    -4;  // a lock held on a file that the name no longer reaches
inline constexpr std::int64_t kUnknown = -5;  // could not be read
}  // namespace seen

// What a file says of who wrote it: its content -> the pid that it names, or a value of seen::.
using ReadPid = std::function<std::int64_t(std::string_view content)>;

// `detail` of a kStart: why the process is in the run. Invariants read the roles named here, others
// are for people.
namespace role {
inline constexpr std::string_view kBystander = "bystander";         // nobody may signal it
inline constexpr std::string_view kLauncher = "launcher";           // starts instances
inline constexpr std::string_view kInstance = "instance";           // wants to be the one instance
inline constexpr std::string_view kUserInstance = "user_instance";  // an instance started by hand
inline constexpr std::string_view kDependant = "dependant";  // must end soon after its parent
inline constexpr std::string_view kStopper = "stopper";      // stops because a user said so
inline constexpr std::string_view kRemover = "remover";      // removes because a user said so
inline constexpr std::string_view kChild = "child";          // of an owner, may outlive it
}  // namespace role

// The same as a number, for who says it of itself.
enum class Role : std::uint8_t {
  kContender,
  kInstance,
  kUserInstance,
  kLauncher,
  kDependant,
  kStopper,
  kRemover,
  kChild
};

// One process from its start to its end. Never reused within a history, unlike a pid. 0 is the
// harness itself.
using Life = std::uint32_t;
inline constexpr Life kHarness = 0;

struct Event {
  std::uint64_t seq = 0;  // place in the history, from 1, strictly increasing
  Life life = kHarness;   // who did it
  Kind kind = Kind::kTick;
  Phase phase = Phase::kPoint;
  Object object = Object::kNone;
  Life target = kHarness;  // on whom, where there is one
  std::int64_t value = 0;  // as events.def says for the kind
  std::string detail{};    // for people; at most kDetailBytes; may hold anything: escape to show

  bool operator==(const Event&) const = default;
};

inline constexpr std::size_t kDetailBytes = 256;

// Names as in a history file, both ways.
std::string_view name(Kind kind);
std::string_view name(Phase phase);
std::string_view name(Object object);
std::string_view name(Change change);
std::string_view name(Role role);
std::string_view sentence(Kind kind);
std::optional<Kind> kind_named(std::string_view name);
std::optional<Phase> phase_named(std::string_view name);
std::optional<Object> object_named(std::string_view name);

// "A killed by SIGTERM", "exit 3": a wait status in words.
std::string describe_wait_status(std::int64_t status);

}  // namespace lockproof
