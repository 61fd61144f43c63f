// SPDX-License-Identifier: Apache-2.0
// A file made with O_EXCL, and a stale one is not unlinked but renamed to a name of the thief's
// own, so that what was taken can be looked at.
//
// `o_excl_rename` does not look: A and B read the pid of the dead one; B renames, creates, owns; A
// renames B's file away, creates, owns.
// `o_excl_rename_back` looks, and puts back what is not stale, by link(2). Of two processes one
// owns. But the name is free until then, and a third one comes in: A has renamed B's file, C
// creates, owns; B owns.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Looks { kNever, kAtWhatItTook };

// open; if it is new: write, close
bool create(Session& session, pid_t self) {
  const int fd = open_file(session, "lock", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  write_number(session, fd, self);
  session.sys().close(fd);
  return true;
}

// rename, and unlink; with a look: open, pread, close, kill; if it was another's: link -> is the
// name free now, of what was stale?
template <Looks looks>
bool take_away(Session& session, pid_t self) {
  const std::string taken = "lock." + std::to_string(self);
  if (rename_name(session, "lock", taken) != 0) return false;
  const bool stale = looks == Looks::kNever || has_ended(session, recorded_pid(session, taken));
  if (!stale) link_name(session, taken, "lock");
  remove_name(session, taken);
  return stale;
}

template <Looks looks>
void run(Session& session) {
  session.claims();
  const pid_t self = session.sys().getpid();
  if (!create(session, self)) {
    if (!has_ended(session, recorded_pid(session, "lock"))) return session.busy();
    if (!take_away<looks>(session, self)) return session.busy();
    if (!create(session, self)) return session.busy();
  }
  own(session);
  remove_name(session, "lock");
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/o_excl_rename",
      .summary = "a stale file is renamed away, whatever it is by then",
      .verbs = {{"run", run<Looks::kNever>}},
      .record = "lock"}},
    {{.name = "classic/o_excl_rename_back",
      .summary = "a stale file is renamed away, and put back when it was none",
      .verbs = {{"run", run<Looks::kAtWhatItTook>}},
      .record = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
