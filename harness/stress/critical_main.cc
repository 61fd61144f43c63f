// SPDX-License-Identifier: Apache-2.0
// The helper that stands for {critical} in a wrapper's command: while it runs, it owns.
//
//   lockproof-critical own WITNESS LIFE SEED DIE_ONE_IN    says so on the witness, holds, gives up,
//   exits 0. One time in
//                                                          DIE_ONE_IN (0: never) it kills itself
//                                                          while it owns.
//   lockproof-critical idle                                does nothing until it is killed
//   lockproof-critical try SAYS GO                         writes its pid into the FIFO SAYS, waits
//                                                          for a byte from the FIFO GO, exits 0
//
// Linked statically: a burst starts it thousands of times. If it dies, its last word on the witness
// stands.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/random.h"
#include "stress/witness.h"

namespace {

using lockproof::Kind;
using lockproof::Life;
using lockproof::Object;
using lockproof::Phase;
using lockproof::Witness;

void on_term(int) {}  // its arrival ends the pause

int own(const char* path, Life life, std::uint64_t seed, std::uint32_t die_one_in) {
  struct sigaction action {};
  action.sa_handler = on_term;
  ::sigaction(SIGTERM, &action, nullptr);

  auto witness = Witness::attach(path);
  if (!witness) {
    std::fprintf(stderr, "lockproof-critical: %s\n", witness.error().sentence.c_str());
    return 70;
  }
  const auto say = [&](Kind kind, std::int64_t value = 0) {
    witness->append({kind, Phase::kPoint, Object::kNone, life, value});
  };
  lockproof::Random random(seed, life);
  say(Kind::kStart, ::getpid());
  say(Kind::kOwns);
  const std::uint32_t hold_us_max = witness->hold_us_max();
  struct timespec time {};
  time.tv_nsec = hold_us_max > 0 ? static_cast<long>(random.below(hold_us_max) + 1) * 1000 : 0;
  ::nanosleep(&time, nullptr);
  if (die_one_in > 0 && random.one_in(die_one_in)) {
    say(Kind::kFault, SIGKILL);
    ::raise(SIGKILL);
  }
  say(Kind::kGivesUp);
  say(Kind::kReleased);
  return 0;
}

int try_once(const char* says, const char* go) {
  const int out = ::open(says, O_WRONLY | O_CLOEXEC);
  const pid_t pid = ::getpid();
  if (out < 0 || ::write(out, &pid, sizeof pid) != sizeof pid) return 70;
  const int in = ::open(go, O_RDONLY | O_CLOEXEC);
  char byte;
  return in >= 0 && ::read(in, &byte, 1) == 1 ? 0 : 70;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "idle" && argc == 2) {
    for (;;) ::pause();
  }
  if (what == "try" && argc == 4) return try_once(argv[2], argv[3]);
  if (what == "own" && argc == 6) {
    return own(argv[2], static_cast<Life>(std::strtoul(argv[3], nullptr, 10)),
               std::strtoull(argv[4], nullptr, 10),
               static_cast<std::uint32_t>(std::strtoul(argv[5], nullptr, 10)));
  }
  std::fputs("lockproof-critical is started by lockproof; there is nothing to do with it by hand\n",
             stderr);
  return 2;
}
