// SPDX-License-Identifier: Apache-2.0
// Somebody plants a symbolic link where the owner writes its next record, before that gets the name
// of the record.
//
// `planted`: what lies there is removed first, and the new file must be new. Right.
// `follows_planted_link`: it is opened as it is; the owner writes where the link leads, to the
// record that is there or to any other file of its own, and then the link is the record (FL1).
#include "../steps.h"

namespace lockproof::wild {
namespace {

constexpr std::string_view kNext = "record.new";

int open_fresh(Session& session) {
  remove_name(session, kNext);
  return open_file(session, kNext, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

int open_as_it_is(Session& session) {
  return open_file(session, kNext, O_WRONLY | O_CREAT | O_TRUNC);
}

template <int (*open_next)(Session&)>
void run(Session& session) {
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  const int next = open_next(session);
  if (next < 0) {
    session.sys().close(fd);
    return session.failed("open");
  }
  write_own_pid(session, next);
  session.sys().close(next);
  rename_name(session, kNext, "record");
  own_and_close(session, fd);
}

void plant(Session& session) {
  session.sys().symlinkat("record", AT_FDCWD, path_of(session, kNext).c_str());
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/planted",
      .summary = "a record is made anew, whatever lies at its name",
      .verbs = {{"run", run<open_fresh>}, {"plant", plant}},
      .record = "record",
      .lock = "lock"}},
    {{.name = "wild/follows_planted_link",
      .summary = "a record is written through a link that somebody has planted",
      .verbs = {{"run", run<open_as_it_is>}, {"plant", plant}},
      .record = "record",
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::wild
