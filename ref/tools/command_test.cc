// SPDX-License-Identifier: Apache-2.0
// The `solo` program end to end.
#include <fcntl.h>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <array>
#include <list>
#include <sstream>
#include <vector>

#include "src/testing.h"

namespace solo::testing {
namespace {

constexpr const char* kSolo = LOCKPROOF_BIN "/solo";

using Words = std::vector<std::string>;

[[noreturn]] void execute(Words words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(kSolo, pointers.data());
  ::_exit(98);
}

struct Outcome {
  int status = 0;  // the wait status
  std::string out, err;

  int code() const { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
};

// "run web [options] -- command" in the test's state directory.
Words run_web(const TempDir& temp, const Words& command, const Words& options = {}) {
  Words words = {"solo", "run", "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Words status_web(const TempDir& temp, const Words& options = {}) {
  Words words = {"solo", "status", "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

// To its end. `prepare` runs in the child before the program does; `meanwhile` here, after the
// fork.
template <class Prepare>
Outcome solo(
    const TempDir& temp, const Words& words, Prepare prepare,
    void (*meanwhile)(pid_t child) = [](pid_t) {}) {
  const std::string out = temp.path() + "/out", err = temp.path() + "/err";
  Child child([&] {
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 2);
    prepare();
    execute(words);
  });
  meanwhile(child.pid());
  const int status = child.wait();
  return {status, slurp(out), slurp(err)};
}
Outcome solo(const TempDir& temp, const Words& words) {
  return solo(temp, words, [] {});
}

// A `solo run` whose command says a line when it is up, and ends with its input.
class Running {
 public:
  explicit Running(const TempDir& temp)
      : solo_([&] {
          ::dup2(in_[0], 0);
          ::dup2(out_[1], 1);
          for (const int fd : {in_[0], in_[1], out_[0], out_[1]}) ::close(fd);
          execute(run_web(temp, {"sh", "-c", "echo up; exec cat"}));
        }) {
    ::close(std::exchange(out_[1], -1));
    char word[3];
    EXPECT_EQ(::read(out_[0], word, 3), 3);
  }
  ~Running() {
    for (const int fd : {in_[0], in_[1], out_[0]}) {
      if (fd >= 0) ::close(fd);
    }
  }
  pid_t pid() const { return solo_.pid(); }
  void signal(int number) const { ::kill(pid(), number); }
  void end_input() {
    ::close(std::exchange(in_[0], -1));
    ::close(std::exchange(in_[1], -1));
  }
  int wait() { return solo_.wait(); }
  // Nobody has the command's output open any more: it has ended, and its children too. Waits for
  // that, but not for ever.
  bool output_ended() const {
    pollfd end{out_[0], POLLIN, 0};
    char byte;
    return ::poll(&end, 1, 10'000) == 1 && ::read(out_[0], &byte, 1) == 0;
  }

 private:
  static std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return ends;
  }
  std::array<int, 2> in_ = make_pipe();
  std::array<int, 2> out_ = make_pipe();
  Child solo_;
};

TEST(SoloRun, EndsWithItsCommandsStatus) {
  const TempDir temp;
  EXPECT_EQ(solo(temp, run_web(temp, {"true"})).code(), 0);
  EXPECT_EQ(solo(temp, run_web(temp, {"sh", "-c", "exit 7"})).code(), 7);
  EXPECT_EQ(solo(temp, run_web(temp, {"sh", "-c", "kill -9 $$"})).code(), 128 + SIGKILL);
}

TEST(SoloRun, SaysSoWhenItsCommandCannotBeStarted) {
  const TempDir temp;
  const Outcome missing = solo(temp, run_web(temp, {"/no/such"}));
  EXPECT_EQ(missing.code(), 127);
  EXPECT_EQ(missing.err, "solo: cannot run '/no/such': No such file or directory\n");
  EXPECT_EQ(solo(temp, run_web(temp, {temp.path()})).code(), 126);
}

TEST(SoloRun, LosesToAnOwnerWithItsPidAndTheExitCodeAskedFor) {
  const TempDir temp;
  Running owner(temp);
  const Outcome loser = solo(temp, run_web(temp, {"false"}));
  EXPECT_EQ(loser.code(), 0);
  EXPECT_EQ(loser.err, "web already running (pid " + std::to_string(owner.pid()) + ")\n");
  EXPECT_EQ(solo(temp, run_web(temp, {"false"}, {"--busy-exit", "75"})).code(), 75);

  std::filesystem::remove(temp.record());
  const Outcome unknown = solo(temp, run_web(temp, {"false"}));
  EXPECT_EQ(unknown.err,
            "web already running (pid unknown; find the holder with 'lsof " + temp.lock() + "')\n");
  owner.end_input();
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 0);
}

TEST(SoloRun, PassesSignalsOnAndThenGivesUp) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const TempDir temp;
    Running owner(temp);
    owner.signal(signal);
    const int status = owner.wait();
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 128 + signal);
    const auto record = parse_record(slurp(temp.record()));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, Record::State::kReleased);
  }
}

TEST(SoloRun, KilledTakesItsCommandWithItAndTheNextOneGetsIn) {
  const TempDir temp;
  Running owner(temp);
  owner.signal(SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(owner.wait()));
  EXPECT_TRUE(owner.output_ended());
  EXPECT_EQ(solo(temp, run_web(temp, {"sh", "-c", "exit 7"})).code(), 7);
}

TEST(SoloRun, HandsItsCommandNeitherDescriptorsNorASignalMask) {
  const TempDir temp;
  const Outcome descriptors = solo(temp, run_web(temp, {"sh", "-c", "ls -l /proc/$$/fd"}));
  EXPECT_EQ(descriptors.out.find("web."), std::string::npos) << descriptors.out;
  EXPECT_EQ(descriptors.out.find("signalfd"), std::string::npos) << descriptors.out;
  EXPECT_EQ(descriptors.out.find(temp.state()), std::string::npos) << descriptors.out;
  const Outcome mask = solo(temp, run_web(temp, {"grep", "SigBlk", "/proc/self/status"}));
  EXPECT_EQ(mask.out, "SigBlk:\t0000000000000000\n");
}

TEST(SoloRun, TellsNobodyWhatItsCommandWasGiven) {
  const TempDir temp;
  const Words status = {"sh",  "-c",         "\"$0\" status web --state-dir \"$1\" --json",
                        kSolo, temp.state(), "a-secret"};
  const Outcome outcome = solo(temp, run_web(temp, status));
  EXPECT_EQ(outcome.code(), 0);
  EXPECT_NE(outcome.out.find("running"), std::string::npos);
  EXPECT_EQ((outcome.out + outcome.err + slurp(temp.record())).find("secret"), std::string::npos);
}

TEST(SoloRun, WorksWithIgnoredChildrenAndWithoutStdio) {
  const TempDir temp;
  const Words seven = run_web(temp, {"sh", "-c", "exit 7"});
  EXPECT_EQ(solo(temp, seven, [] { ::signal(SIGCHLD, SIG_IGN); }).code(), 7);
  const char* const script = "for n in 0 1 2; do test -e /proc/$$/fd/$n || exit 1; done; exit 7";
  const Outcome closed = solo(temp, run_web(temp, {"sh", "-c", script}), [] {
    for (int fd = 0; fd < 3; ++fd) ::close(fd);
  });
  EXPECT_EQ(closed.code(), 7);
}

TEST(SoloRun, FailsWithWhatWhereAndWhy) {
  const TempDir temp;
  ASSERT_EQ(::chmod(temp.state().c_str(), 0777), 0);
  const Outcome outcome = solo(temp, run_web(temp, {"true"}));
  EXPECT_EQ(outcome.code(), 4);
  EXPECT_EQ(outcome.err, "solo: '" + temp.state() +
                             "' is writable by others; make it private with chmod go-w\n");
}

Words verb_web(const std::string& verb, const TempDir& temp, const Words& options = {},
               const Words& command = {}) {
  Words words = {"solo", verb, "web", "--state-dir", temp.state()};
  words.insert(words.end(), options.begin(), options.end());
  if (!command.empty()) words.push_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

// Waits, and not for ever, until a file says a line; for what another process writes at its own
// time.
std::string line_of(const std::string& fifo) {
  const int fd = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  std::string line;
  pollfd ready{fd, POLLIN, 0};
  char byte = 0;
  while (byte != '\n' && ::poll(&ready, 1, 30'000) == 1 && ::read(fd, &byte, 1) == 1) line += byte;
  ::close(fd);
  return line;
}

// Ends whatever runs as "web" when a test is over.
class StopWeb {
 public:
  explicit StopWeb(const TempDir& temp) : temp_(temp) {}
  ~StopWeb() { solo(temp_, verb_web("stop", temp_, {"--grace=1s"})); }

 private:
  Orphanage orphans_;
  const TempDir& temp_;
};

TEST(SoloStop, ReturnsWhenTheExitWasSeenAndSaysWhose) {
  const TempDir temp;
  Running owner(temp);
  const Outcome stopped = solo(temp, verb_web("stop", temp));
  EXPECT_EQ(stopped.code(), 0) << stopped.err;
  EXPECT_EQ(stopped.out, "web stopped (pid " + std::to_string(owner.pid()) + ")\n");
  siginfo_t info{};
  const auto id = static_cast<id_t>(owner.pid());
  EXPECT_EQ(::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT), 0);
  EXPECT_EQ(info.si_pid, owner.pid());
  const Outcome again = solo(temp, verb_web("stop", temp));
  EXPECT_EQ(again.code(), 0);
  EXPECT_EQ(again.out, "web is not running\n");
}

TEST(SoloStop, NeverSignalsABystanderThatHasTheOwnersPidByNow) {
  const TempDir temp;
  const StopWeb end(temp);
  {
    Running owner(temp);
    owner.signal(SIGKILL);
    owner.wait();
  }
  const Pipe said;
  Child bystander([&] {
    said.send('b');
    for (;;) ::pause();
  });
  ASSERT_EQ(said.receive(), 'b');
  Record record = *parse_record(slurp(temp.record()));
  record.pid = bystander.pid();
  spill(temp.record(), format_record(record));
  EXPECT_EQ(solo(temp, verb_web("stop", temp)).out, "web is not running\n");
  EXPECT_EQ(solo(temp, verb_web("rm", temp)).out, "web is not running\n");
  EXPECT_EQ(solo(temp, verb_web("ensure", temp, {}, {"sleep", "1000"})).code(), 0);
  siginfo_t info{};
  const auto id = static_cast<id_t>(bystander.pid());
  EXPECT_EQ(::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT), 0);
  EXPECT_EQ(info.si_pid, 0);
}

// A command that says what happens to it through a FIFO, and drains after SIGTERM until told.
struct Draining {
  explicit Draining(const TempDir& temp)
      : says(temp.path() + "/says"), ends(temp.path() + "/ends"), never(temp.path() + "/never") {
    for (const std::string& fifo : {says, ends, never}) EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    held = ::open(says.c_str(), O_RDWR | O_CLOEXEC);
  }
  ~Draining() { ::close(held); }
  Words command() const {
    return {"sh", "-c",
            "trap 'echo drains >" + says + "; read x <" + ends + "; exit 5' TERM; exec 3<>" +
                never + "; echo up >" + says + "; while :; do read x <&3; done"};
  }
  std::string next() const { return line_of(says); }
  void end() const { spill(ends, "go\n"); }

  std::string says, ends, never;
  int held = -1;  // so that no writer waits for a reader
};

TEST(SoloRm, LetsTheNextOneStartWhileTheOldOneDrainsAndTheRecordIsTheNextOnes) {
  const TempDir temp;
  const Draining draining(temp);
  Child old([&] { execute(run_web(temp, draining.command())); });
  ASSERT_EQ(draining.next(), "up\n");
  const Outcome removed = solo(temp, verb_web("rm", temp));
  EXPECT_EQ(removed.code(), 0) << removed.err;
  EXPECT_EQ(removed.out,
            "web removed (pid " + std::to_string(old.pid()) + "); it ends by itself\n");
  EXPECT_EQ(draining.next(), "drains\n");

  Running next(temp);
  const std::string record = slurp(temp.record());
  EXPECT_EQ(parse_record(record)->pid, next.pid());
  draining.end();
  EXPECT_EQ(WEXITSTATUS(old.wait()), 5);
  EXPECT_EQ(slurp(temp.record()), record);
  next.end_input();
  next.wait();
}

TEST(SoloRun, OwnsUntilItHasDrainedWhenItIsOnlyTold) {
  const TempDir temp;
  const Draining draining(temp);
  Child owner([&] { execute(run_web(temp, draining.command())); });
  ASSERT_EQ(draining.next(), "up\n");
  ::kill(owner.pid(), SIGTERM);
  EXPECT_EQ(draining.next(), "drains\n");
  EXPECT_EQ(solo(temp, run_web(temp, {"true"}, {"--busy-exit=75"})).code(), 75);
  draining.end();
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 5);
}

TEST(SoloRun, KillsWhatDrainsForTooLong) {
  const TempDir temp;
  const Draining draining(temp);
  Child owner([&] { execute(run_web(temp, draining.command(), {"--drain=100ms"})); });
  ASSERT_EQ(draining.next(), "up\n");
  ::kill(owner.pid(), SIGTERM);
  EXPECT_EQ(WEXITSTATUS(owner.wait()), 128 + SIGKILL);
}

TEST(SoloGuard, RunsOnlyWhileNobodyOwnsAndKeepsOthersOut) {
  const TempDir temp;
  const std::string run = "exec " + std::string(kSolo) + " run web --busy-exit 9 --state-dir " +
                          temp.state() + " -- true";
  EXPECT_EQ(solo(temp, verb_web("guard", temp, {}, {"sh", "-c", run})).code(), 9);
  Running owner(temp);
  const Outcome refused =
      solo(temp, verb_web("guard", temp, {}, {"touch", temp.path() + "/destroyed"}));
  EXPECT_EQ(refused.code(), 2);
  EXPECT_EQ(refused.err, "web still running (pid " + std::to_string(owner.pid()) +
                             "): the command was not run\n");
  EXPECT_FALSE(std::filesystem::exists(temp.path() + "/destroyed"));
  owner.end_input();
  owner.wait();
}

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

TEST(SoloRun, RemovesTheSideFilesOfAnEarlierOwnerAndItsOwn) {
  const TempDir temp;
  const std::string port = temp.state() + "/web.port";
  spill(port, "of one that was killed");
  const Outcome outcome = solo(
      temp,
      run_web(temp, {"sh", "-c", "test -e " + port + " && exit 1; echo 1 >" + port + "; exit 7"},
              {"--side-file", "web.port"}));
  EXPECT_EQ(outcome.code(), 7);
  EXPECT_FALSE(std::filesystem::exists(port));
}

// Another process keeps the input open all the while, so that no end of file can do the work.
TEST(SoloRun, EndsWithItsParentThoughItsInputStaysOpen) {
  const TempDir temp;
  std::array<int, 2> input{}, output{};
  ASSERT_EQ(::pipe2(input.data(), O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(output.data(), O_CLOEXEC), 0);
  const Pipe said;
  Child parent([&] {
    const pid_t solo_pid = ::fork();
    if (solo_pid == 0) {
      ::dup2(input[0], 0);
      ::dup2(output[1], 1);
      execute(run_web(temp, {"sh", "-c", "echo up; exec cat"}, {"--watch-parent=24h"}));
    }
    for (;;) ::pause();
  });
  ::close(output[1]);
  char word[3];
  ASSERT_EQ(::read(output[0], word, 3), 3);
  parent.kill_and_reap();
  pollfd end{output[0], POLLIN, 0};
  char byte;
  EXPECT_EQ(::poll(&end, 1, 30'000), 1) << "the server is still there";
  EXPECT_EQ(::read(output[0], &byte, 1), 0);
  for (const int fd : {input[0], input[1], output[0]}) ::close(fd);
}

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
