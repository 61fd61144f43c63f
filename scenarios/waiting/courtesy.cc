// SPDX-License-Identifier: Apache-2.0
// Two processes, two files, as in classic/flags.cc, but nobody gives up: who sees the other's flag
// hides its own, lets the other one go first, and tries again.
//
// When both are so polite they can go on like that for ever, in step (`courtesy`). It is enough
// that one of them insists: it keeps its flag and waits for the other one, who comes back only when
// that flag is gone (`courtesy_of_one`).
#include "../classic/steps.h"

namespace lockproof::waiting {
namespace {

using namespace classic;

constexpr std::int64_t kPauseNs = 10'000'000;

void show(Session& session, const char* flag) {
  const int fd = open_file(session, flag, O_WRONLY | O_CREAT);
  if (fd >= 0) session.sys().close(fd);
}

// stat
bool is_shown(Session& session, const char* flag) {
  struct stat file {};
  return session.sys().fstatat(AT_FDCWD, path_of(session, flag).c_str(), &file, 0) == 0;
}

void wait_until_hidden(Session& session, const char* flag) {
  for (;;) {
    session.repeats();
    if (!is_shown(session, flag)) return;
    session.sys().sleep(kPauseNs);
  }
}

void finish(Session& session, const char* flag) {
  own(session);
  remove_name(session, flag);
  session.released();
}

// After hiding it waits for the other one only if that one insists.
template <bool waits_for_other>
void be_polite(Session& session, const char* own_flag, const char* other_flag) {
  session.claims();
  for (;;) {
    session.repeats();
    show(session, own_flag);
    if (!is_shown(session, other_flag)) break;
    remove_name(session, own_flag);
    session.sys().sleep(kPauseNs);
    if (waits_for_other) wait_until_hidden(session, other_flag);
  }
  finish(session, own_flag);
}

void insist(Session& session) {
  session.claims();
  show(session, "left");
  wait_until_hidden(session, "right");
  finish(session, "left");
}

void left(Session& session) { be_polite<false>(session, "left", "right"); }
void right(Session& session) { be_polite<false>(session, "right", "left"); }
void right_waits(Session& session) { be_polite<true>(session, "right", "left"); }

const BuiltinRegistration registrations[] = {
    {{.name = "waiting/courtesy",
      .summary = "two flags, and both let the other one go first",
      .verbs = {{"run", left}, {"run_other", right}}}},
    {{.name = "waiting/courtesy_of_one",
      .summary = "two flags, and one lets the other one go first",
      .verbs = {{"run", insist}, {"run_other", right_waits}}}},
};

}  // namespace
}  // namespace lockproof::waiting
