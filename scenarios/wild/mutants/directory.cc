// SPDX-License-Identifier: Apache-2.0
// A directory is the lock, with a file in it that names the owner; what a dead one left is removed
// in two steps.
//
// `directory_taken_twice`: two find the same dead owner; the second one removes the directory of
// the first (wild 4). `directory_without_pid_is_stale`: so is one that was made, and has no pid in
// it yet (wild 5).
#include "../steps.h"

namespace lockproof::wild {
namespace {

constexpr std::string_view kPidFile = "lock.d/pid";

// mkdir; if it is new: open, getpid, write, close
bool make_directory(Session& session) {
  if (session.sys().mkdirat(AT_FDCWD, path_of(session, "lock.d").c_str(), 0700) != 0) return false;
  const int fd = open_file(session, kPidFile, O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  write_own_pid(session, fd);
  session.sys().close(fd);
  return true;
}

void remove_directory(Session& session) {
  remove_name(session, kPidFile);
  remove_name(session, "lock.d", AT_REMOVEDIR);
}

enum class WithoutPid { kIsBeingMade, kIsStale };

template <WithoutPid without>
bool is_stale(Session& session) {
  const std::int64_t pid = recorded_pid(session, kPidFile);
  const bool nobody = pid == seen::kAbsent || pid == seen::kEmpty;
  return has_ended(session, pid) || (without == WithoutPid::kIsStale && nobody);
}

template <WithoutPid without>
void run(Session& session) {
  session.claims();
  if (!make_directory(session)) {
    if (!is_stale<without>(session)) return session.busy();
    remove_directory(session);
    if (!make_directory(session)) return session.busy();
  }
  own(session);
  remove_directory(session);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/directory_taken_twice",
      .summary = "a directory is judged and removed in separate steps",
      .verbs = {{"run", run<WithoutPid::kIsBeingMade>}}}},
    {{.name = "wild/directory_without_pid_is_stale",
      .summary = "a directory in which no pid stands yet is taken for a stale one",
      .verbs = {{"run", run<WithoutPid::kIsStale>}}}},
};

}  // namespace
}  // namespace lockproof::wild
