// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_defaults.h"

namespace lockproof {

std::string Subject::name() const {
  return builtin != nullptr ? std::string(builtin->name) : command ? command->name : "";
}

std::vector<std::string> verbs_of(const Subject& subject) {
  if (subject.builtin == nullptr) {
    std::vector<std::string> verbs = {"run"};
    if (subject.command && !subject.command->stop.empty()) verbs.emplace_back("stop");
    if (subject.command && !subject.command->status.empty()) verbs.emplace_back("status");
    return verbs;
  }
  std::vector<std::string> verbs;
  for (const Verb& verb : subject.builtin->verbs) verbs.emplace_back(verb.name);
  return verbs;
}

bool has_record(const Subject& subject) {
  if (subject.builtin != nullptr) return !subject.builtin->record.empty();
  return subject.command && !subject.command->record.empty();
}

bool has_lock(const Subject& subject) {
  if (subject.builtin != nullptr) return !subject.builtin->lock.empty();
  return subject.command && !subject.command->lock.empty();
}

std::vector<std::string> default_invariants(const Subject& subject) {
  std::vector<std::string> names = {"one_owner"};
  if (has_record(subject)) names.emplace_back("record_names_owner");
  // What a command does to its files between its calls is not seen; of a built-in subject it is.
  if (subject.builtin != nullptr) {
    names.insert(names.end(), {"losers_touch_nothing", "only_the_owner_clears", "no_lock_leak"});
    if (has_lock(subject)) names.emplace_back("no_unlocked_owner");
  }
  names.insert(names.end(), {"clean_exit", "recovers"});
  return names;
}

std::vector<std::vector<std::string>> default_cast(const Subject& subject) {
  return std::vector<std::vector<std::string>>(3, {verbs_of(subject).front()});
}

FaultBudgets default_faults() { return {{"kill", 1}, {"term", 1}, {"stop", 1}}; }

}  // namespace lockproof
