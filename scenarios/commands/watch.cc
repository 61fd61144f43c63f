// SPDX-License-Identifier: Apache-2.0
// Servers that depend on their parent, and look every ten seconds whether it still lives.
//
// `watch_handed` is told by its parent who that is: right. `watch_sampled` asks for it when it
// begins, which may be after its parent's death: then it never sees a change, and goes on for ever.
// `canary/watch_never` waits for a signal that nobody sends.
#include "../classic/steps.h"

namespace lockproof::commands {
namespace {

constexpr std::int64_t kEvery = 10'000'000'000;

using namespace classic;

// getppid until it changes
void watch(Session& session, pid_t parent) {
  do {
    session.repeats();
    session.sys().sleep(kEvery);
  } while (session.sys().getppid() == parent);
}

// getpid, fork; what the child does is its whole life
template <void (*kServe)(Session& session, pid_t parent)>
void edit(Session& session) {
  const pid_t self = session.sys().getpid();
  if (session.sys().fork() != 0) return session.hold();
  session.begins_as(Role::kDependant);
  kServe(session, self);
  session.sys().exit(0);
}

void serve_sampled(Session& session, pid_t) { watch(session, session.sys().getppid()); }
void serve_never(Session& session, pid_t) { session.serves(); }

const BuiltinRegistration registrations[] = {
    {{.name = "commands/watch_handed",
      .summary = "a server knows its parent from before its birth",
      .verbs = {{"run", edit<watch>}}}},
    {{.name = "commands/watch_sampled",
      .summary = "a server asks who its parent is when it begins",
      .verbs = {{"run", edit<serve_sampled>}}}},
    {{.name = "canary/watch_never",
      .summary = "a server does not look at its parent",
      .verbs = {{"run", edit<serve_never>}}}},
};

}  // namespace
}  // namespace lockproof::commands
