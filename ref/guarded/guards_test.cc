// SPDX-License-Identifier: Apache-2.0
// Every guard is there for something: what it is for is kept with it, and broken without it.
//
// A witness drives the library into the one situation that its guard is about, and says whether the
// promise was kept. Each guard of guards.def has one, and each guard of guards.def stands somewhere
// in the source.
#include <regex>
#include <set>
#include <sstream>

#include "solo/control.h"
#include "solo/launch.h"
#include "solo/parent_watch.h"
#include "solo/process.h"
#include "src/guard.h"
#include "src/lock_parts.h"
#include "src/testing.h"

namespace solo::testing {
namespace {

// What a witness is given: a directory, the kernel for the library under test, and a hook into it.
struct Scene {
  explicit Scene(std::optional<Guard> off) {
    if (off) without.emplace(relay, *off);
  }
  port::Sys& sys() { return without ? static_cast<port::Sys&>(*without) : relay; }
  ClaimResult claim(const ClaimOptions& options = {}) { return claim_in(sys(), temp, options); }
  // The library over a kernel of the witness's own.
  template <class Act>
  auto over(port::Sys& kernel, Act act) {
    if (!without) return act(kernel);
    WithoutGuard less(kernel, without->off());
    return act(static_cast<port::Sys&>(less));
  }

  TempDir temp;
  RelaySys relay{port::linux_sys()};
  std::optional<WithoutGuard> without;
};

InstanceLock& lock_of(ClaimResult& result) { return *std::get_if<InstanceLock>(&result); }

using Witness = bool (*)(Scene& scene);

bool never_unlinked(Scene& scene) {
  ClaimResult result = scene.claim();
  lock_of(result).give_up();
  return std::filesystem::exists(scene.temp.lock());
}

bool no_follow(Scene& scene) {
  const std::string nowhere = scene.temp.path() + "/nowhere";
  EXPECT_EQ(::symlink(nowhere.c_str(), scene.temp.lock().c_str()), 0);
  scene.claim();
  return !std::filesystem::exists(nowhere);
}

bool regular_file(Scene& scene) {
  EXPECT_EQ(::mkfifo(scene.temp.lock().c_str(), 0600), 0);
  return is_error(scene.claim());
}

// A kernel where an open that would wait at a FIFO fails instead, and is remembered.
class ImpatientSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  int openat(int dir, const char* path, int flags, mode_t mode) override {
    struct stat info {};
    const bool fifo = next().fstatat(dir, path, &info, 0) == 0 && S_ISFIFO(info.st_mode);
    if (!fifo || (flags & O_NONBLOCK) != 0) return next().openat(dir, path, flags, mode);
    waited = true;
    return -EIO;
  }
  bool waited = false;
};

bool never_waits(Scene& scene) {
  EXPECT_EQ(::mkfifo(scene.temp.record().c_str(), 0600), 0);
  ImpatientSys impatient(port::linux_sys());
  scene.over(impatient, [&](port::Sys& sys) { return is_error(claim_in(sys, scene.temp)); });
  return !impatient.waited;
}

bool single_link(Scene& scene) {
  spill(scene.temp.path() + "/victim", "precious");
  EXPECT_EQ(::link((scene.temp.path() + "/victim").c_str(), scene.temp.lock().c_str()), 0);
  return is_error(scene.claim());
}

bool own_file(Scene& scene) {
  spill(scene.temp.lock(), "");
  GivenAway given(scene.temp.lock());
  return scene.over(given, [&](port::Sys& sys) { return is_error(claim_in(sys, scene.temp)); });
}

bool above_stdio(Scene& scene) {
  Child child([&] {
    ::close(0);
    ::close(1);
    ::close(2);
    ClaimResult result = scene.claim();
    ::_exit(owns(result) && lock_of(result).fd() >= 3 ? 0 : 1);
  });
  return child.wait() == 0;
}

bool close_on_exec(Scene& scene) {
  ClaimResult result = scene.claim();
  return (::fcntl(lock_of(result).fd(), F_GETFD) & FD_CLOEXEC) != 0;
}

bool failure_is_failure(Scene& scene) {
  scene.relay.before = [](std::string_view call) { return call == "fcntl_lock" ? -ENOLCK : 0; };
  return is_error(scene.claim());
}

bool same_inode(Scene& scene) {
  std::optional<ClaimResult> rival;
  scene.relay.before = [&](std::string_view call) {
    if (call == "fcntl_lock" && !rival) {
      EXPECT_EQ(::unlink(scene.temp.lock().c_str()), 0);
      rival.emplace(claim_in(scene.temp));
    }
    return 0;
  };
  const ClaimResult result = scene.claim();
  return owns(*rival) && is_busy(result);
}

bool bounded_attempts(Scene& scene) {
  unsigned attempts = 0;
  scene.relay.before = [&](std::string_view call) {
    if (call == "fcntl_lock" && ++attempts < 3 * kMaxAttempts) ::unlink(scene.temp.lock().c_str());
    return 0;
  };
  return is_error(scene.claim()) && attempts == kMaxAttempts;
}

bool private_mode(Scene& scene) {
  spill(scene.temp.lock(), "");
  EXPECT_EQ(::chmod(scene.temp.lock().c_str(), 0666), 0);
  const ClaimResult result = scene.claim();
  struct stat info {};
  EXPECT_EQ(::stat(scene.temp.lock().c_str(), &info), 0);
  return owns(result) && (info.st_mode & 07777) == 0600;
}

bool under_lock(Scene& scene) {
  const ClaimResult owner = claim_in(scene.temp);
  const std::string record = slurp(scene.temp.record());
  return is_busy(scene.claim()) && slurp(scene.temp.record()) == record;
}

bool fresh_file(Scene& scene) {
  spill(scene.temp.state() + "/web.record.new", std::string(kMaxRecordBytes, 'x'));
  const ClaimResult result = scene.claim();
  return owns(result) && parse_record(slurp(scene.temp.record()));
}

bool complete_first(Scene& scene) {
  bool torn = false;
  scene.relay.after = [&](std::string_view) {
    const bool there = std::filesystem::exists(scene.temp.record());
    torn = torn || (there && !parse_record(slurp(scene.temp.record())));
    return 0;
  };
  return owns(scene.claim()) && !torn;
}

bool next_generation(Scene& scene) {
  { const ClaimResult first = scene.claim(); }
  ClaimResult second = scene.claim();
  return lock_of(second).record().generation == 2;
}

bool still_my_record(Scene& scene) {
  ClaimResult result = scene.claim();
  Record foreign = lock_of(result).record();
  ++foreign.nonce;
  spill(scene.temp.record(), format_record(foreign));
  lock_of(result).give_up();
  return slurp(scene.temp.record()) == format_record(foreign);
}

bool released_first(Scene& scene) {
  ClaimResult result = scene.claim();
  bool free = false;
  scene.relay.before = [&](std::string_view call) {
    free = free || (call == "renameat" && std::holds_alternative<Free>(probe_in(scene.temp)));
    return 0;
  };
  lock_of(result).give_up();
  return !free;
}

// A forked child has a copy of the lock, and gives it up.
void give_up_a_copy(ClaimResult& result) {
  Child child([&] {
    lock_of(result).give_up();
    ::_exit(0);
  });
  EXPECT_EQ(child.wait(), 0);
}

bool claimer_only(Scene& scene) {
  ClaimResult result = scene.claim();
  give_up_a_copy(result);
  return parse_record(slurp(scene.temp.record())) == lock_of(result).record();
}

bool close_not_unlock(Scene& scene) {
  ClaimResult result = scene.claim();
  give_up_a_copy(result);
  return is_busy(claim_in(scene.temp));
}

bool sides_first(Scene& scene) {
  const std::string port = scene.temp.state() + "/web.port";
  spill(port, "of an earlier owner");
  bool old = false;
  scene.relay.after = [&](std::string_view) {
    const bool named = std::filesystem::exists(scene.temp.record());
    old = old || (named && std::filesystem::exists(port));
    return 0;
  };
  ClaimOptions options;
  options.side_files = {"web.port"};
  return owns(scene.claim(options)) && !old;
}

bool sides_under_lock(Scene& scene) {
  ClaimOptions options;
  options.side_files = {"web.port"};
  ClaimResult result = scene.claim(options);
  bool late = false;
  scene.relay.before = [&](std::string_view call) {
    late = late || (call == "unlinkat" && std::holds_alternative<Free>(probe_in(scene.temp)));
    return 0;
  };
  lock_of(result).give_up();
  return !late;
}

// A part of the lock file as another process would hold it.
Fd hold_part(Scene& scene, Part part, As as) {
  Fd file(port::linux_sys(), ::open(scene.temp.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(take_part(port::linux_sys(), file.get(), part, as), 1);
  return file;
}

bool stop_asked_after(Scene& scene) {
  const Fd stopper = hold_part(scene, Part::kStop, As::kReader);
  ClaimOptions options;
  options.managed = Managed::kAuto;
  return std::holds_alternative<Stopping>(scene.claim(options));
}

// Whether a stop signals anybody. The signal does not arrive.
bool stop_signals(Scene& scene, std::function<void(std::string_view)> meanwhile = nullptr) {
  bool signalled = false;
  scene.relay.before = [&](std::string_view call) {
    if (meanwhile) meanwhile(call);
    signalled = signalled || call == "pidfd_send_signal";
    return call == "pidfd_send_signal" ? -EPERM : 0;
  };
  const StateDir dir =
      StateDir::open(port::linux_sys(), scene.temp.state(), StateDir::IfMissing::kFail).value();
  stop(scene.sys(), dir, web(), {0, {0, 0}});
  return signalled;
}

// A child that does `act` with its claim, says so, and stays.
template <class Act>
void live_owner(Scene& scene, const Pipe& said, Act act) {
  ClaimResult result = claim_in(scene.temp);
  said.send(owns(result) ? 'o' : 'e');
  act(result);
  for (;;) ::pause();
}

bool held_by_somebody(Scene& scene) {
  const Pipe said;
  Child dropped([&] {
    live_owner(scene, said, [&](ClaimResult& result) {
      { const ClaimResult gone = std::move(result); }
      said.send('d');
    });
  });
  EXPECT_EQ(said.receive(), 'o');
  EXPECT_EQ(said.receive(), 'd');
  return !stop_signals(scene);
}

bool same_record(Scene& scene) {
  const Pipe said, told;
  Child owner([&] {
    live_owner(scene, said, [&](ClaimResult& result) {
      told.receive();
      lock_of(result).give_up();
      said.send('g');
    });
  });
  EXPECT_EQ(said.receive(), 'o');
  std::optional<ClaimResult> next;
  return !stop_signals(scene, [&](std::string_view call) {
    if (call != "pidfd_open") return;
    told.send('g');
    EXPECT_EQ(said.receive(), 'g');
    next.emplace(claim_in(scene.temp));
  });
}

// The lock is held; the record says something else than the owner wrote.
template <class Change>
bool stop_signals_by(Scene& scene, Change change) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  Record record = *parse_record(slurp(scene.temp.record()));
  change(record);
  spill(scene.temp.record(), format_record(record));
  return stop_signals(scene);
}

bool same_realm(Scene& scene) {
  return !stop_signals_by(scene, [](Record& record) { ++record.pid_namespace; });
}

bool same_start(Scene& scene) {
  return !stop_signals_by(scene, [](Record& record) { --record.start_ticks; });
}

// A kernel where a process ends, and its pid is given away, as soon as somebody has looked at it.
class FleetingSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  int openat(int dir, const char* path, int flags, mode_t mode) override {
    const std::string_view name(path);
    looked = looked || (name.ends_with("/stat") && name != "/proc/self/stat");
    return next().openat(dir, path, flags, mode);
  }
  int pidfd_open(pid_t pid) override {
    stranger = looked;
    return next().pidfd_open(pid);
  }
  int pidfd_send_signal(int, int) override {
    stranger_signalled = stranger;
    return -EPERM;
  }
  bool looked = false, stranger = false, stranger_signalled = false;
};

bool pinned_first(Scene& scene) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  FleetingSys fleeting(port::linux_sys());
  const StateDir dir =
      StateDir::open(port::linux_sys(), scene.temp.state(), StateDir::IfMissing::kFail).value();
  scene.over(fleeting, [&](port::Sys& sys) { return stop(sys, dir, web(), {0, {0, 0}}); });
  return !fleeting.stranger_signalled;
}

bool not_ended(Scene& scene) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  const Record record = *parse_record(slurp(scene.temp.record()));
  ::kill(owner.pid(), SIGKILL);
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(owner.pid()), &info, WEXITED | WNOWAIT), 0);
  return is_alive(scene.sys(), record.pid, record.start_ticks) == 0;
}

bool announced_first(Scene& scene) {
  bool announced = true;
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  const Fd asker(port::linux_sys(), ::open(scene.temp.lock().c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(stop_signals(scene, [&](std::string_view call) {
    if (call != "pidfd_send_signal") return;
    announced = part_is_held(port::linux_sys(), asker.get(), Part::kStop, As::kWriter) == 1;
  }));
  return announced;
}

bool exit_seen(Scene& scene) {
  const Pipe said, told;
  Child owner([&] {
    ::signal(SIGTERM, SIG_IGN);
    live_owner(scene, said, [&](ClaimResult&) {
      told.receive();
      ::_exit(0);
    });
  });
  EXPECT_EQ(said.receive(), 'o');
  scene.relay.before = [&](std::string_view call) {
    if (call == "poll") told.send('e');
    return 0;
  };
  const StateDir dir =
      StateDir::open(port::linux_sys(), scene.temp.state(), StateDir::IfMissing::kFail).value();
  stop(scene.sys(), dir, web(), {30'000, {0, 0}});
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(owner.pid()), &info, WEXITED | WNOHANG | WNOWAIT), 0);
  return info.si_pid == owner.pid();
}

// A kernel that counts forks, and calls `at` before a part of the lock file is locked.
class LaunchSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  pid_t fork() override {
    ++forks;
    return next().fork();
  }
  int fcntl_lock(int fd, int command, struct flock* lock) override {
    if (command == F_OFD_SETLK && lock->l_start == static_cast<off_t>(at_part) && at) {
      std::exchange(at, nullptr)();
    }
    return RelaySys::fcntl_lock(fd, command, lock);
  }
  int forks = 0;
  Part at_part = Part::kOwner;
  std::function<void()> at;
};

EnsureResult ensure_over(Scene& scene, port::Sys& kernel, const std::function<int()>& instance) {
  const StateDir dir =
      StateDir::open(port::linux_sys(), scene.temp.state(), StateDir::IfMissing::kFail).value();
  return scene.over(kernel, [&](port::Sys& sys) {
    return ensure(sys, dir, web(), instance, {{0, 0}, {0, 0}, 30'000});
  });
}

// All children that are left, killed and reaped; how many.
int end_children() {
  int ended = 0;
  siginfo_t info{};
  for (;; ++ended) {
    const std::string path = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
    std::istringstream children(slurp(path));
    pid_t child = 0;
    if (!(children >> child)) return ended;
    ::kill(child, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED);
  }
}

bool one_launcher(Scene& scene) {
  const Fd other = hold_part(scene, Part::kLauncher, As::kWriter);
  LaunchSys sys(port::linux_sys());
  ensure_over(scene, sys, [] { return 0; });
  end_children();
  return sys.forks == 0;
}

bool looked_again(Scene& scene) {
  std::optional<ClaimResult> other;
  LaunchSys sys(port::linux_sys());
  sys.at_part = Part::kLauncher;
  sys.at = [&] {
    other.emplace(claim_in(scene.temp));
    EXPECT_TRUE(lock_of(*other).become_ready().ok());
  };
  ensure_over(scene, sys, [] { return 0; });
  end_children();
  return sys.forks == 0;
}

bool stop_asked_first(Scene& scene) {
  const Fd stopper = hold_part(scene, Part::kStop, As::kReader);
  LaunchSys sys(port::linux_sys());
  ensure_over(scene, sys, [] { return 0; });
  end_children();
  return sys.forks == 0;
}

ClaimResult claim_by_itself(Scene& scene) {
  ClaimOptions options;
  options.managed = Managed::kAuto;
  return claim_in(port::linux_sys(), scene.temp, options);
}

bool last_look(Scene& scene) {
  const Pipe said, told;
  LaunchSys sys(port::linux_sys());
  sys.at_part = Part::kReady;
  sys.at = [&] {
    told.send('r');
    EXPECT_EQ(said.receive(), 'r');
  };
  const EnsureResult result = ensure_over(scene, sys, [&] {
    ClaimResult claimed = claim_by_itself(scene);
    told.receive();
    EXPECT_TRUE(lock_of(claimed).become_ready().ok());
    said.send('r');
    for (;;) ::pause();
    return 0;
  });
  end_children();
  return std::holds_alternative<Ready>(result);
}

bool only_automatic(Scene& scene) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  bool signalled = false;
  scene.relay.before = [&](std::string_view call) {
    signalled = signalled || call == "pidfd_send_signal";
    return call == "pidfd_send_signal" ? -EPERM : 0;
  };
  ensure_over(scene, scene.relay, [] { return 0; });
  return !signalled;
}

bool reaped(Scene& scene) {
  LaunchSys sys(port::linux_sys());
  ensure_over(scene, sys, [] {
    for (;;) ::pause();
    return 0;
  });
  return end_children() == 0;
}

bool parent_pinned(Scene& scene) {
  const Pipe said;
  Child stranger([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  const std::uint64_t start = parse_record(slurp(scene.temp.record()))->start_ticks;
  return !ParentWatch::begin(scene.sys(), ParentIdentity{stranger.pid(), start - 1}).ok();
}

// The directory at `path` is refused.
bool refuses(Scene& scene, const std::string& path) {
  return !StateDir::open(scene.sys(), path, StateDir::IfMissing::kFail).ok();
}

bool absolute_path(Scene& scene) {
  return refuses(scene, scene.temp.path() + "/../" + scene.temp.path().substr(1) + "/s") &&
         refuses(scene, scene.temp.path() + "/./s");
}

bool no_symlink(Scene& scene) {
  const std::string link = scene.temp.path() + "/link";
  EXPECT_EQ(::symlink(scene.temp.state().c_str(), link.c_str()), 0);
  return refuses(scene, link);
}

bool trusted_parent(Scene& scene) {
  EXPECT_EQ(::chmod(scene.temp.path().c_str(), 0777), 0);
  return refuses(scene, scene.temp.state());
}

bool own_directory(Scene& scene) {
  GivenAway given(scene.temp.state());
  return scene.over(given, [&](port::Sys& sys) {
    return !StateDir::open(sys, scene.temp.state(), StateDir::IfMissing::kFail).ok();
  });
}

bool private_directory(Scene& scene) {
  EXPECT_EQ(::chmod(scene.temp.state().c_str(), 0770), 0);
  return refuses(scene, scene.temp.state());
}

class NetworkSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  int fstatfs(int, struct statfs* out) override {
    *out = {};
    out->f_type = 0x6969;
    return 0;
  }
};

bool local_file_system(Scene& scene) {
  NetworkSys network(port::linux_sys());
  return scene.over(network, [&](port::Sys& sys) { return is_error(claim_in(sys, scene.temp)); });
}

// In the order of guards.def: a guard without a witness does not compile.
struct Line {
  const char* name;
  Guard guard;
  Witness kept;
};
constexpr Line kGuards[] = {
#define SOLO_GUARD_LINE(name, why) {#name, Guard::name, name},
#include "src/guards.def"
#undef SOLO_GUARD_LINE
};

class Guards : public ::testing::TestWithParam<Line> {};

TEST_P(Guards, KeepWhatIsLostWithoutThem) {
  Scene whole(std::nullopt);
  EXPECT_TRUE(GetParam().kept(whole));
  Scene less(GetParam().guard);
  EXPECT_FALSE(GetParam().kept(less));
}

INSTANTIATE_TEST_SUITE_P(All, Guards, ::testing::ValuesIn(kGuards),
                         [](const auto& line) { return std::string(line.param.name); });

TEST(GuardsInTheSource, AreThoseOfTheList) {
  std::set<std::string> listed, used;
  for (const Line& line : kGuards) listed.insert(line.name);
  const std::regex use(R"(SOLO_GUARD\([^;{}]*?,\s*(\w+)\))");
  for (const auto& file : std::filesystem::directory_iterator(LOCKPROOF_SOURCE "/ref/src")) {
    if (file.path().extension() != ".cc") continue;
    const std::string text = slurp(file.path());
    for (std::sregex_iterator at(text.begin(), text.end(), use), end; at != end; ++at) {
      used.insert((*at)[1]);
    }
  }
  EXPECT_EQ(used, listed);
}

}  // namespace
}  // namespace solo::testing
