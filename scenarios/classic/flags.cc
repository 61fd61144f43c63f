// SPDX-License-Identifier: Apache-2.0
// Two processes, two files: each one shows that it wants to own, and owns when the other does not
// show it. The first half of Dekker's algorithm, without taking turns: both may lose.
//
// Right when a process shows its flag before it looks (`flags`). Wrong the other way round
// (`flags_late`): A looks, B looks, A and B show theirs.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Looks { kAfterShowing, kBeforeShowing };

// stat
bool is_shown(Session& session, const char* flag) {
  struct stat file {};
  return session.sys().fstatat(AT_FDCWD, path_of(session, flag).c_str(), &file, 0) == 0;
}

template <Looks looks>
void compete(Session& session, const char* own_flag, const char* other_flag) {
  session.claims();
  if (looks == Looks::kBeforeShowing && is_shown(session, other_flag)) return session.busy();
  const int fd = open_file(session, own_flag, O_WRONLY | O_CREAT);
  if (fd < 0) return session.failed("open");
  session.sys().close(fd);
  if (looks == Looks::kAfterShowing && is_shown(session, other_flag)) {
    remove_name(session, own_flag);
    return session.busy();
  }
  own(session);
  remove_name(session, own_flag);
  session.released();
}

template <Looks looks>
void left(Session& session) {
  compete<looks>(session, "left", "right");
}

template <Looks looks>
void right(Session& session) {
  compete<looks>(session, "right", "left");
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/flags",
      .summary = "two flags, shown before looking at the other's",
      .verbs = {{"run", left<Looks::kAfterShowing>}, {"run_other", right<Looks::kAfterShowing>}}}},
    {{.name = "classic/flags_late",
      .summary = "two flags, shown after looking at the other's",
      .verbs = {{"run", left<Looks::kBeforeShowing>},
                {"run_other", right<Looks::kBeforeShowing>}}}},
};

}  // namespace
}  // namespace lockproof::classic
