// SPDX-License-Identifier: Apache-2.0
// A question has one answer in every built-in protocol (sim/answers.h).
#include <gtest/gtest.h>

#include "program/native.h"
#include "sim/answers.h"
#include "subject/builtin.h"

namespace lockproof {
namespace {

// Two who run it, and a kill, a SIGTERM and a stop.
TEST(Questions, HaveOneAnswerEach) {
  std::size_t protocols = 0;
  std::size_t steps = 0;
  std::size_t questions = 0;
  for (const Builtin& builtin : all_builtins()) {
    for (const Verb& verb : builtin.verbs) {
      Texts texts;
      sim::Tables tables(texts);
      NativeProgram first(builtin.verbs.front().act, "/home", texts);
      NativeProgram second(verb.act, "/home", texts);
      sim::SpaceStart start;
      start.cast = {{&first}, {&second}};
      start.symmetry = false;
      start.rules.pids = sim::Pids::kConcrete;
      for (const sim::FaultLeft fault :
           {sim::FaultLeft::kKill, sim::FaultLeft::kTerm, sim::FaultLeft::kStop})
        start.faults[static_cast<unsigned>(fault)] = 1;
      auto space = sim::SimSpace::make(start, tables);
      ASSERT_TRUE(space.ok()) << space.error().sentence;
      sim::test::Answers answers(**space, tables);
      answers.collect(400);
      EXPECT_EQ(answers.differ, std::set<std::string>{}) << builtin.name << " " << verb.name;
      ++protocols;
      steps += answers.steps;
      questions += answers.questions();
    }
  }
  EXPECT_GT(protocols, 30u);
  EXPECT_LT(4 * questions, steps) << "most steps ask what others have";
}

}  // namespace
}  // namespace lockproof
