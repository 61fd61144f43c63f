// SPDX-License-Identifier: Apache-2.0
// `solo status`, and what all commands of the `solo` program share, end to end.
#include <sys/auxv.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <sstream>

#include "command_testing.h"

namespace solo::testing {
namespace {

TEST(SoloStatus, TellsRunningStoppedAndUnknownApart) {
  const TempDir temp;
  EXPECT_EQ(solo(temp, status_web(temp)).code(), 3);
  EXPECT_TRUE(std::filesystem::is_empty(temp.state()));

  Running owner(temp);
  const std::string pid = std::to_string(owner.pid());
  const Outcome text = solo(temp, status_web(temp));
  EXPECT_EQ(text.code(), 0);
  EXPECT_TRUE(text.out.starts_with("web running (pid " + pid + ") since 2")) << text.out;
  const Outcome json = solo(temp, status_web(temp, {"--json"}));
  EXPECT_EQ(json.code(), 0);
  EXPECT_NE(json.out.find("\"state\":\"running\",\"pid\":" + pid + ","), std::string::npos);

  owner.end_input();
  owner.wait();
  const Outcome stopped = solo(temp, status_web(temp));
  EXPECT_EQ(stopped.code(), 3);
  EXPECT_EQ(stopped.out, "web stopped\n");

  std::filesystem::remove(temp.lock());
  ASSERT_EQ(::mkfifo(temp.lock().c_str(), 0600), 0);
  const Outcome unknown = solo(temp, status_web(temp));
  EXPECT_EQ(unknown.code(), 4);
  EXPECT_EQ(unknown.out, "web unknown: '" + temp.lock() + "' is not a regular file\n");
}

TEST(Solo, CalledWronglyEndsWith2AndOneLineAndTouchesNothing) {
  const TempDir temp;
  for (const Words& words : {Words{"solo"}, Words{"solo", "start", "web"},
                             Words{"solo", "run", "web"}, Words{"solo", "status", ".."}}) {
    const Outcome outcome = solo(temp, words);
    EXPECT_EQ(outcome.code(), 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  EXPECT_TRUE(std::filesystem::is_empty(temp.state()));
}

TEST(SoloStatus, SaysThatAStopIsUnderWay) {
  const TempDir temp;
  Running owner(temp);
  const int fd = ::open(temp.lock().c_str(), O_RDWR | O_CLOEXEC);
  struct flock stop {};
  stop.l_type = F_RDLCK;
  stop.l_start = 2;
  stop.l_len = 1;
  ASSERT_EQ(::fcntl(fd, F_OFD_SETLK, &stop), 0);
  const Outcome status = solo(temp, status_web(temp, {"--json"}));
  EXPECT_EQ(status.code(), 0);
  EXPECT_NE(status.out.find("\"state\":\"stopping\""), std::string::npos) << status.out;
  ::close(fd);
}

TEST(Solo, HelpsAndTellsItsVersion) {
  const TempDir temp;
  const Outcome help = solo(temp, {"solo", "--help"});
  EXPECT_EQ(help.code(), 0);
  EXPECT_NE(help.out.find("solo run NAME"), std::string::npos);
  const Outcome version = solo(temp, {"solo", "--version"});
  EXPECT_EQ(version.code(), 0);
  EXPECT_TRUE(version.out.starts_with("solo "));
}

TEST(Solo, FailsWhenItsAnswerCannotBeWritten) {
  const TempDir temp;
  const Outcome outcome =
      solo(temp, status_web(temp), [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), 1); });
  EXPECT_EQ(outcome.code(), 4);
}

// To a program that has just begun, and that we trace: a value of its auxiliary vector, which the
// kernel laid on its stack behind the arguments and the environment.
void tell(pid_t traced, unsigned long type, unsigned long value) {
  const std::string process = "/proc/" + std::to_string(traced);
  std::istringstream stat(slurp(process + "/stat"));
  std::string field;
  for (int i = 0; i < 28; ++i) stat >> field;  // startstack: where argc is; the name has no space
  std::fstream memory(process + "/mem", std::ios::in | std::ios::out | std::ios::binary);
  memory.seekg(static_cast<std::streamoff>(std::stoull(field)));
  const auto next = [&memory] {
    unsigned long word = 0;
    memory.read(reinterpret_cast<char*>(&word), sizeof word);
    EXPECT_TRUE(memory.good());
    return memory.good() ? word : 0;
  };
  next();  // argc
  for (int ends = 0; ends < 2;) ends += next() == 0 ? 1 : 0;
  for (unsigned long found = next(); found != type; found = next()) {
    ASSERT_NE(found, static_cast<unsigned long>(AT_NULL));
    next();
  }
  memory.seekp(memory.tellg());
  memory.write(reinterpret_cast<const char*>(&value), sizeof value);
  memory.flush();
  EXPECT_TRUE(memory.good());
}

// The kernel says AT_SECURE to a program that was started set-user-ID or with file capabilities.
// Only root can make such a file; whoever traces a program can say the same. Told by what the
// program answers: a leak checker changes its exit code.
TEST(Solo, RefusesToRunSetUserId) {
  const TempDir temp;
  const Outcome outcome = solo(
      temp, {"solo", "--version"}, [] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); },
      [](pid_t child) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSTOPPED(status));
        tell(child, AT_SECURE, 1);
        ASSERT_EQ(::ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
      });
  EXPECT_NE(outcome.code(), 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("solo: refuses to run set-user-ID")) << outcome.err;
}

}  // namespace
}  // namespace solo::testing
