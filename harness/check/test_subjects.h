// SPDX-License-Identifier: Apache-2.0
// Test only: subjects that are small, each with one thing to find out about it, and scenarios in
// few words.
#pragma once

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <string>

#include "subject/builtin.h"
#include "subject/scenario.h"

namespace lockproof::test {

inline int open_file(Session& session, const char* name) {
  const std::string path = session.dir() + "/" + name;
  return session.sys().openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

inline std::string read_text(Session& session, int fd) {
  char text[64];
  const ssize_t size = session.sys().pread(fd, text, sizeof text, 0);
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// What follows a pid in a record, so that half a record is found out: one letter.
inline char letter_of(int pid) { return static_cast<char>('a' + pid % 26); }

// A lock that is right. It writes "1001\n".
inline void right(Session& session) {
  session.claims();
  const int fd = open_file(session, "pid");
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) != 0) return session.busy();
  const std::string text = std::to_string(session.sys().getpid()) + "\n";
  session.sys().write(fd, text.data(), text.size());
  session.owns();
  session.hold();
  session.gives_up();
  session.sys().ftruncate(fd, 0);
  session.sys().close(fd);
  session.released();
}

// Right, too, but a loser believes only a record whose letter fits, and else goes to look again.
inline void checksummed(Session& session) {
  session.claims();
  const int fd = open_file(session, "pid");
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const std::string text = read_text(session, fd);
    const bool fits = text.size() == 5 && text[4] == letter_of(std::stoi(text));
    if (!fits) session.sys().close(fd);
    return session.busy();
  }
  const int pid = session.sys().getpid();
  const std::string text = std::to_string(pid) + letter_of(pid);
  session.sys().pwrite(fd, text.data(), text.size(), 0);
  session.owns();
  session.hold();
  session.gives_up();
  session.released();
}

// Of two processes the one with the lower pid gives way: pids as numbers.
inline void lower_gives_way(Session& session) {
  session.claims();
  const int fd = open_file(session, "pid");
  const std::string text = read_text(session, fd);
  const int pid = session.sys().getpid();
  if (text.size() == 4 && std::stoi(text) < pid) session.sys().close(fd);
  const std::string mine = std::to_string(pid);
  session.sys().pwrite(fd, mine.data(), mine.size(), 0);
  session.busy();
}

// Everybody owns.
inline void no_lock(Session& session) {
  session.claims();
  session.sys().getppid();
  session.owns();
  session.hold();
  session.gives_up();
  session.released();
}

// The same after a while.
inline void sleeps(Session& session) {
  session.claims();
  session.sys().sleep(5'000'000);
  session.owns();
  session.hold();
  session.gives_up();
  session.released();
}

// And once more.
inline void sleeps_twice(Session& session) {
  session.sys().sleep(5'000'000);
  session.sys().getppid();
  session.sys().sleep(7'000'000);
}

// Waits for ever.
inline void blocks(Session& session) { session.sys().poll(nullptr, 0, -1); }

inline void owns_at_once(Session& session) {
  session.claims();
  session.owns();
  session.hold();
}

inline void never_owns(Session& session) {
  session.claims();
  session.busy();
}

inline const Builtin kRight = {.name = "check/right",
                               .summary = "",
                               .verbs = {{"run", right}, {"other", no_lock}, {"blocks", blocks}},
                               .record = "pid",
                               .lock = "pid"};
inline const Builtin kChecksummed = {.name = "check/checksummed",
                                     .summary = "",
                                     .verbs = {{"run", checksummed}},
                                     .record = "pid",
                                     .lock = "pid"};
inline const Builtin kLowerGivesWay = {
    .name = "check/lower_gives_way", .summary = "", .verbs = {{"run", lower_gives_way}}};
inline const Builtin kNoLock = {
    .name = "check/no_lock", .summary = "", .verbs = {{"run", no_lock}}};
inline const Builtin kSleeps = {.name = "check/sleeps", .summary = "", .verbs = {{"run", sleeps}}};
inline const Builtin kSleepsTwice = {
    .name = "check/sleeps_twice", .summary = "", .verbs = {{"run", sleeps_twice}}};
inline const Builtin kOwnsAtOnce = {
    .name = "check/owns_at_once", .summary = "", .verbs = {{"run", owns_at_once}}};
inline const Builtin kNeverOwns = {
    .name = "check/never_owns", .summary = "", .verbs = {{"run", never_owns}}, .record = "pid"};

// `processes` run the first verb.
inline Scenario scenario_of(const Builtin& subject, std::size_t processes,
                            std::vector<std::string> invariants = {"one_owner"}) {
  Scenario scenario;
  scenario.name = subject.name;
  scenario.subject.builtin = &subject;
  scenario.cast.assign(processes, {"run"});
  scenario.invariants = std::move(invariants);
  return scenario;
}

}  // namespace lockproof::test
