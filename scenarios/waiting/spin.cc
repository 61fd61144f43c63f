// SPDX-License-Identifier: Apache-2.0
// A directory as a lock, and whoever finds it there tries again until it is gone.
//
// Right with a pause between two attempts (`wait`). Without one it burns a processor for as long as
// another one owns, on one processor the owner's own (`spin`). With either nobody gets in any more
// when an owner was killed: the directory stays (`wait_killed`).
#include "../classic/steps.h"

namespace lockproof::waiting {
namespace {

using namespace classic;

enum class Pause { kNone, kSome };

template <Pause pause>
void run(Session& session) {
  constexpr std::int64_t kPauseNs = 10'000'000;
  session.claims();
  for (;;) {
    session.repeats();
    if (session.sys().mkdirat(AT_FDCWD, path_of(session, "lock").c_str(), 0700) == 0) break;
    if (pause == Pause::kSome) session.sys().sleep(kPauseNs);
  }
  own(session);
  remove_name(session, "lock", AT_REMOVEDIR);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "waiting/wait",
      .summary = "mkdir again and again, with a pause",
      .verbs = {{"run", run<Pause::kSome>}}}},
    {{.name = "waiting/spin",
      .summary = "mkdir again and again, without a pause",
      .verbs = {{"run", run<Pause::kNone>}}}},
};

}  // namespace
}  // namespace lockproof::waiting
