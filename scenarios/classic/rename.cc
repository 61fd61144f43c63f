// SPDX-License-Identifier: Apache-2.0
// rename(2) as a lock.
//
// `rename_over` writes a file of its own and, when there is no lock, renames it to the lock's name.
// rename replaces what is there by then: A and B find no lock, A renames, B renames.
// `rename_read_back` reads whose it is afterwards. A may do that before B's rename.
//
// `rename_token` turns it round: there is one file, and who renames it from `free` to `held` owns.
// What is not there any more cannot be renamed: right, without kills. `rename_token_made` makes the
// file when it finds neither: A and B find neither, A makes and takes it, B makes a second one.
#include "steps.h"

namespace lockproof::classic {
namespace {

// stat
bool exists(Session& session, std::string_view name) {
  struct stat file {};
  return session.sys().fstatat(AT_FDCWD, path_of(session, name).c_str(), &file, 0) == 0;
}

enum class ReadsBack { kNo, kYes };

template <ReadsBack reads_back>
void run_over(Session& session) {
  session.claims();
  if (exists(session, "lock")) return session.busy();
  const pid_t self = session.sys().getpid();
  const std::string mine = "lock." + std::to_string(self);
  const int fd = open_file(session, mine, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return session.failed("open");
  write_number(session, fd, self);
  session.sys().close(fd);
  if (rename_name(session, mine, "lock") != 0) return session.failed("rename");
  if (reads_back == ReadsBack::kYes && recorded_pid(session, "lock") != self) {
    return session.busy();
  }
  own(session);
  remove_name(session, "lock");
  session.released();
}

enum class Token { kIsThere, kIsMade };

template <Token token>
void run_token(Session& session) {
  session.claims();
  if (rename_name(session, "free", "held") != 0) {
    if (token == Token::kIsThere || exists(session, "held")) return session.busy();
    const int fd = open_file(session, "free", O_WRONLY | O_CREAT | O_EXCL);
    if (fd >= 0) session.sys().close(fd);
    if (rename_name(session, "free", "held") != 0) return session.busy();
  }
  own(session);
  rename_name(session, "held", "free");
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/rename_over",
      .summary = "a complete file is renamed over the lock's name when that is free",
      .verbs = {{"run", run_over<ReadsBack::kNo>}},
      .record = "lock"}},
    {{.name = "classic/rename_read_back",
      .summary = "a complete file is renamed over the lock's name, and read back",
      .verbs = {{"run", run_over<ReadsBack::kYes>}},
      .record = "lock"}},
    {{.name = "classic/rename_token",
      .summary = "who renames the one file owns",
      .verbs = {{"run", run_token<Token::kIsThere>}}}},
    {{.name = "classic/rename_token_made",
      .summary = "who renames the one file owns, and who finds none makes it",
      .verbs = {{"run", run_token<Token::kIsMade>}}}},
};

}  // namespace
}  // namespace lockproof::classic
