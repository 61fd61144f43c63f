// SPDX-License-Identifier: Apache-2.0
// The crew: the processes of a stress run. It forks them, signals them (through pidfds, and only
// them), reaps them, and puts a new one in the place of each that ended.
//
// What the kernel reports about an end is noted as `ended` when the process is reaped; a fault is
// noted before the signal is sent.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "stress/player.h"

namespace lockproof {

class Crew {
 public:
  Crew(const Stage& stage, std::unique_ptr<Player> player);

  // One process for each place, and the watcher.
  Result<> start(int places);

  // One turn: pipes, ended processes, replacements. Fails when the host has no more processes to
  // give.
  Result<> turn(std::int64_t now_ms);

  // Notes the fault and sends the signal. A stopped member goes on at `continue_at_ms`.
  void inject(Member& member, int signal, const char* fault, std::int64_t continue_at_ms = 0);

  // No replacements any more; everybody is to finish. / Kills who has not.
  void close();
  void kill_all();
  bool empty() const { return members_.empty() && servers_.empty() && watcher_pid_ < 0; }

  // Null when that life is no member (any more).
  Member* find(Life life);
  // In the order of their places. REQUIRES: index < size().
  std::size_t size() const { return order_.size(); }
  Member& at(std::size_t index) { return *order_[index]; }
  bool quiet() const;  // nobody is stopped, nobody killed is still to be reaped

  // The child of a drill, reported by its first event; to be ended with end_child().
  void adopt_child(Life life, pid_t pid);
  void end_child();
  bool has_child() const { return child_pid_ > 1; }

  // Every event of the run passes by, those of the drill's child after adopt_child().
  void hear(const Event& event);
  const Player& player() const { return *player_; }
  std::uint64_t started() const { return started_; }

 private:
  std::string role_of(int slot) const;
  Result<> start_member(int slot);
  Result<> start_watcher();
  void reap();
  void member_ended(Member& member, int status);
  void adopt_server(Life life, pid_t pid);
  void look_after_servers();
  Member* server_with(pid_t pid) const;
  void server_ended(Life life, int status);
  void leave(const Member& member);
  void continue_stopped();
  std::int64_t pause_before_next_ms();

  Stage stage_;
  std::unique_ptr<Player> player_;
  struct rlimit users_descriptors_;
  std::map<pid_t, std::unique_ptr<Member>> members_;
  // What a member has forked to outlive it, and which speaks for itself: faults strike it like a
  // member, and nobody takes its place. As long as its parent lives it is reaped there, or not at
  // all: then its end is seen by its pidfd, and its status is not known.
  std::map<Life, std::unique_ptr<Member>> servers_;
  std::vector<Member*> order_;  // members and servers
  std::map<Life, Member*> by_life_;
  std::multimap<std::int64_t, int> vacant_;  // when to fill it again -> place
  Random random_;
  std::int64_t now_ms_ = 0;
  Life watcher_life_ = kHarness;
  pid_t watcher_pid_ = -1;
  Life child_life_ = kHarness;
  pid_t child_pid_ = -1;
  Fd child_pidfd_;
  std::uint64_t started_ = 0;
  bool closing_ = false;
};

}  // namespace lockproof
