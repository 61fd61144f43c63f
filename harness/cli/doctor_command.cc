// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/paths.h"
#include "core/fd.h"
#include "core/text.h"
#include "live/probe.h"
#include "stress/stress.h"
#include "subject/scenario.h"
#include "trace/abilities.h"
#include "trace/cage.h"

namespace lockproof {
namespace {

void line(const char* what, const std::string& found) { fmt::print("{:<12} {}\n", what, found); }

std::string cage_line() {
  const CageProbe probe = probe_cage();
  std::string text = fmt::format("{}: nothing survives a run", describe(probe.kind));
  if (probe.kind == Cage::Kind::kSubreaper) {
    text = fmt::format("{}: what a run leaves is killed at its end", describe(probe.kind));
  }
  if (!probe.reduced.empty()) text += fmt::format(" (refused: {})", probe.reduced);
  return text;
}

std::string pidfd_line() {
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  return pidfd ? "yes" : "no: lockproof signals through pidfds only, so no run is possible";
}

void ability_lines() {
  for (const Ability& ability : try_abilities()) {
    const bool there = ability.lacking.empty();
    line(ability.name.c_str(),
         there ? "yes" : fmt::format("no: {}; without it: {}", ability.lacking, ability.without));
  }
}

// Where the kernel maps code for the clock into every process, nobody sees a program ask for the
// time.
std::string vdso_line() {
  return ::getauxval(AT_SYSINFO_EHDR) == 0
             ? "none: every look at the clock is a call"
             : "there: a clock that is read without a call; subjects are kept from it";
}

std::string core_line() {
  return fmt::format("{}: a search uses all, a run of real processes step by step one",
                     std::thread::hardware_concurrency());
}

std::string live_line() {
  const std::string lacking = live::what_is_lacking();
  if (lacking.empty()) return "ptrace, seccomp, namespaces, pids and clocks as chosen: yes";
  return fmt::format("no: {}; what `check` finds is not made on Linux", lacking);
}

std::string process_line() {
  struct rlimit limit {};
  ::getrlimit(RLIMIT_NPROC, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return "no limit for this user";
  return fmt::format("at most {} for this user (ulimit -u)", limit.rlim_cur);
}

// The programs that the scenarios need, one line for each that is missing, with the first scenario
// that needs it.
void scenario_lines() {
  auto scenarios = find_scenarios({scenario_root().string()}, scenario_root());
  if (!scenarios) {
    line("scenarios", escape(scenarios.error().sentence, 1000));
    return;
  }
  std::map<std::string, std::vector<std::string>> missing;
  for (const Scenario& scenario : *scenarios) {
    if (std::string text = missing_program(scenario); !text.empty()) {
      missing[std::move(text)].push_back(scenario.name);
    }
  }
  for (const auto& [text, names] : missing) {
    const std::string more = names.size() == 1 ? "" : fmt::format(" and {} more", names.size() - 1);
    line("missing", fmt::format("{}{}: {}", escape(names.front()), more, escape(text)));
  }
  line("scenarios", fmt::format("{} in {}", scenarios->size(), escape(scenario_root().string())));
}

int run_doctor() {
  struct utsname system {};
  ::uname(&system);
  line("lockproof", kVersion);
  line("kernel", fmt::format("{} {} {}", system.sysname, system.release, system.machine));
  line("cores", core_line());
  line("user", ::geteuid() == 0 ? "root" : fmt::format("uid {}", ::geteuid()));
  line("containment", cage_line());
  line("pidfd", pidfd_line());
  ability_lines();
  line("vdso", vdso_line());
  line("live", live_line());
  line("processes", process_line());
  scenario_lines();
  return kExitHolds;
}

}  // namespace

Run add_doctor_command(CLI::App& app) {
  app.add_subcommand("doctor", "what this host permits, and what a run will lack");
  return [] { return run_doctor(); };
}

}  // namespace lockproof
