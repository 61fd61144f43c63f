// SPDX-License-Identifier: Apache-2.0
// Test only: small generated runs. A byte is a call, so what fails shrinks to few calls; every list
// of bytes is a run. Whoever explores them must find the same as all others.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "explore/explore.h"
#include "program/script.h"
#include "program/tree.h"

namespace lockproof::test {

// Calls over the names f and g and the first descriptors. Two of the lines say that the process
// owns, and that it gives up. PID is the one who asks.
inline std::vector<std::string> line_of(std::uint8_t pick) {
  static const std::vector<std::vector<std::string>> lines = {
      {R"(open cwd "f" O_RDWR|O_CREAT 0600)"},
      {R"(open cwd "f" O_RDWR|O_CREAT|O_EXCL 0600)"},
      {R"(open cwd "g" O_RDWR|O_CREAT 0600)"},
      {R"(open cwd "f" O_RDWR|O_TRUNC 0)"},
      {"flock 3 LOCK_EX"},
      {"flock 3 LOCK_EX|LOCK_NB"},
      {"flock 3 LOCK_SH"},
      {"flock 4 LOCK_EX"},
      {"fcntl_lock 3 F_SETLK F_WRLCK 0 0"},
      {"fcntl_lock 3 F_OFD_SETLKW F_WRLCK 0 0"},
      {R"(unlink cwd "f" 0)"},
      {R"(unlink cwd "g" 0)"},
      {R"(write 3 "x")"},
      {R"(write 4 "yy")"},
      {R"(rename cwd "f" cwd "g")"},
      {R"(rename cwd "g" cwd "f")"},
      {R"(link cwd "f" cwd "g" 0)"},
      {"close 3"},
      {"kill 1001 0"},
      {"kill 1002 0"},
      {"kill 1001 15"},
      {"say owns", "hold", "say gives_up"},
      {"say owns", "getpid"},
      {"stat cwd \"f\" 0"},
      {"read 3 8"},
      {"ftruncate 3 0"},
      {R"(open cwd "/home/f" O_RDWR 0)"},
      {R"(mkdir cwd "d" 0700)"},
      {R"(rename cwd "f" cwd "d/f")"},
      {R"(open cwd "d" O_RDONLY|O_DIRECTORY 0)", R"(open 3 "f" O_RDWR|O_CREAT 0600)"},
      {"fork"},
      {"waitpid -1 0"},
      {"sleep 1000000"},
      {R"(open cwd "f" O_RDWR|O_CREAT 0600)", R"(write 3 "PID\x0a")"},
      {R"(write 3 "PID\x0a")"},
  };
  return lines[pick % lines.size()];
}

// The same for ports, after a socket in descriptor 3 that shares its port.
inline std::vector<std::string> port_line_of(std::uint8_t pick) {
  static const std::vector<std::vector<std::string>> lines = {
      {"bind 3 4711"},
      {"bind 3 4711"},
      {"listen 3 3"},
      {"bind 3 4711", "listen 3 3"},
      {"socket SOCK_CLOEXEC", "connect 4 4711"},
      {"socket SOCK_CLOEXEC", "bind 4 4711"},
      {"close 3"},
      {"fork"},
      {"kill 1001 15"},
      {"say owns", "getpid"},
  };
  return lines[pick % lines.size()];
}
inline constexpr std::uint8_t kPortLines = 255;  // those of port_line_of() instead

// The same for acts that take a while, and who owns meanwhile.
inline std::vector<std::string> word_line_of(std::uint8_t pick) {
  static const std::vector<std::vector<std::string>> lines = {
      {"say stop.begin", "getppid"},
      {"say stop.end", "getppid"},
      {"say auto_start.begin", "getppid"},
      {"say auto_start.end=1", "getppid"},
      {"say auto_start.end", "getppid"},
      {"say destroy.begin", "getppid"},
      {"say destroy.end=1", "getppid"},
      {"say owns", "getppid"},
      {"say gives_up", "getppid"},
      {"kill 1001 15"},
      {"say auto_start.begin", "getppid", "say auto_start.end=1", "getppid"},
      {"say destroy.begin", "getppid", "say destroy.end=1", "getppid"},
  };
  return lines[pick % lines.size()];
}
inline constexpr std::uint8_t kWordLines = 254;  // those of word_line_of() instead

// The same for who starts whom: 1 is an instance, 4 depends on its parent (Role).
inline std::vector<std::string> start_line_of(std::uint8_t pick) {
  static const std::vector<std::vector<std::string>> lines = {
      {"fork", "say start=1", "getppid"},
      {"fork", "say start=4", "getppid"},
      {"say claim", "getppid"},
      {"say claim", "fork", "say start=1", "getppid", "say failed", "getppid"},
      {"say owns", "getppid"},
      {"say gives_up", "getppid"},
      {R"(open cwd "f" O_RDWR|O_CREAT 0600)", R"(write 3 "PID\x0a")"},
      {"exit 0"},
  };
  return lines[pick % lines.size()];
}
inline constexpr std::uint8_t kStartLines = 253;  // those of start_line_of() instead

inline constexpr std::uint8_t kAllLines = 33;    // but for those that write the pid
inline constexpr std::uint8_t kPlainLines = 30;  // no processes are made, no time passes

// What processes call themselves: by their pid, or all by the same name, as with symbolic pids.
// Then equal scripts are one program.
enum class Selves : std::uint8_t { kPids, kOneName };

// A run, with all that it needs.
class Generated {
 public:
  // `scripts`: by process. `limit` lines of line_of() are used. `stays`: processes do not exit but
  // wait for ever, so that naive exploration can afford longer ones. `first`: before all others.
  Generated(const std::vector<std::vector<std::uint8_t>>& scripts, unsigned kills,
            std::uint8_t limit = kPlainLines, bool stays = false, const std::string& first = {},
            Selves selves = Selves::kPids) {
    start.texts = &texts;
    start.files = {{"g", "old"}};
    rules.budget[0] = static_cast<std::uint8_t>(kills);
    std::map<std::vector<std::string>, Program*> known;
    int pid = 1000;
    for (const auto& picks : scripts) {
      std::vector<std::string> lines;
      if (!first.empty()) lines.push_back(first);
      if (limit == kPortLines) lines.insert(lines.end(), {"socket 0", "reuse_address 3 1"});
      for (const std::uint8_t pick : picks) {
        auto chosen = limit == kPortLines    ? port_line_of(pick)
                      : limit == kWordLines  ? word_line_of(pick)
                      : limit == kStartLines ? start_line_of(pick)
                                             : line_of(pick % limit);
        for (std::string& line : chosen) lines.push_back(std::move(line));
      }
      if (stays) lines.push_back("poll -1 -1 -1 -1");
      if (programs.empty() || selves == Selves::kPids) ++pid;
      for (std::string& line : lines) {
        const std::size_t at = line.find("PID");
        if (at != line.npos) line.replace(at, 3, std::to_string(pid));
      }
      Program*& program = known[lines];
      if (program == nullptr || selves == Selves::kPids) {
        auto parsed = ScriptProgram::parse(lines, texts);
        assert(parsed.ok());
        programs.push_back(std::make_unique<ScriptProgram>(std::move(*parsed)));
        program = programs.back().get();
      }
      start.cast.push_back(program);
    }
    if (limit == kWordLines)
      invariants = {"refuses_while_owned", "stop_respected", "no_needless_start"};
    if (limit == kStartLines) invariants = {"one_survivor", "no_orphan", "parent_death_noticed"};
    outside.files = {{"f", Object::kRecord}};
    outside.texts = false;
  }
  Generated(const Generated&) = delete;
  Generated& operator=(const Generated&) = delete;

  Problem problem(World& world) const {
    return {world, start, rules, outside, invariants, {}, {"f", "g"}};
  }
  std::string text() const {
    std::string all;
    for (const Program* const program : start.cast) {
      all += "process\n";
      for (Node node = 0;; ++node) {
        for (const Said& said : program->said(node)) all += "  say " + format(said) + "\n";
        all += "  " + format(program->call(node), texts) + "\n";
        if (program->call(node).op == Op::kExit) break;
      }
    }
    return all;
  }

  Texts texts;
  std::vector<std::unique_ptr<Program>> programs;
  Start start;
  Rules rules;
  Outside outside;
  std::vector<std::string> invariants = {"one_owner", "record_names_owner",
                                         "only_the_owner_clears"};
};

}  // namespace lockproof::test
