// SPDX-License-Identifier: Apache-2.0
// Several start at once.
//
// `looks_and_lets_go`: each looks under the lock whether a server runs, gives up the lock, and
// starts one (wild 17). `scan_before_claim`: each looks at all claims before it makes its own, and
// finds none (FL7).
#include "../steps.h"

namespace lockproof::wild {
namespace {

void run_looking(Session& session) {
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  const std::int64_t pid = recorded_pid(session, "record");
  session.sys().close(fd);
  if (pid > 1 && !has_ended(session, pid)) return session.busy();
  write_record(session, own_pid(session));
  own_and_unlink(session, "record");
}

// stat
bool is_there(Session& session, std::string_view name) {
  struct stat file {};
  return session.sys().fstatat(AT_FDCWD, path_of(session, name).c_str(), &file, 0) == 0;
}

void run_scanning(Session& session) {
  session.claims();
  if (is_there(session, "claim.0") || is_there(session, "claim.1")) return session.busy();
  const bool first = make_file(session, "claim.0");
  if (!first && !make_file(session, "claim.1")) return session.busy();
  own_and_unlink(session, first ? "claim.0" : "claim.1");
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/looks_and_lets_go",
      .summary = "the lock is held for the look alone, and not for the start",
      .verbs = {{"run", run_looking}}}},
    {{.name = "wild/scan_before_claim",
      .summary = "the claims of others are looked at before the own one is made",
      .verbs = {{"run", run_scanning}}}},
};

}  // namespace
}  // namespace lockproof::wild
