// SPDX-License-Identifier: Apache-2.0
// LinuxPair: the model and real processes in step. Each call is made in both, each answer compared.
//
// The real side is a tree of worker processes in a private directory on /dev/shm, under this
// process as their init (PR_SET_CHILD_SUBREAPER). Pids and inode numbers are paired when they first
// appear. What would wait is asked in the form that does not wait. Deaths are run to their end on
// both sides before the next call. The destructor ends all workers and removes the directory;
// workers also end by themselves when this process does.
//
// Ports of the model are ports of a network namespace that this process enters, where it may; else
// ones of the host that are free. Pid namespaces of the model are ones of Linux
// (linux_namespace.h), the root one is this process's.
#pragma once

#include <sys/types.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel.h"
#include "sim/linux_namespace.h"
#include "sim/linux_worker.h"

namespace lockproof::sim {

class LinuxPair {
 public:
  // One worker for each entry, in that pid namespace.
  explicit LinuxPair(const std::vector<unsigned>& spaces = {0});
  ~LinuxPair();
  LinuxPair(const LinuxPair&) = delete;
  LinuxPair& operator=(const LinuxPair&) = delete;

  const Kernel& kernel() const { return kernel_; }
  Tables& tables() { return tables_; }

  // Makes the call in both. Empty when all agrees, or when the model refuses (then nothing is
  // done); else what differs, in one line.
  std::string perform(std::uint8_t slot, Call call);

  // What was done so far, a line a call.
  const std::string& log() const { return log_; }
  unsigned performed() const { return performed_; }
  unsigned refused() const { return refused_; }

 private:
  struct Worker {
    pid_t pid = 0;
    int pidfd = -1;
  };

  void open_channels();
  void start_worker(unsigned space);
  // As said by the hello of the worker there.
  pid_t pid_behind(std::uint8_t slot) const;
  unsigned space_of(std::uint8_t slot) const {
    return namespace_of(kernel_, pid_of(kernel_.processes[slot]));
  }
  bool fits(std::uint8_t slot, Call& call, Kernel& after, Answer& answer);
  Request request_of(unsigned space, const Call& call, std::uint8_t child);
  bool exchange(std::uint8_t slot, const Request& request, Reply& reply) const;
  Answer translate(unsigned space, const Call& call, const Reply& reply, const Answer& expected,
                   Kind kind);
  std::uint32_t model_inode(std::uint32_t real, std::uint32_t expected);
  bool alike(unsigned space, std::string_view ours, std::string_view theirs) const;
  // `own`: its pid in its namespace.
  void adopt(std::uint8_t slot, pid_t pid, pid_t own);
  std::string take_early(std::uint8_t slot, std::uint8_t signals, const std::string& line);
  std::string settle();
  std::string settle_death(std::uint8_t slot);
  std::optional<int> reap_as_init(std::uint8_t slot);
  void forget_dead_inodes();

  std::int64_t real_port(std::int64_t port);
  // As they are called in that namespace.
  std::int64_t real_pid(unsigned space, std::int64_t pid) const;
  std::int64_t model_pid(unsigned space, std::int64_t pid) const;

  Kernel kernel_ = boot();
  Texts texts_;
  Tables tables_{texts_};
  std::string directory_;
  std::array<Worker, kProcesses> workers_;
  std::array<std::uint8_t, kProcesses> perhaps_told_{};  // signals, as signal_bit()s
  std::vector<pid_t> unreaped_;
  std::array<std::unique_ptr<LinuxNamespace>, kNamespaces> below_;
  std::array<std::map<std::int64_t, std::int64_t>, kNamespaces> real_pids_;
  std::map<std::int64_t, std::int64_t> real_ports_;
  std::map<std::uint32_t, std::uint32_t> inodes_;  // real to model
  std::string log_;
  unsigned performed_ = 0;
  unsigned refused_ = 0;
};

}  // namespace lockproof::sim
