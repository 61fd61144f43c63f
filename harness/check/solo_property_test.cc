// SPDX-License-Identifier: Apache-2.0
// Every promise, for generated scenarios of solo. What fails is printed as a file for `lockproof
// check`, as small as it can be.
#include <gtest/gtest.h>

#include "check/check.h"
#include "check/generated_scenario.h"

namespace lockproof::test {
namespace {

constexpr std::uint64_t kMostStates = 60'000;  // a search that is larger is given up

RunResult searched(const Scenario& scenario) {
  CheckOptions options;
  options.limits.states = kMostStates;
  auto result = check(scenario, options);
  EXPECT_TRUE(result.ok()) << result.error().sentence << "\n" << write_scenario(scenario);
  return result.ok() ? *result : RunResult{};
}

// What there is to say about it; "": every run keeps every promise.
std::string wrong(const RunResult& result) {
  std::string text = result.verdict == Verdict::kHolds ? "" : result.reason + "\n";
  for (const Finding& finding : result.findings)
    text += finding.sentence + ": " + finding.why + "\n";
  return text;
}

bool too_large(const RunResult& result) {
  return result.verdict == Verdict::kInconclusive && result.reason.starts_with("the limit of ") &&
         result.reason.ends_with(" states was reached");
}

void expect_solo_holds(Where where) {
  int holds = 0, all = 0;
  EXPECT_TRUE(rc::check([&] {
    const Scenario scenario = *scenarios_of(*find_builtin("solo"), where);
    const RunResult result = searched(scenario);
    RC_CLASSIFY(too_large(result), "given up, too large");
    RC_LOG() << wrong(result);
    RC_ASSERT(wrong(result).empty() || too_large(result));
    holds += result.verdict == Verdict::kHolds ? 1 : 0;
    ++all;
  }));
  EXPECT_GT(holds, all / 4) << "of the rest nothing is known";
}

TEST(SoloProperty, EveryPromiseHoldsInEveryScenario) { expect_solo_holds(Where::kOneNamespace); }
TEST(SoloProperty, AndInContainersThatShareAVolume) { expect_solo_holds(Where::kContainers); }

bool breaks_a_promise(const Scenario& scenario) {
  return searched(scenario).verdict == Verdict::kViolated;
}

// Of the first generated scenario that breaks a promise, what is left when nothing can be left out.
std::optional<Scenario> smallest_broken(const Builtin& subject) {
  constexpr int kFullSize = 100;
  const auto any = scenarios_of(subject, Where::kOneNamespace);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto found = any(rc::Random(seed), kFullSize);
    if (breaks_a_promise(found.value())) {
      return rc::shrinkable::findLocalMin(found, breaks_a_promise).first;
    }
  }
  return {};
}

// Each is one guard short. With the processes that are needed to see it, and the faults.
TEST(SoloProperty, FindsASoloThatIsOneGuardShortAndSaysWhatIsNeededToSeeIt) {
  struct Found {
    const char* subject;
    const char* invariant;
    std::size_t processes;
    FaultBudgets faults;
  };
  for (const auto& [name, invariant, processes, faults] : std::initializer_list<Found>{
           {"solo/without_never_unlinked", "only_the_owner_clears", 2, {}},
           {"solo/without_close_not_unlock", "record_names_owner", 2, {}},
           {"solo/without_released_first", "record_names_owner", 2, {}},
           {"solo/without_announced_first", "stop_respected", 2, {}},
           {"solo/without_close_on_exec", "no_lock_leak", 1, {{"exec_child", 1}}}}) {
    const auto smallest = smallest_broken(*find_builtin(name));
    ASSERT_TRUE(smallest) << name;
    const std::string text = write_scenario(*smallest);
    EXPECT_EQ(smallest->invariants, Words{invariant}) << text;
    EXPECT_EQ(smallest->setup.size() + smallest->cast.size(), processes) << text;
    EXPECT_EQ(smallest->faults, faults) << text;
    EXPECT_TRUE(smallest->files.empty()) << text;

    const auto read = parse_scenario(text, "generated.toml", smallest->name);
    ASSERT_TRUE(read.ok()) << read.error().sentence << "\n" << text;
    EXPECT_TRUE(*read == *smallest) << text;
    EXPECT_TRUE(breaks_a_promise(*read)) << text;
  }
}

}  // namespace
}  // namespace lockproof::test
