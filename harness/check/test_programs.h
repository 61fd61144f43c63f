// SPDX-License-Identifier: Apache-2.0
// Test only: locks of programs as they are on disk, one for each way to take one. Also what
// bench/learned_programs measures.
#pragma once

#include <string>
#include <vector>

#include "subject/scenario.h"

namespace lockproof::test {

struct LockingProgram {
  const char* name;
  CommandSubject::Type type;
  std::string line;  // as for --wrapper and --worker
};

// `pid_file`: the program of scenarios/programs/pid_file.cc.
inline std::vector<LockingProgram> locking_programs(const std::string& pid_file) {
  using enum CommandSubject::Type;
  const std::string python = "/usr/bin/python3 -I -S -c ";
  return {
      {"pid_file", kWorker, pid_file + " {dir}/pid"},
      {"pid_file_guarded", kWorker, pid_file + " {dir}/pid {dir}/guard"},
      {"flock_n", kWrapper, "flock -n {dir}/lock {critical}"},
      {"flock", kWrapper, "flock {dir}/lock {critical}"},
      {"setlock", kWrapper, "setlock -n {dir}/lock {critical}"},
      {"perl", kWorker,
       "/usr/bin/perl -MFcntl -e 'sysopen(F, \"{dir}/lock\", O_WRONLY|O_CREAT|O_EXCL) or exit 1; "
       "syswrite F, \"$$\\n\"; close F; syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1; "
       "unlink \"{dir}/lock\"; syswrite STDOUT, \"released\\n\"'"},
      {"python_open", kWorker,
       python + "'import os, sys\n"
                "try: f = os.open(\"{dir}/lock\", os.O_WRONLY|os.O_CREAT|os.O_EXCL)\n"
                "except FileExistsError: sys.exit(1)\n"
                "os.write(f, b\"%d\\n\" % os.getpid()); os.close(f)\n"
                "os.write(1, b\"acquired\\n\"); os.read(0, 1)\n"
                "os.unlink(\"{dir}/lock\"); os.write(1, b\"released\\n\")'"},
      {"python_lockf", kWorker,
       python + "'import fcntl, os, sys\n"
                "f = open(\"{dir}/lock\", \"w\")\n"
                "try: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
                "except OSError: sys.exit(1)\n"
                "os.write(1, b\"acquired\\n\"); os.read(0, 1)\n"
                "f.close(); os.write(1, b\"released\\n\")'"},
      {"dash_mkdir", kWrapper,
       "dash -c 'while ! mkdir \"$1\"; do sleep 0.1; done; \"$2\"; rmdir \"$1\"' dash {dir}/lock "
       "{critical}"},
  };
}

// That many contenders, of which one is killed. `promises` decide which runs end a search.
inline Scenario scenario_of(const LockingProgram& program, std::size_t contenders,
                            std::vector<std::string> promises) {
  Scenario scenario = *one_line_scenario(program.type, program.line);
  scenario.cast.assign(contenders, {"run"});
  scenario.invariants = std::move(promises);
  scenario.faults = {{"kill", 1}};
  return scenario;
}

}  // namespace lockproof::test
