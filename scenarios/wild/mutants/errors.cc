// SPDX-License-Identifier: Apache-2.0
// A call fails that usually does not, and the error is taken for something else.
//
// `lock_error_is_success`: only "another one has it" is looked for; out of locks and interrupted
// count as got. `open_error_goes_on`: without the file one goes on without the lock.
// `read_error_is_absence`: a record that cannot be read is no record. `write_error_is_success`: an
// empty file becomes the record.
#include "../steps.h"

namespace lockproof::wild {
namespace {

void run_after_lock_error(Session& session) {
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) == -EWOULDBLOCK) return lose(session, fd);
  own_and_close(session, fd);
}

void run_after_open_error(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd >= 0 && sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  own(session);
  if (fd >= 0) sys.close(fd);
  session.released();
}

void run_after_read_error(Session& session) {
  session.claims();
  const int guard = open_file(session, "guard", O_RDWR | O_CREAT);
  if (guard < 0) return session.failed("open");
  if (session.sys().flock(guard, LOCK_EX) != 0) return lose(session, guard);
  const std::int64_t pid = recorded_pid(session, "record");
  if (pid > 1 && !has_ended(session, pid)) return lose(session, guard);
  write_record(session, own_pid(session));
  session.sys().close(guard);
  own(session);
  session.released();
}

void run_after_write_error(Session& session) {
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  write_record(session, own_pid(session));
  own_and_close(session, fd);
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/lock_error_is_success",
      .summary = "an error of the lock call counts as having the lock",
      .verbs = {{"run", run_after_lock_error}},
      .lock = "lock"}},
    {{.name = "wild/open_error_goes_on",
      .summary = "who cannot open the file of the lock goes on without",
      .verbs = {{"run", run_after_open_error}},
      .lock = "lock"}},
    {{.name = "wild/read_error_is_absence",
      .summary = "a record that cannot be read counts as none",
      .verbs = {{"run", run_after_read_error}},
      .record = "record"}},
    {{.name = "wild/write_error_is_success",
      .summary = "a record that could not be written replaces the one before",
      .verbs = {{"run", run_after_write_error}},
      .record = "record",
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::wild
