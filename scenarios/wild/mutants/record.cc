// SPDX-License-Identifier: Apache-2.0
// A record beside a lock, written or removed at the wrong time.
//
// `removes_record_after_release`: by then it is the next one's (wild 10). `ready_before_record`:
// the start is over, and the record not there yet (wild 23).
#include "../steps.h"

namespace lockproof::wild {
namespace {

void run_removing_late(Session& session) {
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  write_record(session, own_pid(session));
  own(session);
  session.sys().close(fd);
  remove_name(session, "record");
  session.released();
}

void run_writing_late(Session& session) {
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  session.owns();
  write_record(session, own_pid(session));
  session.hold();
  session.gives_up();
  remove_name(session, "record");
  session.sys().close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/removes_record_after_release",
      .summary = "an old owner removes the record of the new one",
      .verbs = {{"run", run_removing_late}},
      .record = "record",
      .lock = "lock"}},
    {{.name = "wild/ready_before_record",
      .summary = "the start returns before the record is there",
      .verbs = {{"run", run_writing_late}},
      .record = "record",
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::wild
