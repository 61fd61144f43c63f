// SPDX-License-Identifier: Apache-2.0
// LiveWorld: real processes on the kernel of this host, behind the contract of world.h.
//
// Each process is a tracee that stands before its next call (trace/tracee.h). A step makes that one
// call, in the kernel, and lets the process go on to the next one. Nothing waits inside the
// kernel: a call that would is made in its form that does not, and again when it is enabled.
// What is not the kernel's is said in docs/LIVE.md: time, pids, what is drawn by chance, and when a
// process that was killed closes its files.
//
// What it cannot do is refused by name: a start by reset(), a call by perform(), a fault by
// inject(). One at a time in a process; for one thread, which stays on one core from the first
// reset() on, as do its processes; not to be forked. It makes processes, and
// waits for those only, by their pids. If this process dies, nothing of it is left.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "live/nursery.h"
#include "live/process.h"
#include "program/sight.h"
#include "trace/checkpoint.h"
#include "trace/no_time_stamps.h"
#include "trace/one_core.h"

namespace lockproof::live {

class Watch;

class LiveWorld final : public World {
 public:
  // kKept: the programs of all starts outlive the world, so that a start that is the same again
  // costs less.
  enum class Programs { kOfOneRun, kKept };
  explicit LiveWorld(Programs programs = Programs::kOfOneRun);
  ~LiveWorld() override;
  LiveWorld(const LiveWorld&) = delete;
  LiveWorld& operator=(const LiveWorld&) = delete;

  std::string_view name() const override { return "live"; }
  std::string_view directory() const override { return home_; }
  Result<> reset(const Start& start) override;

  unsigned processes() const override { return static_cast<unsigned>(processes_.size()); }
  ProcessState state(unsigned process) const override;
  int pid(unsigned process) const override { return processes_[process].pid; }
  int own_pid(unsigned process) const override { return processes_[process].own(); }
  std::int64_t meant_by(unsigned process, std::int64_t pid) const override {
    return pids_.meant(processes_[process].space, pid);
  }
  int wait_status(unsigned process) const override { return processes_[process].status; }
  const Call& pending(unsigned process) const override { return processes_[process].call; }
  std::span<const Said> said(unsigned process) const override { return processes_[process].said; }
  const Texts& texts() const override { return *start_.texts; }

  bool enabled(unsigned process) override;
  Answer perform(unsigned process) override;
  std::string refusal() const override { return refusal_; }

  // It was not executed: it is a copy of one that stood before its first step in another run.
  bool was_copied(unsigned process) const { return processes_[process].was_copied; }

  unsigned steps_of_death() const override { return 2; }
  bool can_step_death(unsigned process) const override;
  void step_death(unsigned process) override;
  bool death_is_unnoticed(unsigned process) const override;
  // Somebody has looked at how far others are in dying, since the reset (Start).
  bool deaths_are_seen() const { return deaths_are_seen_; }

  bool pid_is_free(int pid) const override;
  bool inject(Fault fault, unsigned process, std::int64_t value) override;
  std::int64_t wakes_at(unsigned process) const override { return processes_[process].wakes_at; }
  // A program of somebody else's that blocks the signal where it is: what it does comes later, and
  // a fault that comes later does the same. inject() does not do it.
  bool holds_back(unsigned place, int signal) const;

  std::optional<File> file(std::string_view path) const override;
  Locked locked(std::string_view path) const override;

  bool can_restore() const override { return false; }
  Snapshot snapshot() override { return 0; }
  void restore(Snapshot) override {}
  void drop(Snapshot) override {}

 private:
  // What a step came to.
  struct Done {
    Answer answer;
    std::optional<RunningTracee> going;  // to its next call; none: it stays where it is
  };

  // Behind it nothing holds that was found out about who is enabled.
  class Change {
   public:
    explicit Change(std::uint64_t& changes) : changes_(changes) {}
    ~Change() { ++changes_; }

   private:
    std::uint64_t& changes_;
  };

  bool is_same(const Start& start) const;
  bool look_whether_enabled(Process& process);

  // births.cc
  void end_run();
  void end_processes();
  std::int64_t ticks() const;
  Result<> spawn(Process& process, unsigned program, unsigned space, int pid);
  Result<> spawn_next(unsigned program, unsigned space, int pid);
  Result<> spawn_stranger(int pid);
  Result<> arrive(Process& process, RunningTracee running);
  // templates.cc
  Result<> open_template(unsigned space);
  Result<RunningTracee> copy_template(Process& born, unsigned program);
  Result<bool> copy_first(Process& born);
  bool can_be_copied(const Process& process) const;
  Result<> keep_first(Process& process);
  void end_originals();
  Result<> take_call(Process& process, StoppedTracee at);
  bool passes(const Process& process) const;
  Error lost(const Process& process, std::string_view why,
             ErrorCode code = ErrorCode::kNotFollowed) const;
  Done fork(Process& process);
  Process& add_child(const Process& parent, int pid, pid_t host_pid);
  bool add_stranger(std::int64_t pid);
  bool add_exec_child(unsigned process);
  bool restart();

  // calls.cc
  Answer refuse_because(const Process& process, const Call& call, Refusal refusal,
                        std::string_view why);
  Done act(Process& process);
  // Makes it, and stands behind it. False: the process has ended.
  bool make(Process& process, const KernelCall& call, pid_t* child = nullptr);
  Done go_on(Process& process, Answer answer);
  Done pretend(Process& process, std::int64_t result);
  static Done past(Process& process, std::int64_t result);
  static bool closes_what_is_open(const Process& process);
  Done plain(Process& process);
  Done clock_gettime(Process& process);
  Done exit(Process& process);
  Done signal_fd(Process& process);
  Done death_signal(Process& process);
  Done pidfd_open(Process& process);
  bool fail_call(unsigned process, std::int64_t error);

  // waiting.cc
  Done stay(Process& process);
  bool stay_behind(Process& process);
  Done wait_until(Process& process, std::int64_t ns);
  Done sleep(Process& process);
  Done poll(Process& process);
  Done read(Process& process);
  Done wait_for(Process& process);
  Done flock(Process& process);
  Done record_lock(Process& process);
  bool is_over(const Process& process) const;
  static bool reads_signals(Process& process);
  bool can_read(Process& process);
  bool can_flock(const Process& process) const;
  bool can_lock_record(Process& process);
  bool has_dead_child(Process& process);
  bool has_event(Process& process);

  // constants.cc
  void make_constant(Process& process, Answer& answer);
  void make_bytes_constant(Process& process);
  std::optional<std::string> constant_bytes(Process& process, const std::string& what,
                                            std::string_view real);
  void make_stat_constant(const Process& process, Answer& answer);
  bool is_about(const Process& process, std::string_view path) const;

  // signals.cc
  Done kill(Process& process);
  Done pidfd_send_signal(Process& process);
  // Whom that process means by the number.
  Process* living_with(const Process& asks, std::int64_t number);
  // False: what would come of it is not known.
  bool send(Process& process, int signal);
  void stop(Process& process);
  bool go_on_after_stop(Process& process);
  void tell_parent(const Process& process, int signal);

  // program_steps.cc: programs of somebody else
  void begin_program(Process& process);
  void adopt(Process& child, const Process& parent);
  Result<> arrive_program(Process& process, RunningTracee running);
  Result<> pass_to_step(Process& process, RunningTracee running);
  // Nothing: it stands before a step, or has ended.
  Result<std::optional<RunningTracee>> meet(Process& process, Stop stop);
  void ends_by_itself(Process& process, int status);
  bool is_interrupted_program(const Process& process) const;
  bool is_restarted(const Process& process) const;
  std::optional<bool> is_enabled_program(Process& process);
  std::optional<bool> ends_undisturbed(Process& process);
  bool has_zombie(const Process& process) const;
  bool has_input(const Process& process) const;
  std::optional<Done> act_program(Process& process);
  Done interrupt(Process& process);
  Done give_up(Process& process);
  Done execute(Process& process);
  Done kill_program(Process& process);

  // program_threads.cc
  int next_tid();
  Result<> begin_threads(Process& process, HasForked first);
  Result<> threads_to_step(Process& process, RunningTracee running);
  Result<bool> look_at_thread(Process& process, pid_t tid);
  Result<> take_stop(Process& process, pid_t tid, Stop stop);
  Result<> until_quiet(Process& process);
  bool release_ready(Process& process);
  Result<> choose_thread(Process& process);
  bool settle(Process& process);
  void wait_for_end_of_threads(Process& process);

  // program_calls.cc
  Sight sight_of(Process& process);
  Sight own_call(Process& process);
  std::optional<Sight> file_call(Process& process);
  Sight elsewhere(Process& process, const Reached& found);
  Sight leaves(Process& process);
  Sight other_call(const std::string& text);
  Sight decoded(const Process& process, const Reached& found);
  std::optional<Sight> process_call(Process& process);
  bool has_children(const Process& process) const;
  bool exec_is_noticed(const Process& process) const;
  bool asks_who_it_is_in_time(const Process& process) const;
  bool closes_files(const Process& process) const;

  // program_waits.cc
  std::optional<Sight> time_call(Process& process);
  std::optional<Sight> waiting_call(Process& process);
  bool is_of_ground(const Process& process, int fd) const;
  std::int64_t time_by(int clock) const;
  std::int64_t told_to(const Process& process, int clock) const;
  ShownTimes times_for(const Process& process) const;
  void begin_image(Process& process, const StoppedTracee& tracee);
  std::int64_t sleep_asked(const Process& process) const;
  Done read_clock(Process& process);
  Done set_alarm(Process& process);
  bool has_alarm(const Process& process) const;
  std::optional<Done> wait_for_alarm(Process& process);

  // death.cc
  void hand_on_children(const Process& process);
  void begin_death(Process& process, int status);
  bool has_nothing_to_release(const Process& process) const;
  void release(Process& process);
  void choose_who_keeps(Process& process);
  void become_zombie(Process& process);
  void kill_and_wait(Process& process);
  void kill_all();
  void reap(Process& process);
  void take_away(Process& process);
  void reap_now();

  // freed.cc
  using IsSame = bool (*)(const Process& a, int fd, const Process& b, int other);
  bool others_have(const Process& process, int fd, IsSame same) const;
  bool frees(const Process& process, int fd) const;
  bool frees_something(const Process& process) const;
  bool is_pinned(const Process& process) const;  // somebody has a pidfd of it
  unsigned place_of(const Process& process) const;

  const Programs programs_;
  Start start_;
  std::string home_ = kHome;
  std::optional<OneCore> core_;
  std::optional<NoTimeStamps> no_time_stamps_;
  std::unique_ptr<Nursery> nursery_;
  std::array<std::optional<Original>, kSpaces> templates_;  // by pid namespace
  // Of programs of somebody else, before their first step; nothing: these cannot be copied. By
  // program, namespace and the pid that they were told, 0 if none.
  struct First {
    Original original;
    Standing standing;
  };
  std::map<std::tuple<unsigned, unsigned, int>, std::optional<First>> firsts_;
  std::deque<Process> processes_;                   // by place; they stay where they are
  std::vector<std::pair<unsigned, int>> unreaped_;  // namespaces and pids of who is gone
  std::string refusal_;
  std::int64_t now_ns_ = 0;
  std::int64_t wall_ns_ = 0;
  unsigned boot_ = 1;
  int threads_ = 0;  // were begun since the reset
  Pids pids_;
  std::map<std::uint64_t, std::uint32_t> inodes_;  // their numbers -> by first appearance
  bool deaths_are_seen_ = false;
  bool has_pidfds_ = false;    // somebody opened one
  bool names_go_ = false;      // a file may have lost its name since the reset
  std::uint64_t changes_ = 1;  // that were made since the world began, and one
  Ground ground_;              // where programs of somebody else meet
  std::unique_ptr<Watch> watch_;
};

}  // namespace lockproof::live
