// SPDX-License-Identifier: Apache-2.0
// Those who own: each claims, does its work while it owns, and gives up.
#include <sys/file.h>

#include <charconv>
#include <functional>
#include <optional>
#include <variant>

#include "solo/fork_guard.h"
#include "solo/instance.h"
#include "solo_verbs.h"
#include "whole_file.h"

namespace lockproof::control {
namespace {

using solo::port::Sys;

constexpr std::string_view kSideFile = "it.port";

using Part = std::function<void(Session& session, Sys& sys, solo::InstanceLock& lock)>;

// What an owner does beside claiming and giving up.
struct Life {
  solo::ClaimOptions options{};
  Part registers{};  // before it owns: the last part of its claim
  Part works{};
  Part drains{};       // after it has given up
  bool drops = false;  // does not give up, but drops the lock
};

// An owner from its claim to its end.
void own(Session& session, Sys& sys, Life life) {
  session.claims();
  auto dir = state_dir(session, sys);
  if (!dir.ok()) return session.failed(dir.error().what);
  auto claimed = solo::claim(sys, std::move(dir).value(), name(), std::move(life.options));
  if (std::holds_alternative<solo::Busy>(claimed)) return session.busy();
  if (std::holds_alternative<solo::Stopping>(claimed)) return session.failed("a stop is under way");
  if (auto* error = std::get_if<solo::Error>(&claimed)) return session.failed(error->what);
  auto& lock = std::get<solo::InstanceLock>(claimed);
  std::optional<solo::Result<solo::ForkGuard>> guard;
  if (session.on_host()) guard.emplace(solo::ForkGuard::watch(lock.fd()));
  if (life.registers) life.registers(session, sys, lock);
  session.owns();
  life.works(session, sys, lock);
  session.gives_up();
  if (life.drops) {
    const solo::InstanceLock dropped = std::move(lock);
  } else {
    lock.give_up();
  }
  session.released();
  if (life.drains) life.drains(session, sys, lock);
}

void hold(Session& session, Sys&, solo::InstanceLock&) { session.hold(); }
void serve_on(Session& session, Sys&, solo::InstanceLock&) { session.serves(); }

// What a launcher has forked. It is started where it owns, and has looked for a stop after that.
void own_automatically(Session& session, Sys& sys, void (*work)(Session& session)) {
  session.decides();
  const auto works = [work](Session& self, Sys&, solo::InstanceLock& lock) {
    self.spawned();
    const auto accepted = lock.become_ready();
    if (!accepted.ok() || !accepted.value()) return;
    self.ready();
    work(self);
  };
  own(session, sys, {.options = {solo::Managed::kAuto, {}}, .works = works});
}

// A store that takes nothing from who has a number below the highest that it knows. Its own lock
// keeps its visitors apart.
class Store {
 public:
  Store(Session& session, Sys& sys)
      : file_(sys, sys.openat(AT_FDCWD, path_of(session, "data").c_str(),
                              O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
        sys_(sys) {
    sys.flock(file_.get(), LOCK_EX);
  }

  std::uint64_t highest() {
    char text[20];
    const ssize_t size = sys_.pread(file_.get(), text, sizeof text, 0);
    std::uint64_t number = 0;
    if (size > 0) std::from_chars(text, text + size, number);
    return number;
  }

  void write(std::uint64_t number) {
    const std::string text = std::to_string(number) + "\n";
    sys_.pwrite(file_.get(), text.data(), text.size(), 0);
  }

 private:
  solo::Fd file_;
  Sys& sys_;
};

void write_late(Session& session, Sys& sys, solo::InstanceLock& lock) {
  Store store(session, sys);
  const std::uint64_t mine = lock.record().generation;
  if (store.highest() > mine) return session.refused();
  session.destroys();
  store.write(mine);
  session.destroyed();
}

}  // namespace

void run(Session& session, Sys& sys) { own(session, sys, {.works = hold}); }

void run_whole(Session& session, Sys& sys) {
  WholeFile old(session.sys());
  over(old, sys, [&](Sys& kernel) { run(session, kernel); });
}

void serve(Session& session, Sys& sys) {
  const auto works = [](Session& self, Sys& kernel, solo::InstanceLock& lock) {
    solo::Fd side(kernel, kernel.openat(AT_FDCWD, path_of(self, kSideFile).c_str(),
                                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const std::string text = std::to_string(lock.record().pid) + "\n";
    kernel.write(side.get(), text.data(), text.size());
    side.close();
    self.hold();
  };
  own(session, sys, {.options = {solo::Managed::kCli, {std::string(kSideFile)}}, .works = works});
}

void guard(Session& session, Sys& sys) {
  const auto works = [](Session& self, Sys& kernel, solo::InstanceLock&) {
    self.destroys();
    kernel.unlinkat(AT_FDCWD, path_of(self, "data").c_str(), 0);
    self.destroyed();
  };
  own(session, sys, {.works = works});
}

void stall(Session& session, Sys& sys) { own(session, sys, {.works = serve_on}); }

void obey(Session& session, Sys& sys) {
  bool gives_up_first = false;
  const auto works = [&](Session& self, Sys&, solo::InstanceLock& lock) {
    self.serves();
    const auto asked = lock.is_disowned();
    gives_up_first = asked.ok() && asked.value();
    if (!gives_up_first) self.hold();
  };
  const auto drains = [&](Session& self, Sys&, solo::InstanceLock&) {
    if (gives_up_first) self.hold();
  };
  own(session, sys, {.works = works, .drains = drains});
}

void linger(Session& session, Sys& sys) { own(session, sys, {.works = hold, .drains = hold}); }

void drop(Session& session, Sys& sys) {
  own(session, sys, {.works = hold, .drains = hold, .drops = true});
}

void instance(Session& session, Sys& sys) {
  own_automatically(session, sys, [](Session& self) { self.hold(); });
}

void keep_on(Session& session, Sys& sys) {
  own_automatically(session, sys, [](Session& self) { self.serves(); });
}

void daemonize(Session& session, Sys& sys) {
  const auto close_streams = [&sys] {
    for (int fd = 0; fd <= 2; ++fd) sys.close(fd);
  };
  close_streams();
  const auto works = [&](Session& self, Sys&, solo::InstanceLock&) {
    close_streams();
    self.hold();
  };
  own(session, sys, {.works = works});
}

void fork_once(Session& session, Sys& sys) {
  const auto works = [](Session& self, Sys& kernel, solo::InstanceLock& lock) {
    if (kernel.fork() == 0) {
      lock.give_up();
      kernel.exit(0);
    }
    self.hold();
  };
  own(session, sys, {.works = works});
}

void drain(Session& session, Sys& sys) {
  const auto registers = [](Session& self, Sys& kernel, solo::InstanceLock& lock) {
    Store(self, kernel).write(lock.record().generation);
  };
  own(session, sys, {.registers = registers, .works = hold, .drains = write_late});
}

void depend(Session& session, Sys& sys, const solo::ParentIdentity& parent) {
  const auto watched = solo::ParentWatch::begin(sys, parent);
  if (!watched.ok()) return;
  const auto works = [&](Session&, Sys& kernel, solo::InstanceLock&) {
    struct pollfd end = {watched.value().fd(), POLLIN, 0};
    kernel.poll(&end, 1, -1);
  };
  own(session, sys, {.works = works});
}

}  // namespace lockproof::control
