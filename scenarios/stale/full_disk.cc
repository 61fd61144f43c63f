// SPDX-License-Identifier: Apache-2.0
// A record that could not be written: the disk is full, or the write fails in another way.
//
// `unchecked` empties the file and writes its pid under a flock, and does not look whether that
// worked. Wrong: it owns, and the record names nobody. `checked` owns only when its pid stands
// there; else it empties the file again and says that it failed. Right.
#include "steps.h"

namespace lockproof::stale {
namespace {

enum class Looks { kNever, kAtEachCall };

template <Looks looks>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "pid", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  const std::string record = std::to_string(sys.getpid()) + "\n";
  const bool written = sys.ftruncate(fd, 0) == 0 && sys.write(fd, record.data(), record.size()) ==
                                                        static_cast<ssize_t>(record.size());
  if (looks == Looks::kAtEachCall && !written) {
    sys.close(fd);
    return session.failed("write");
  }
  own(session);
  sys.ftruncate(fd, 0);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "stale/unchecked",
      .summary = "flock on the record, which is written and not looked at again",
      .verbs = {{"run", run<Looks::kNever>}},
      .record = "pid",
      .lock = "pid"}},
    {{.name = "stale/checked",
      .summary = "flock on the record; who cannot write it does not own",
      .verbs = {{"run", run<Looks::kAtEachCall>}},
      .record = "pid",
      .lock = "pid"}},
};

}  // namespace
}  // namespace lockproof::stale
