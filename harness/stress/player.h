// SPDX-License-Identifier: Apache-2.0
// A player knows how one kind of subject is started and listened to; the crew does the rest for all
// kinds alike.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/event.h"
#include "core/fd.h"
#include "stress/ledger.h"
#include "stress/witness.h"
#include "subject/scenario.h"
#include "trace/cage.h"

namespace lockproof {

// One process of the cast, from its fork until it is reaped.
struct Member {
  int slot = 0;  // its place in the cast; the next process in this place is another member
  Life life = kHarness;
  pid_t pid = -1;
  Fd pidfd;
  bool stopped = false;
  bool killed = false;  // SIGKILL was sent
  bool said_busy = false;
  std::int64_t continue_at_ms = 0;  // stopped: when it goes on

  // wrapper, daemon: the process behind {critical}
  Life critical = kHarness;
  pid_t critical_pid = -1;  // -1: it has not begun
  bool critical_done = false;
  bool critical_died = false;  // by its own hand, as a fault

  // worker
  Fd in, out;
  std::string line;
  bool owns = false;
  bool told = false;  // to give up
  std::int64_t give_up_at_ms = 0;
};

// What a player works with. References outlive it.
struct Stage {
  const Scenario& scenario;
  const Cage& cage;
  Witness witness;
  Ledger& ledger;
  std::string run_dir;  // {dir}
  std::string helper;   // the program behind {critical}, and what an exec_child becomes
  std::uint64_t seed = 0;
  bool perturb = true;
  std::uint32_t hold_us_max = 0;
  std::uint32_t think_us_max = 0;
  bool self_kill = false;  // kill is among the faults: a critical section may die
};

class Player {
 public:
  virtual ~Player() = default;

  // In the engine, before the fork.
  virtual void prepare(Member& /*member*/) {}
  // In the child. Signals are as in a new process; only standard streams and what prepare() opened
  // are of use.
  [[noreturn]] virtual void play(Member& member) = 0;
  // In the engine: every event of the run passes by.
  virtual void hear(const Event& /*event*/) {}
  // In the engine, before `signal` is sent to the member.
  virtual void about_to_signal(Member& /*member*/, int /*signal*/) {}
  // In the engine, each turn.
  virtual void tend(std::int64_t /*now_ms*/) {}
  // In the engine, after the member was reaped and before that is noted: is this end one that the
  // subject may come to?
  virtual bool ended(Member& /*member*/, int /*status*/) { return true; }
  // In the engine: an orphan that is none of the members was reaped.
  virtual void orphan_ended(pid_t /*pid*/, int /*status*/) {}
  // In the engine: the run comes to its end; members are to finish.
  virtual void close() {}
  // Why nothing may be concluded from this run, "" if all is well.
  virtual std::string trouble() const { return ""; }
  // What a person should know of the subject's output, "" if nothing.
  virtual std::string remark() const { return ""; }
};

std::unique_ptr<Player> make_builtin_player(const Stage& stage);
std::unique_ptr<Player> make_wrapper_player(const Stage& stage);  // of daemons, too
std::unique_ptr<Player> make_worker_player(const Stage& stage);

// In a child: becomes the program, or ends with status 127.
[[noreturn]] void become(const std::vector<std::string>& words);

}  // namespace lockproof
