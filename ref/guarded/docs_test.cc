// SPDX-License-Identifier: Apache-2.0
// docs/SOLO.md says which guard and which test there is for what: they are there.
#include <regex>
#include <set>

#include "src/testing.h"

namespace solo::testing {
namespace {

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex wanted(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at) {
    found.insert(at->size() > 2 ? (*at)[1].str() + "." + (*at)[2].str() : (*at)[1].str());
  }
  return found;
}

TEST(SoloDocs, NameTestsThatAreThere) {
  std::string sources;
  for (const auto& file : std::filesystem::recursive_directory_iterator(LOCKPROOF_SOURCE "/ref")) {
    if (file.path().string().ends_with("_test.cc")) sources += slurp(file.path());
  }
  const auto tests = matches(sources, R"(TEST\((\w+),\s*(\w+)\))");
  const auto named = matches(slurp(LOCKPROOF_SOURCE "/docs/SOLO.md"), R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  EXPECT_GT(named.size(), 30u);
  for (const std::string& test : named) EXPECT_TRUE(tests.contains(test)) << test;
}

TEST(SoloDocs, SayOfEachGuardWhereItStands) {
  const auto guards = matches(slurp(LOCKPROOF_SOURCE "/ref/src/guards.def"), R"(LINE\((\w+), ")");
  const auto named = matches(slurp(LOCKPROOF_SOURCE "/docs/SOLO.md"), R"(`([a-z]+(?:_[a-z]+)*)`)");
  EXPECT_GT(guards.size(), 30u);
  for (const std::string& guard : guards) EXPECT_TRUE(named.contains(guard)) << guard;
}

}  // namespace
}  // namespace solo::testing
