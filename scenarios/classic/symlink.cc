// SPDX-License-Identifier: Apache-2.0
// symlink(2) with the pid as target: made and written in one call, so it is never seen empty.
//
// `symlink` never takes what another one left: two never own, and after a kill nobody does again.
// `symlink_steal` unlinks one whose pid is dead: A and B read it; B unlinks, makes its own, owns; A
// unlinks B's, makes its own, owns.
#include "steps.h"

namespace lockproof::classic {
namespace {

// symlink
bool make_link(Session& session, pid_t self) {
  const std::string target = std::to_string(self);
  const std::string path = path_of(session, "lock");
  return session.sys().symlinkat(target.c_str(), AT_FDCWD, path.c_str()) == 0;
}

// readlink
std::int64_t linked_pid(Session& session) {
  char text[32];
  const std::string path = path_of(session, "lock");
  const ssize_t size = session.sys().readlinkat(AT_FDCWD, path.c_str(), text, sizeof text);
  if (size < 0) return size == -ENOENT ? seen::kAbsent : seen::kUnknown;
  return read_pid_text({text, static_cast<std::size_t>(size)});
}

enum class Steals { kNever, kFromTheDead };

template <Steals steals>
void run(Session& session) {
  session.claims();
  const pid_t self = session.sys().getpid();
  if (!make_link(session, self)) {
    if (steals == Steals::kNever || !has_ended(session, linked_pid(session))) {
      return session.busy();
    }
    remove_name(session, "lock");
    if (!make_link(session, self)) return session.busy();
  }
  own(session);
  remove_name(session, "lock");
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/symlink",
      .summary = "a symbolic link to the pid, never taken from another",
      .verbs = {{"run", run<Steals::kNever>}}}},
    {{.name = "classic/symlink_steal",
      .summary = "a symbolic link to the pid, removed when that is dead",
      .verbs = {{"run", run<Steals::kFromTheDead>}}}},
};

}  // namespace
}  // namespace lockproof::classic
