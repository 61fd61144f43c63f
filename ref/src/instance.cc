// SPDX-License-Identifier: Apache-2.0
#include "solo/instance.h"

#include <algorithm>
#include <cerrno>

#include "calls.h"
#include "guard.h"
#include "lock_file.h"
#include "lock_parts.h"
#include "record_file.h"
#include "solo/process.h"

namespace solo {
namespace {

// A clock that cannot be before its epoch, in milliseconds.
Result<std::uint64_t> milliseconds(port::Sys& sys, clockid_t clock) {
  struct timespec now {};
  const int asked = sys.clock_gettime(clock, &now);
  if (asked < 0) return Error{"cannot read the clock", -asked};
  if (now.tv_sec < 0) return std::uint64_t{0};
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

// What this process would write, but for the generation: everything that can fail without the lock,
// so that it does fail without the lock.
Result<Record> prepare_record(port::Sys& sys) {
  const auto self = identify_self(sys);
  if (!self.ok()) return self.error();
  const auto nonce = random_nonce(sys);
  if (!nonce.ok()) return nonce.error();
  const auto since_boot = milliseconds(sys, CLOCK_BOOTTIME);
  if (!since_boot.ok()) return since_boot.error();
  const auto since_unix = milliseconds(sys, CLOCK_REALTIME);
  if (!since_unix.ok()) return since_unix.error();

  Record record;
  record.pid = self.value().pid;
  record.start_ticks = self.value().start_ticks;
  record.boot_id = self.value().realm.boot_id;
  record.pid_namespace = self.value().realm.pid_namespace;
  record.nonce = nonce.value();
  record.since_boot_ms = since_boot.value();
  record.since_unix_ms = since_unix.value();
  return record;
}

Result<std::uint64_t> next_generation(port::Sys& sys, const StateDir& dir, const Name& name) {
  const auto before = read_record(sys, dir, name);
  if (!before.ok()) return before.error();
  const std::uint64_t last = before.value() ? before.value()->generation : 0;
  if (last == kMaxGeneration) {
    return Error{dir.quoted(name.record_file()) + " has the last generation; remove it"};
  }
  return SOLO_GUARD(sys, next_generation) ? last + 1 : std::max<std::uint64_t>(last, 1);
}

// The record gets its generation and becomes the one that readers see. Under the lock.
MaybeError publish_next(port::Sys& sys, const StateDir& dir, const Name& name, Record& record) {
  const auto generation = next_generation(sys, dir, name);
  if (!generation.ok()) return generation.error();
  record.generation = generation.value();
  return publish(sys, dir, name, record);
}

// Guards sides_first and sides_under_lock are about when. What lies there is not looked at: only a
// name of ours goes.
MaybeError remove_side_files(port::Sys& sys, const StateDir& dir,
                             const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const int gone = sys.unlinkat(dir.fd(), file.c_str(), 0);
    if (gone < 0 && gone != -ENOENT) return Error{"cannot remove " + dir.quoted(file), -gone};
  }
  return {};
}

}  // namespace

bool is_side_file(std::string_view name) {
  return Name::parse(name).ok() && !name.ends_with(".lock") && !name.ends_with(".record") &&
         !name.ends_with(".record.new");
}

class Claimer {
 public:
  static ClaimResult claim(port::Sys& sys, StateDir dir, const Name& name, ClaimOptions options) {
    for (const std::string& file : options.side_files) {
      if (!is_side_file(file)) return Error{dir.quoted(file) + " cannot be a side file"};
    }
    auto prepared = prepare_record(sys);
    if (!prepared.ok()) return prepared.error();
    Record& record = prepared.value();
    record.managed = options.managed;
    const bool under_lock = SOLO_GUARD(sys, under_lock);
    if (!under_lock) publish_next(sys, dir, name, record);

    auto taken = take_lock(sys, dir, name);
    if (!taken.ok()) return taken.error();
    if (!taken.value()) {
      const Realm realm{record.boot_id, record.pid_namespace};
      return Busy{read_live_record(sys, dir, name, realm)};
    }

    // An error from here on closes the lock on its way out.
    Fd file = std::move(*taken.value());
    if (options.managed == Managed::kAuto && SOLO_GUARD(sys, stop_asked_after)) {
      const int stop = part_is_held(sys, file.get(), Part::kStop, As::kWriter);
      if (stop < 0) return Error{"cannot ask for a stop of '" + name.text() + "'", -stop};
      if (stop == 1) return Stopping{};
    }
    const bool sides_first = SOLO_GUARD(sys, sides_first);
    MaybeError error;
    if (sides_first) error = remove_side_files(sys, dir, options.side_files);
    if (!error && under_lock) error = publish_next(sys, dir, name, record);
    if (error) return *error;
    const int said = take_part(sys, file.get(), Part::kPublished, As::kWriter);
    if (said != 1) return Error{"cannot lock " + dir.quoted(name.lock_file()), -said};
    return InstanceLock(sys, std::move(dir), name, std::move(file), record,
                        std::move(options.side_files));
  }
};

ClaimResult claim(port::Sys& sys, StateDir dir, const Name& name, ClaimOptions options) {
  return Claimer::claim(sys, std::move(dir), name, std::move(options));
}

Result<bool> InstanceLock::become_ready() {
  const int taken = take_part(*sys_, file_.get(), Part::kReady, As::kWriter);
  if (taken < 0) return Error{"cannot lock " + dir_.quoted(name_.lock_file()), -taken};
  return taken == 1;
}

Result<bool> InstanceLock::is_disowned() const {
  const int asked = part_is_held(*sys_, file_.get(), Part::kDisown, As::kWriter);
  if (asked < 0) return Error{"cannot ask for " + dir_.quoted(name_.lock_file()), -asked};
  return asked == 1;
}

InstanceLock::~InstanceLock() {
  if (file_.valid() && !is_claimer()) file_.release();
  // The members close (guard close_not_unlock).
}

// A forked copy must not close either: a ForkGuard may have closed the number already, and somebody
// else may have got it since.
bool InstanceLock::is_claimer() const {
  return !SOLO_GUARD(*sys_, claimer_only) || sys_->getpid() == record_.pid;
}

MaybeError InstanceLock::give_up() {
  if (!file_.valid()) return {};
  if (!SOLO_GUARD(*sys_, close_not_unlock)) unlock(*sys_, file_.get());
  if (!is_claimer()) return {};
  if (!SOLO_GUARD(*sys_, released_first)) file_.close();
  const bool sides_under_lock = SOLO_GUARD(*sys_, sides_under_lock);
  MaybeError error;
  if (sides_under_lock) error = remove_side_files(*sys_, dir_, side_files_);
  const MaybeError unmarked = mark_released();
  file_.close();
  if (!sides_under_lock) remove_side_files(*sys_, dir_, side_files_);
  if (!SOLO_GUARD(*sys_, never_unlinked)) {
    sys_->unlinkat(dir_.fd(), name_.lock_file().c_str(), 0);
  }
  return unmarked ? unmarked : error;
}

MaybeError InstanceLock::mark_released() {
  const auto current = read_record(*sys_, dir_, name_);
  if (!current.ok()) return current.error();
  if (current.value() != record_ && SOLO_GUARD(*sys_, still_my_record)) {
    return Error{dir_.quoted(name_.record_file()) + " was changed by somebody else"};
  }
  Record released = record_;
  released.state = Record::State::kReleased;
  released.pid = 0;
  return publish(*sys_, dir_, name_, released);
}

}  // namespace solo
