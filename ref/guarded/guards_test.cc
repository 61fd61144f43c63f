// SPDX-License-Identifier: Apache-2.0
// Every guard is there for something: what it is for is kept with it, and broken without it. And
// each guard of guards.def stands somewhere in the source.
#include <regex>
#include <set>

#include "witness.h"

namespace solo::testing {
namespace {

struct Line {
  const char* name;
  Guard guard;
  Witness kept;
};
constexpr Line kGuards[] = {
#define SOLO_GUARD_LINE(name, why) {#name, Guard::name, name},
#include "src/guards.def"
#undef SOLO_GUARD_LINE
};

class Guards : public ::testing::TestWithParam<Line> {};

TEST_P(Guards, KeepWhatIsLostWithoutThem) {
  Scene whole(std::nullopt);
  EXPECT_TRUE(GetParam().kept(whole));
  Scene less(GetParam().guard);
  EXPECT_FALSE(GetParam().kept(less));
}

INSTANTIATE_TEST_SUITE_P(All, Guards, ::testing::ValuesIn(kGuards),
                         [](const auto& line) { return std::string(line.param.name); });

TEST(GuardsInTheSource, AreThoseOfTheList) {
  std::set<std::string> listed, used;
  for (const Line& line : kGuards) listed.insert(line.name);
  const std::regex use(R"(SOLO_GUARD\([^;{}]*?,\s*(\w+)\))");
  for (const auto& file : std::filesystem::directory_iterator(LOCKPROOF_SOURCE "/ref/src")) {
    if (file.path().extension() != ".cc") continue;
    const std::string text = slurp(file.path());
    for (std::sregex_iterator at(text.begin(), text.end(), use), end; at != end; ++at) {
      used.insert((*at)[1]);
    }
  }
  EXPECT_EQ(used, listed);
}

}  // namespace
}  // namespace solo::testing
