// SPDX-License-Identifier: Apache-2.0
// The simulated kernel: the whole state of a small Linux as one value, and its rules as functions.
//
// A Kernel is trivially copyable, of fixed capacity and without padding: to keep a state is to copy
// it, and two states with equal bytes are equal. Strings live outside, in Tables, as numbers.
// Nothing here is random or asks the host: the same state and call give the same answer.
//
//  1. One step is one system call of one process, as a whole. Its rules are those of Linux (the man
//     pages are named at each), as root or as the owner of the files; docs/MODEL.md lists them.
//  2. What is not modelled is an answer kRefused with a name, never a guess. So is a capacity that
//     is used up. After a refusal the state is not to be used any more: keep a copy.
//  3. A call that must wait answers kWaits. Most waits change nothing, and the call is disabled;
//     some begin with an effect (a blocking flock that converts gives up the old lock first).
//  4. Death takes steps: killed (life kDying) -> descriptors closed and locks released (kReleased)
//     -> zombie, children handed on, parent told (kZombie) -> reaped (kAbsent). The first is an
//     effect of a call or a fault; the next ones are the kernel's own: advance_death().
//  5. Numbers that come free are given again at once, the lowest first: descriptors, inodes. Pids
//     are not, unless a fault says so (next_pid).
//
// Indexes instead of pointers: an inode is a place in `inodes`, an open file in `open_files`, and
// so on. Places that are free are all zero.
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <type_traits>

#include "program/call.h"
#include "sim/tables.h"

namespace lockproof::sim {

inline constexpr unsigned kProcesses = 8;
inline constexpr unsigned kInodes = 16;
inline constexpr unsigned kNames = 20;
inline constexpr unsigned kOpenFiles = 20;
inline constexpr unsigned kDescriptors = 10;  // of one process

inline constexpr std::uint8_t kRoot = 0;     // the inode of "/"
inline constexpr std::uint8_t kNone = 0xff;  // no place
inline constexpr std::uint8_t kInit = 0xff;  // as a parent: init, pid 1, which reaps at once

// Pids have four digits, so that no content changes its length with them.
inline constexpr int kPidBase = 1000;

// Pid namespaces (pid_namespaces(7)): the root one of the run, 0, and up to three below it,
// siblings. Each has an init, pid 1, which is not among the processes: it adopts orphans and reaps
// them. A pid in a Kernel is one of the root namespace; a process below has there the pid 64 n + p,
// if n is its namespace and p its pid in it, and its init has 64 n. So a process's pid says where
// it lives, and no state is larger for it. What processes are told, and say, is translated.
inline constexpr unsigned kNamespaces = 4;
inline constexpr unsigned kPidBlock = 64;

enum class Life : std::uint8_t { kAbsent, kRunning, kStopped, kDying, kReleased, kZombie };

// Of a lock: 0, or one of these.
inline constexpr std::uint8_t kShared = 1;
inline constexpr std::uint8_t kExclusive = 2;

// Parts of a file that can be locked apart (F_OFD_SETLK): each of its first seven bytes, and all
// after them.
inline constexpr unsigned kSections = 8;

struct Inode {
  std::uint16_t mode;  // as st_mode, with the type; 0: the place is free
  Text content;        // of a file, or the target of a symbolic link
  std::uint8_t user;   // index into Tables::uids
  std::uint8_t nlink;
};

struct Name {
  std::uint8_t directory;
  std::uint8_t inode;  // 0: the place is free (nothing names the root)
  Text text;
};

enum class Kind : std::uint8_t {
  kFree,
  kInode,     // object: an inode, a directory included
  kNull,      // /dev/null; standard input and output of every process
  kRandom,    // /dev/urandom
  kBootId,    // /proc/sys/kernel/random/boot_id
  kProcStat,  // /proc/PID/stat; object: a process, kNone once it was reaped
  kPidfd,     // object: the same
  kSignals,   // a signalfd; object: its mask, as signal_bit()s
  kSocket,    // TCP, not listening; object: 1 with SO_REUSEADDR; offset: its port, 0: none
  kListener,  // object: how many more connections its backlog takes; offset: as above
  kConnected  // to a listener, which nobody here accepts from
};

// What open(2) calls an open file description: shared by dup and fork.
struct OpenFile {
  Kind kind;
  std::uint8_t object;
  std::uint8_t references;
  std::uint8_t access : 2;  // O_RDONLY, O_WRONLY, O_RDWR
  std::uint8_t append : 1;
  std::uint8_t path : 1;   // O_PATH
  std::uint8_t flock : 2;  // held by this description: flock(2)
  std::uint8_t zeros : 2;
  std::uint16_t record;  // and F_OFD_SETLK: two bits for each of kSections
  std::uint16_t offset;  // of a socket: the port
};

struct Process {
  std::uint32_t start;         // clock ticks since boot (10 ms)
  std::uint32_t wake;          // ms since boot at which its sleep or time-out ends; 0: none
  std::uint32_t record_locks;  // F_SETLK: two bits an inode
  std::uint16_t status;        // dying or dead: the wait status
  std::uint16_t dispositions;  // two bits a signal
  std::uint8_t pid;            // less kPidBase
  std::uint8_t parent;         // a process, or kInit
  std::uint8_t group;          // process group and session: the leader's pid, 0 for the harness's
  Life life;
  std::uint8_t blocked;  // signals, as signal_bit()s
  std::uint8_t pending;
  std::uint8_t caught;        // handlers that ran since the last answer
  std::uint8_t death_signal;  // PR_SET_PDEATHSIG: the signal's number
  std::uint8_t directory;     // AT_FDCWD: an inode
  std::uint8_t random_reads;
  std::array<std::uint8_t, kDescriptors> fds;  // 0, or an open file + 1 | kCloseOnExec
  std::uint32_t alarm;  // ms since boot at which SIGALRM comes; kNoAlarm, kPastAlarm, kLateAlarm
};
inline constexpr std::uint8_t kCloseOnExec = 0x80;
// Of Process::alarm, where none is to come: it never was set, has ended a wait, and was set again
// after that, which is not followed.
inline constexpr std::uint32_t kNoAlarm = 0;
inline constexpr std::uint32_t kPastAlarm = UINT32_MAX;
inline constexpr std::uint32_t kLateAlarm = UINT32_MAX - 1;
inline bool has_alarm(const Process& process) {
  return process.alarm != kNoAlarm && process.alarm < kLateAlarm;
}

struct Kernel {
  std::array<Process, kProcesses> processes;
  std::array<Inode, kInodes> inodes;
  std::array<Name, kNames> names;
  std::array<OpenFile, kOpenFiles> open_files;
  std::int64_t now_ns;        // since boot, without suspension: CLOCK_MONOTONIC
  std::int64_t suspended_ns;  // CLOCK_BOOTTIME is that much ahead
  std::int64_t wall_ns;       // CLOCK_REALTIME is that much ahead
  std::uint8_t last_pid;
  std::uint8_t next_pid;    // 0, or what the next fork gets: a pid that was used before
  std::uint8_t boot;        // how many boots there were
  std::uint8_t reuses;      // how often a pid was used again
  std::uint8_t clock_read;  // 1: a process has seen the time, or a start time
  std::array<std::uint8_t, kNamespaces - 1> last_below;  // last_pid of each; 0: it is not there

  bool operator==(const Kernel& other) const;
};

static_assert(std::is_trivially_copyable_v<Kernel>);
static_assert(std::has_unique_object_representations_v<Process>);
static_assert(std::has_unique_object_representations_v<Inode>);
static_assert(std::has_unique_object_representations_v<Name>);
static_assert(sizeof(OpenFile) == 8);  // bit fields that fill their byte; see kernel_test.cc
static_assert(sizeof(Kernel) == kProcesses * 40 + kInodes * 6 + kNames * 4 + kOpenFiles * 8 + 32);

// A booted system without processes; "/" belongs to root, mode 0755.
Kernel boot();

// Starts a process under init, in `directory`, with standard input, output and error on /dev/null.
// Its slot, or kNone when the state is full. REQUIRES: space < kNamespaces; the first process below
// the root namespace is there before the root one has had kPidBlock pids.
std::uint8_t spawn(Kernel& kernel, std::uint8_t directory, unsigned space = 0);

// REQUIRES: slot < kProcesses. Any call is allowed at any time; see the rules above.
Answer step(Kernel& kernel, Tables& tables, std::uint8_t slot, const Call& call);

// Whether step() would do anything, a refusal included: the process runs, and the call either ends
// or has an effect before it waits.
bool enabled(const Kernel& kernel, Tables& tables, std::uint8_t slot, const Call& call);

// The kernel's own next step on a process that dies, if there is one (see rule 4). A zombie is
// reaped by this only when its parent is init.
bool can_advance_death(const Kernel& kernel, std::uint8_t slot);
void advance_death(Kernel& kernel, std::uint8_t slot);

// What makes no difference to any other process, now or later, so that whoever explores may take it
// at once: the next step of a death that frees no lock and no inode, and tells nobody; a call that
// asks only who one is. REQUIRES of the first: can_advance_death()
bool death_is_unnoticed(const Kernel& kernel, const Tables& tables, std::uint8_t slot);
bool is_local(const Kernel& kernel, std::uint8_t slot, const Call& call);
// Of a program of somebody else: all handlers that could run have run with the call before.
inline bool may_be_local(const Call& call) {
  return call.op == Op::kGetpid || call.op == Op::kGeteuid;
}

// Faults.
void send(Kernel& kernel, std::uint8_t slot, int signal);  // REQUIRES: is_modelled(signal)
// The process forks, and its child executes another program. The child's slot, or kNone.
std::uint8_t fork_and_exec(Kernel& kernel, Tables& tables, std::uint8_t slot);
// Somebody had it since the last boot, and no process and no group has it.
bool pid_is_free(const Kernel& kernel, int pid);
bool reuse_pid(Kernel& kernel, int pid);  // false: it is not free
// A process under init with that pid, born in a later tick than any other: before a pid comes again
// there were many births. Its slot, or kNone: the state is full. REQUIRES: no process has the pid
std::uint8_t spawn_stranger(Kernel& kernel, std::uint8_t directory, int pid);
void reboot(Kernel& kernel);  // processes, locks and clocks end; files stay

// The clock. 0 when nobody waits for it.
std::int64_t next_wake_ns(const Kernel& kernel);
// When the sleep or time-out of this process ends; 0: it is in none.
std::int64_t wake_ns(const Kernel& kernel, std::uint8_t slot);
// REQUIRES: now_ns >= kernel.now_ns
void advance_clock(Kernel& kernel, std::int64_t now_ns);

// An outsider's look: the regular file that `path` names from `directory`, through no symbolic
// link.
std::uint8_t file_at(const Kernel& kernel, Tables& tables, std::uint8_t directory,
                     std::string_view path);  // kNone: there is none
// Whether a lock is held on the inode, and on any inode that no name reaches. One that does not
// cover the first byte of the file is none.
bool is_locked(const Kernel& kernel, std::uint8_t inode);
bool has_orphan_lock(const Kernel& kernel);
// Pids of the root namespace.
std::uint8_t slot_of(const Kernel& kernel, std::int64_t pid);  // kNone: no such process
inline int pid_of(const Process& process) { return kPidBase + process.pid; }

// Between the root namespace, whose pids these are, and the one of a process (namespaces.cc).
unsigned namespace_of(const Kernel& kernel, std::int64_t pid);
// What the process with the pid `pid` is called in its own namespace: getpid(2).
std::int64_t own_pid(const Kernel& kernel, std::int64_t pid);
// What the process in `viewer` calls it; 0: it cannot see it.
std::int64_t pid_seen(const Kernel& kernel, std::uint8_t viewer, std::int64_t pid);
// Whom the process with the pid `viewer_pid` means by `number`; 0: nobody of its namespace.
std::int64_t pid_meant(const Kernel& kernel, std::int64_t viewer_pid, std::int64_t number);
std::uint8_t slot_meant(const Kernel& kernel, std::uint8_t viewer, std::int64_t number);

}  // namespace lockproof::sim
