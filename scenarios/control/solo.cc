// SPDX-License-Identifier: Apache-2.0
// The reference implementation as a subject: the library's own code, nothing re-expressed. And once
// for each of its guards, `solo/without_GUARD`: the same without that one.
#include "solo/record.h"
#include "solo_verbs.h"

namespace lockproof::control {
namespace {

std::int64_t read_record(std::string_view content) {
  if (content.empty()) return seen::kEmpty;
  const auto record = solo::parse_record(content);
  if (!record) return seen::kTorn;
  return record->pid;
}

template <Act kAct>
void whole(Session& session) {
  kAct(session, session.sys());
}

// For a solo that has one guard less.
template <Act kAct, solo::Guard kOff>
void less(Session& session) {
  solo::WithoutGuard sys(session.sys(), kOff);
  kAct(session, sys);
}

// `As<Act>` makes a verb of an act.
template <template <Act> class As>
std::vector<Verb> verbs() {
  return {{"run", As<run>::act},
          {"status", As<status>::act},
          {"stop", As<stop>::act, Role::kStopper},
          {"rm", As<rm>::act, Role::kRemover},
          {"guard", As<guard>::act},
          {"ensure", As<ensure>::act, Role::kLauncher},
          {"keep", As<keep>::act, Role::kLauncher},
          {"launch", As<launch>::act, Role::kLauncher},
          {"watch", As<watch>::act},
          {"obey", As<obey>::act},
          {"linger", As<linger>::act},
          {"drop", As<drop>::act},
          {"lay", As<lay>::act},
          {"run_by_link", As<run_by_link>::act},
          {"run_by_dots", As<run_by_dots>::act},
          {"turn", As<turn>::act},
          {"move", As<move>::act},
          {"serve", As<serve>::act},
          {"stall", As<stall>::act, Role::kUserInstance},
          {"instance", As<instance>::act, Role::kInstance},
          {"keep_on", As<keep_on>::act, Role::kInstance},
          {"daemonize", As<daemonize>::act},
          {"fork_once", As<fork_once>::act},
          {"drain", As<drain>::act},
          {"clear", As<clear>::act, Role::kStopper},
          {"plant", As<plant>::act},
          {"meddle", As<meddle>::act},
          {"purge", As<purge>::act},
          {"run_whole", As<run_whole>::act}};
}

Builtin subject(std::string_view name, std::string_view summary, std::vector<Verb> verbs) {
  return {.name = name,
          .summary = summary,
          .verbs = std::move(verbs),
          .record = "it.record",
          .lock = "it.lock",
          .read_record = read_record,
          .side = "it.port"};
}

template <Act kAct>
struct Whole {
  static constexpr auto act = whole<kAct>;
};

template <solo::Guard kOff>
struct Less {
  template <Act kAct>
  struct As {
    static constexpr auto act = less<kAct, kOff>;
  };
};

const BuiltinRegistration registrations[] = {
    subject("solo", "the reference implementation", verbs<Whole>()),
#define SOLO_GUARD_LINE(name, why) \
  subject("solo/without_" #name, why, verbs<Less<solo::Guard::name>::As>()),
#include "src/guards.def"
#undef SOLO_GUARD_LINE
};

}  // namespace
}  // namespace lockproof::control
