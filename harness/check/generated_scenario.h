// SPDX-License-Identifier: Apache-2.0
// Test only: generated scenarios of the subject `solo`, or of a solo without one of its guards: who
// contends, with which commands and in which version, what lies there before, and which faults
// come. What fails shrinks to a scenario of which nothing can be left out.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "subject/scenario_write.h"

namespace lockproof {

// How rapidcheck prints one.
inline void showValue(const Scenario& scenario, std::ostream& out) {
  out << write_scenario(scenario);
}

namespace test {

enum class Where { kOneNamespace, kContainers };

using Words = std::vector<std::string>;

// One of `values`; who is to come up more often stands there more often.
template <class T>
T pick(const std::vector<T>& values) {
  return values[*rc::gen::inRange<std::size_t>(0, values.size())];
}

inline Words any_process() {
  static const std::vector<Words> processes = {
      {"run"},   {"run"},    {"run", "run"}, {"status", "run"}, {"stop"},       {"rm"},
      {"guard"}, {"ensure"}, {"run_whole"},  {"rm", "run"},     {"stop", "run"}};
  return pick(processes);
}

inline void add_files(Scenario& scenario, Where where) {
  static const Words left = {"empty", "torn", "garbage", "dead", "'4711\n'", "'0 solo1 released'"};
  const auto add = [&](const char* file, int one_in, Words states) {
    if (*rc::gen::inRange(0, one_in) == 0) scenario.files[file] = pick(states);
  };
  Words records = left;
  // A pid that means somebody means one in one namespace.
  if (where == Where::kOneNamespace) records.insert(records.end(), {"recycled", "self"});
  add("record", 2, records);
  add("it.record.new", 4, {"empty", "garbage", "'1001'"});
  add("lock", 4, {"empty", "garbage"});
}

inline void add_faults(Scenario& scenario, Where where) {
  Words faults = {"kill", "kill", "kill", "term", "exec_child", "errno", "clock_step", "reboot"};
  if (where == Where::kOneNamespace) faults.emplace_back("pid_reuse");
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    const std::string fault = pick(faults);
    scenario.faults[fault] = fault == "clock_step" ? 3'600'000 : scenario.faults[fault] + 1;
  }
}

// All that solo promises and a search can judge by what its commands say.
inline Words promises_of_solo(Where where) {
  Words promises = {"one_owner",
                    "losers_touch_nothing",
                    "only_the_owner_clears",
                    "no_unlocked_owner",
                    "no_stranger_signalled",
                    "no_lock_leak",
                    "refuses_while_owned",
                    "probes_change_nothing",
                    "stop_respected",
                    "clean_exit",
                    "recovers",
                    "no_livelock",
                    "no_hot_spin"};
  // In containers a pid names nobody to who stands outside.
  if (where == Where::kOneNamespace) promises.insert(promises.begin(), "record_names_owner");
  return promises;
}

// Three processes and two faults at most.
inline Scenario any_scenario(const Builtin& subject, Where where) {
  Scenario scenario;
  scenario.name = "generated/scenario";
  scenario.title = "generated";
  scenario.subject.builtin = &subject;
  if (*rc::gen::inRange(0, 3) == 0) scenario.setup = {"run"};
  const std::size_t before = scenario.setup.size();
  for (std::size_t i = *rc::gen::inRange<std::size_t>(1, 4 - before); i > 0; --i) {
    scenario.cast.push_back(any_process());
  }
  if (where == Where::kContainers) {
    scenario.namespaces = {1};
    while (scenario.namespaces.size() < before + scenario.cast.size()) {
      scenario.namespaces.push_back(*rc::gen::inRange(0u, 3u));
    }
  }
  add_files(scenario, where);
  add_faults(scenario, where);
  scenario.invariants = promises_of_solo(where);
  return scenario;
}

// Each scenario that has one thing less: all promises but one, a process, a command, the
// namespaces, a file, a fault.
inline std::vector<Scenario> with_one_less(const Scenario& scenario) {
  std::vector<Scenario> smaller;
  const auto without = [&](auto change) {
    Scenario less = scenario;
    change(less);
    smaller.push_back(std::move(less));
  };
  const auto at = [](auto& values, std::size_t i) {
    return values.begin() + static_cast<std::ptrdiff_t>(i);
  };
  if (scenario.invariants.size() > 1) {
    for (const std::string& one : scenario.invariants) {
      without([&](Scenario& less) { less.invariants = {one}; });
    }
  }
  const std::size_t before = scenario.setup.size();
  const auto leaves = [&](Scenario& less, std::size_t place) {
    auto& spaces = less.namespaces;
    if (!spaces.empty()) spaces.erase(at(spaces, place));
    if (std::count(spaces.begin(), spaces.end(), 0u) == std::ssize(spaces)) spaces.clear();
  };
  if (before > 0) {
    without([&](Scenario& less) { less.setup.clear(), leaves(less, 0); });
  }
  for (std::size_t i = 0; i < scenario.cast.size(); ++i) {
    if (scenario.cast.size() > 1) {
      without([&](Scenario& less) { less.cast.erase(at(less.cast, i)), leaves(less, before + i); });
    }
    for (std::size_t verb = 0; scenario.cast[i].size() > 1 && verb < scenario.cast[i].size();
         ++verb) {
      without([&](Scenario& less) { less.cast[i].erase(at(less.cast[i], verb)); });
    }
  }
  if (!scenario.namespaces.empty()) {
    without([&](Scenario& less) { less.namespaces.clear(); });
  }
  for (const auto& file : scenario.files) {
    without([&](Scenario& less) { less.files.erase(file.first); });
  }
  for (const auto& fault : scenario.faults) {
    without([&](Scenario& less) {
      if (fault.second == 2) {
        less.faults[fault.first] = 1;
      } else {
        less.faults.erase(fault.first);
      }
    });
  }
  return smaller;
}

inline rc::Gen<Scenario> scenarios_of(const Builtin& subject, Where where) {
  const auto whole = rc::gen::exec([&subject, where] { return any_scenario(subject, where); });
  return [whole](const rc::Random& random, int size) {
    return rc::shrinkable::shrinkRecur(whole(random, size).value(), [](const Scenario& scenario) {
      return rc::seq::fromContainer(with_one_less(scenario));
    });
  };
}

}  // namespace test
}  // namespace lockproof
