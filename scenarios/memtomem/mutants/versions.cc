// SPDX-License-Identifier: Apache-2.0
// An old version locks `legacy` for itself. The new one has a lock of its own, and shares `legacy`,
// so that old and new exclude each other (M-R6).
//
// `versions`: nobody removes `legacy`. Right. `first_sharer_unlinks`: the first of the new ones
// that exits, a loser too, removes it; those who still share it share a file without a name, and an
// old one makes a new one (ME6). `new_takes_its_own_only`: the new one has left the old lock
// behind.
#include "../steps.h"

namespace lockproof::memtomem {
namespace {

enum class Legacy { kShared, kSharedAndUnlinked, kIgnored };

template <Legacy legacy>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int shared = legacy == Legacy::kIgnored ? 0 : try_lock(session, "legacy", LOCK_SH);
  if (shared < 0) return session.busy();
  const int fd = try_lock(session, "lock", LOCK_EX);
  if (fd >= 0) own(session);
  if (legacy == Legacy::kSharedAndUnlinked) remove_name(session, "legacy");
  if (fd >= 0) sys.close(fd);
  if (shared > 0) sys.close(shared);
  if (fd < 0) return session.busy();
  session.released();
}

void run_old(Session& session) {
  session.claims();
  const int fd = try_lock(session, "legacy", LOCK_EX);
  if (fd < 0) return session.busy();
  own_and_close(session, fd);
}

const BuiltinRegistration registrations[] = {
    {{.name = "memtomem/versions",
      .summary = "the new version shares the old lock, and has one of its own",
      .verbs = {{"run", run<Legacy::kShared>}, {"run_old", run_old}}}},
    {{.name = "memtomem/first_sharer_unlinks",
      .summary = "the first of the new ones that exits removes the old lock",
      .verbs = {{"run", run<Legacy::kSharedAndUnlinked>}, {"run_old", run_old}}}},
    {{.name = "memtomem/new_takes_its_own_only",
      .summary = "the new version does not look at the old lock",
      .verbs = {{"run", run<Legacy::kIgnored>}, {"run_old", run_old}}}},
};

}  // namespace
}  // namespace lockproof::memtomem
