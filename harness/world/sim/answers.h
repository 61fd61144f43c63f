// SPDX-License-Identifier: Apache-2.0
// Answers: whether each question that a space asks (world/space.h) has one answer in the model, so
// that nothing depends on what reach.h leaves out of it. For tests.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "sim/sim_space.h"
#include "sim/state_words.h"

namespace lockproof::sim::test {

// Of all questions that a search asks.
class Answers {
 public:
  // REQUIRES: the space's pids are concrete.
  Answers(SimSpace& space, Tables& tables) : space_(space), tables_(tables) {}

  // In no order: near the beginning and far from it.
  void collect(std::size_t most_states) {
    std::mt19937 random(1);
    std::set<Fingerprint> known = {space_.fingerprint(space_.first())};
    std::vector<State> open = {space_.first()};
    for (std::size_t states = 0; states < most_states && !open.empty(); ++states) {
      std::swap(open[random() % open.size()], open.back());
      const State state = open.back();
      open.pop_back();
      std::vector<Successor> successors;
      ASSERT_TRUE(space_.expand(state, 0, successors).ok());
      for (const Successor& next : successors) {
        see(state, next);
        if (known.insert(next.fingerprint).second) open.push_back(next.state);
      }
    }
  }

  std::size_t steps = 0;
  std::set<std::string> differ;
  std::size_t questions() const { return after_.size(); }

 private:
  void see(const State& from, const Successor& next) {
    const std::uint8_t place = next.step.place;
    const Questions asked = space_.questions(from, next);
    const Kernel after = kernel(next.state);
    const Kernel reached = what_is_reached(kernel(from), after, place, space_.reach(from, next));
    ++steps;
    if (after_.try_emplace(asked.kernel, reached).first->second != reached) {
      differ.insert(named(next, "leaves another situation"));
    }
    if (!leaves_the_rest(kernel(from), after, place, space_.reach(from, next))) {
      differ.insert(named(next, "changes what is out of its reach"));
    }
    if (next.step.kind != Transition::Kind::kCall) return;
    Kernel asked_of = kernel(from);
    const Answer answer = step(asked_of, tables_, place, space_.call(from, place));
    if (!(answers_.try_emplace(asked.kernel, answer).first->second == answer)) {
      differ.insert(named(next, "is answered otherwise"));
    }
  }

  // A search goes on at once with a death that nobody notices, as far as that is so.
  static Kernel what_is_reached(const Kernel& before, Kernel after, std::uint8_t place,
                                Reach reach) {
    for (std::size_t i = 0; i < kProcesses; ++i) {
      const bool lived = before.processes[i].life < Life::kDying;
      Process& process = after.processes[i];
      if (lived && process.life >= Life::kDying) process = {};
    }
    return within(after, place, reach);
  }

  // What is out of reach is as it was.
  static bool leaves_the_rest(const Kernel& before, const Kernel& after, std::uint8_t place,
                              Reach reach) {
    if (!leaves_others(before, after, place, reach)) return false;
    const bool ends =
        before.processes[place].life < Life::kDying && after.processes[place].life >= Life::kDying;
    if (ends) return true;
    const Kernel part = within(before, place, reach);
    if (part.inodes[kRoot].mode == 0 && !same(before.inodes, after.inodes)) return false;
    if ((reach & kReachTree) != 0) return true;
    for (unsigned i = 0; i < kInodes; ++i) {
      const Inode& is = after.inodes[i];
      if (is.mode != 0 && is.content != before.inodes[i].content) return false;
    }
    return same(before.names, after.names);
  }
  // But for the place of their files. As long as nobody has looked at a clock, times are ranks.
  static bool leaves_others(const Kernel& before, const Kernel& after, unsigned place,
                            Reach reach) {
    if ((reach & kReachProcesses) != 0) return true;
    for (unsigned other = 0; other < kProcesses; ++other) {
      Process was = before.processes[other];
      Process is = after.processes[other];
      if (other == place || was.life >= Life::kDying) continue;
      was.fds = is.fds = {};
      was.start = is.start = was.wake = is.wake = was.alarm = is.alarm = 0;
      if (!same(was, is)) return false;
    }
    return true;
  }
  template <class T>
  static bool same(const T& a, const T& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
  }

  Kernel kernel(const State& state) const {
    return space_.store().get(state.words[kSituation]).kernel;
  }
  static std::string named(const Successor& next, const char* what) {
    const unsigned actor = next.step.choice.actor;
    const char letter = static_cast<char>(actor < 26 ? 'A' + actor : 'a' + (actor - 26));
    return std::string(what) + ": by " + letter;
  }

  SimSpace& space_;
  Tables& tables_;
  std::map<Fingerprint, Kernel> after_;
  std::map<Fingerprint, Answer> answers_;
};

}  // namespace lockproof::sim::test
