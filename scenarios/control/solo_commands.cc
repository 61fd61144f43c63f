// SPDX-License-Identifier: Apache-2.0
// Those who ask, and those who end others: the commands beside `run`, and somebody who tidies up.
#include <variant>

#include "port/forward.h"
#include "solo/fd.h"
#include "solo/probe.h"
#include "solo/record.h"
#include "solo_verbs.h"

namespace lockproof::control {

using solo::port::Sys;

namespace {

// The byte that says who owns.
bool lock_first_byte(Sys& sys, int fd) {
  struct flock part {};
  part.l_type = F_WRLCK;
  part.l_len = 1;
  return sys.fcntl_lock(fd, F_OFD_SETLK, &part) == 0;
}

// Says when the process is pinned that will be signalled: what solo asks before that is not enough.
class PickIsHeard final : public solo::port::ForwardSys {
 public:
  PickIsHeard(Sys& next, Session& session) : ForwardSys(next), session_(session) {}

  int pidfd_open(pid_t pid) override {
    session_.picks();
    return ForwardSys::pidfd_open(pid);
  }

 private:
  Session& session_;
};

// Announces a stop, carries it out, and does `then` with the result while it is still under way.
template <class Then>
void stop_and(Session& session, Sys& sys, Then then) {
  PickIsHeard heard(session.sys(), session);
  over(heard, sys, [&](Sys& kernel) {
    const auto dir = state_dir(session, kernel);
    if (!dir.ok()) return;
    const solo::Name it = name();
    auto under_way = solo::Stop::announce(kernel, dir.value(), it);
    if (!under_way.ok() || !under_way.value()) return;
    session.stops();
    then(under_way.value()->carry_out({1000, kOnce}));
    session.stopped();
  });
}

}  // namespace

void status(Session& session, Sys& sys) {
  session.probes();
  solo::probe(sys, session.dir(), name());
  session.probed();
}

void stop(Session& session, Sys& sys) {
  stop_and(session, sys, [](const solo::StopResult&) {});
}

void rm(Session& session, Sys& sys) {
  PickIsHeard heard(session.sys(), session);
  over(heard, sys, [&](Sys& kernel) {
    const auto dir = state_dir(session, kernel);
    if (dir.ok()) solo::disown(kernel, dir.value(), name(), {1, 20});
  });
}

// While the stop is under way nothing starts by itself: so what it found stays true.
void clear(Session& session, Sys& sys) {
  stop_and(session, sys, [&](const solo::StopResult& result) {
    if (std::holds_alternative<solo::Error>(result)) return session.refused();
    session.destroys();
    sys.unlinkat(AT_FDCWD, path_of(session, "data").c_str(), 0);
    session.destroyed();
  });
}

void plant(Session& session, Sys& sys) {
  sys.symlinkat("it.record", AT_FDCWD, path_of(session, "it.record.new").c_str());
}

// The pid is that of a child that has ended.
void meddle(Session& session, Sys& sys) {
  const pid_t gone = sys.fork();
  if (gone < 0) return;
  if (gone == 0) sys.exit(0);
  sys.waitpid(gone, nullptr, 0);
  const solo::Fd file(
      sys, sys.openat(AT_FDCWD, path_of(session, "it.record").c_str(), O_RDWR | O_CLOEXEC, 0));
  char text[solo::kMaxRecordBytes];
  const ssize_t size = file.valid() ? sys.read(file.get(), text, sizeof text) : 0;
  auto record = solo::parse_record({text, size > 0 ? static_cast<std::size_t>(size) : 0});
  if (!record || record->state != solo::Record::State::kOwned) return;
  record->pid = gone;
  const std::string changed = solo::format_record(*record);
  sys.pwrite(file.get(), changed.data(), changed.size(), 0);
}

// By the same rules as solo itself: it owns what it removes, and it looks whether that is what the
// name reaches.
void purge(Session& session, Sys& sys) {
  const std::string path = path_of(session, "it.lock");
  solo::Fd file(sys, sys.openat(AT_FDCWD, path.c_str(), O_RDWR | O_CLOEXEC, 0));
  if (!file.valid()) return;
  if (!lock_first_byte(sys, file.get())) return;
  struct stat held {};
  if (sys.fstat(file.get(), &held) < 0 || held.st_nlink == 0) return;
  sys.unlinkat(AT_FDCWD, path.c_str(), 0);
}

}  // namespace lockproof::control
