// SPDX-License-Identifier: Apache-2.0
// The end of a workload: its process lets the next one in, drains, and then resets the record. By
// then the record may be the next one's.
//
// `reset_unconditionally` writes 0, whoever is named (T-R1). `reset_if_match_unlocked` looks first,
// and is overtaken between the look and the write (T-R2). `reset_one_way` does it right after
// SIGTERM, where it looks and writes under the lock, and not where the work ends by itself (T-R3).
// `legacy_file_unguarded` resets right, and before that removes the PID file of older versions
// without a look (TH4). `stops_by_name`: so does one that ends a container of its own name, a file
// here: by then it is the replacement's (TH9).
#include <csignal>

#include "../steps.h"

namespace lockproof::toolhive {
namespace {

// Owns as long as it has the lock; what comes after that is `reset`.
template <void (*reset)(Session&, int)>
void run(Session& session) {
  auto& sys = session.sys();
  const int signals = sys.signal_fd(std::uint64_t{1} << (SIGTERM - 1));
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  record_self(session);
  own(session);
  sys.close(fd);
  reset(session, signals);
  session.released();
}

void unconditionally(Session& session, int) { record_pid(session, 0); }

void if_match(Session& session, int) { reset_if_own(session); }

// poll: did SIGTERM arrive?
void one_way(Session& session, int signals) {
  struct pollfd arrived = {signals, POLLIN, 0};
  if (session.sys().poll(&arrived, 1, 0) > 0) return reset_under_lock(session);
  record_pid(session, 0);
}

// The file beside the record is what outsiders look at here.
void run_with_file(Session& session, std::string_view name) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  record_self(session);
  const int file = open_file(session, name, O_WRONLY | O_CREAT | O_TRUNC);
  write_own_pid(session, file);
  sys.close(file);
  own(session);
  sys.close(fd);
  remove_name(session, name);
  reset_under_lock(session);
  session.released();
}

void run_legacy(Session& session) { run_with_file(session, "legacy"); }
void run_container(Session& session) { run_with_file(session, "container"); }

const BuiltinRegistration registrations[] = {
    {{.name = "toolhive/reset_unconditionally",
      .summary = "who exits resets the record, whoever it names",
      .verbs = {{"run", run<unconditionally>}},
      .record = "status"}},
    {{.name = "toolhive/reset_if_match_unlocked",
      .summary = "who exits looks whether the record is its own, and then resets it",
      .verbs = {{"run", run<if_match>}},
      .record = "status"}},
    {{.name = "toolhive/reset_one_way",
      .summary = "one of two ways out resets the record without a look",
      .verbs = {{"run", run<one_way>}},
      .record = "status"}},
    {{.name = "toolhive/legacy_file_unguarded",
      .summary = "who exits removes the PID file of older versions, whoever wrote it",
      .verbs = {{"run", run_legacy}},
      .record = "legacy"}},
    {{.name = "toolhive/stops_by_name",
      .summary = "who exits removes the container of its name, whoever made it",
      .verbs = {{"run", run_container}},
      .record = "container"}},
};

}  // namespace
}  // namespace lockproof::toolhive
