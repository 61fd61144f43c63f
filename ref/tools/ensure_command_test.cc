// SPDX-License-Identifier: Apache-2.0
// `solo ensure`, end to end.
#include <list>

#include "command_testing.h"

namespace solo::testing {
namespace {

// The pid at the end of "web started (pid N)".
std::string pid_in(const std::string& said) {
  const std::size_t at = said.find("(pid ");
  return at == said.npos ? said : said.substr(at, said.find(')') - at);
}

TEST(SoloEnsure, OfManyAtOnceLeavesOneServerAndTheRecordedOne) {
  for (const int launchers : {5, 100}) {
    const TempDir temp;
    const StopWeb end(temp);
    std::list<Child> crowd;
    for (int i = 0; i < launchers; ++i) {
      const std::string out = temp.path() + "/out" + std::to_string(i);
      crowd.emplace_back([&] {
        ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 1);
        execute(verb_web("ensure", temp, {}, {"sleep", "1000"}));
      });
    }
    for (Child& launcher : crowd) EXPECT_EQ(WEXITSTATUS(launcher.wait()), 0);
    const auto record = parse_record(slurp(temp.record()));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->managed, Managed::kAuto);
    int started = 0;
    for (int i = 0; i < launchers; ++i) {
      const std::string said = slurp(temp.path() + "/out" + std::to_string(i));
      started += said.starts_with("web started") ? 1 : 0;
      EXPECT_EQ(pid_in(said), "(pid " + std::to_string(record->pid)) << said;
    }
    EXPECT_EQ(started, 1);
    EXPECT_EQ(record->generation, 1u) << "nobody else has ever owned";
  }
}

TEST(SoloEnsure, WaitsForTheSignOfReadiness) {
  const TempDir temp;
  const StopWeb end(temp);
  const std::string go = temp.path() + "/go";
  ASSERT_EQ(::mkfifo(go.c_str(), 0600), 0);
  const std::string script =
      "echo starting; read x <" + go + "; echo now listening; exec sleep 1000";
  Child launcher([&] {
    execute(verb_web("ensure", temp, {"--ready=line:listening"}, {"sh", "-c", script}));
  });
  const int fd = ::open(go.c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_EQ(::write(fd, "go\n", 3), 3);
  EXPECT_EQ(WEXITSTATUS(launcher.wait()), 0);
  ::close(fd);
  const Outcome status = solo(temp, status_web(temp, {"--json"}));
  EXPECT_NE(status.out.find("\"managed\":\"auto\",\"ready\":true"), std::string::npos)
      << status.out;
}

TEST(SoloEnsure, ThatFailsLeavesNothingBehind) {
  const TempDir temp;
  const Outcome failed =
      solo(temp, verb_web("ensure", temp, {"--ready=file:/no/such"}, {"sh", "-c", "exit 7"}));
  EXPECT_EQ(failed.code(), 4);
  EXPECT_EQ(failed.err, "solo: web ended with 7 before it was ready\n");
  EXPECT_EQ(solo(temp, status_web(temp)).code(), 3);
}

}  // namespace
}  // namespace solo::testing
