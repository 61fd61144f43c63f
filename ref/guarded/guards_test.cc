// SPDX-License-Identifier: Apache-2.0
// Every guard is there for something: what it is for is kept with it, and broken without it.
//
// A witness drives the library into the one situation that its guard is about, and says whether the
// promise was kept. Each guard of guards.def has one, and each guard of guards.def stands somewhere
// in the source.
#include <regex>
#include <set>

#include "src/guard.h"
#include "src/testing.h"

namespace solo::testing {
namespace {

// What a witness is given: a directory, the kernel for the library under test, and a hook into it.
struct Scene {
  explicit Scene(std::optional<Guard> off) {
    if (off) without.emplace(relay, *off);
  }
  port::Sys& sys() { return without ? static_cast<port::Sys&>(*without) : relay; }
  ClaimResult claim() { return claim_in(sys(), temp); }
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
