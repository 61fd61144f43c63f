// SPDX-License-Identifier: Apache-2.0
// Dependence: follows a run from outside and says what each step touched. It knows from calls and
// answers which file a name or a descriptor leads to; what it cannot follow (symbolic links, "..",
// renamed directories) touches everything from then on: less is saved, nothing is missed. A setup
// is not followed: after it all steps depend on each other.
//
// Who a file or an open file is, is named by who made it and as its how manieth: the same in all
// orders of steps that do not depend on each other.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "explore/footprint.h"
#include "explore/moves.h"

namespace lockproof {

class Dependence {
 public:
  // `inodes`: somebody may ask for inode numbers, so the order in which they are given counts.
  // `watched`: the paths whose contents claims read.
  Dependence(const Start& start, std::string_view directory, bool inodes,
             const std::vector<std::string>& watched);

  // After the step, on the same world. `late`: it is the one with which a late process began;
  // `told`: claims may read it (Recorder::visible()).
  Footprint follow(const World& world, const Step& step, bool late, bool told);
  // What the call that `place` is in may touch: for who is blocked.
  Footprint blocked(const World& world, unsigned place) const;

  // Somebody asked for an inode number, and `inodes` was false: what was said is not safe.
  bool missed_inodes() const { return missed_inodes_; }

 private:
  using File = std::uint64_t;  // 0: none
  struct Opened {
    File file = 0;
    std::uint64_t id = 0;
    std::string path;
    int references = 0;
    bool locked = false;         // ever, by flock or F_OFD_SETLK
    std::optional<int> process;  // of a pidfd or /proc/PID: -1: the one who asks
    bool socket = false;
    std::uint64_t port = 0;  // of a socket: that it is bound to
  };
  struct Descriptor {
    std::size_t opened;
    bool close_on_exec;
  };
  struct Counts {
    int links = 0;
    int opens = 0;
    bool directory = false;
  };
  using Descriptors = std::map<int, Descriptor>;

  static std::uint64_t number_of(const std::string& path);
  // The place that has this pid, or had it last; nothing: nobody ever had it.
  static std::optional<unsigned> place_of(const World& world, std::int64_t pid);
  std::uint64_t new_id(unsigned place);
  std::optional<std::string> resolve(unsigned place, int dir, std::string_view path) const;
  Opened* opened(unsigned place, int fd);
  const Opened* opened(unsigned place, int fd) const;
  void add_descriptor(unsigned place, int fd, std::size_t index, bool close_on_exec);

  void follow_call(const World& world, const Step& step, Footprint& out);
  void follow_name(const World& world, const Step& step, Footprint& out);
  void follow_descriptor(const Step& step, Footprint& out);
  void follow_socket(const Step& step, Footprint& out);
  void follow_process(const World& world, const Step& step, Footprint& out);
  void follow_deaths(const World& world, const Step& step, Footprint& out);
  void follow_fault(const Step& step, Footprint& out);
  void follow_errno(const Step& step, Footprint& out);
  void killed(unsigned place, Footprint& out);

  void open(const Step& step, const std::string& path, Footprint& out);
  void open_special(const World& world, const Step& step, std::string_view path, Footprint& out);
  void unlink(const std::string& path, Footprint& out);
  void rename(const std::string& from, const std::string& to, Footprint& out);
  void lock(const Step& step, Opened& file, Footprint& out);
  void close(unsigned place, int fd, Footprint& out);
  void close_all(unsigned place, Footprint& out);
  void unlinked(File file, Footprint& out);
  void become_zombie(unsigned place, Footprint& out);
  void lose_track(Footprint& out);
  void write_content(File file, Footprint& out);
  void write_name(const std::string& path, Footprint& out);
  static void read_parents(const std::string& path, Footprint& out);

  std::string directory_;  // absolute, without a slash at its end
  bool inodes_;
  std::vector<std::uint64_t> watched_;
  bool lost_;
  bool missed_inodes_ = false;
  std::map<std::string, File> names_;
  std::map<File, Counts> files_;
  std::vector<Opened> opened_;
  std::map<unsigned, Descriptors> descriptors_;       // by place
  std::set<std::pair<unsigned, File>> record_locks_;  // of a place
  std::map<unsigned, std::uint64_t> made_;            // by place: how many ids
  std::map<unsigned, unsigned> parents_;              // of forked places
  std::set<unsigned> dying_;                          // whom a signal ended, or itself
  std::set<unsigned> released_;                       // dead places whose files are closed
  std::set<unsigned> sleepers_;                       // who ever waited for a time
  std::set<unsigned> alarmed_;                        // who ever set an alarm
  std::set<unsigned> zombies_;                        // whose families know
  std::set<unsigned> gone_;                           // who were reaped
};

}  // namespace lockproof
