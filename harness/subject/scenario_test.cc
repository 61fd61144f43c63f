// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "subject/test_subjects.h"

namespace lockproof {
namespace {

using testing::kGoodBuiltin;
using testing::kGoodWrapper;
using Names = std::vector<std::string>;

std::string problem(std::string_view text, const std::string& name = "testing/x") {
  const auto result = parse_scenario(text, "x.toml", name);
  if (result.ok()) return "accepted";
  EXPECT_EQ(result.error().kind, Error::Kind::kUsage);
  return result.error().sentence;
}

Scenario good(std::string_view text) {
  auto result = parse_scenario(text, "x.toml", "testing/x");
  EXPECT_TRUE(result.ok()) << result.error().sentence;
  return result.ok() ? *result : Scenario{};
}

// A file that is short of nothing but `more`.
std::string builtin(const std::string& more) {
  return "title = 't'\nsubject = 'testing/lock'\n" + more;
}
std::string wrapper(const std::string& run, const std::string& more = "") {
  return "title = 't'\n[subject]\nkind = 'wrapper'\nrun = " + run + "\n" + more;
}
// Its keys begin in line 5, or where it begins plus 4.
std::string daemon(const std::string& more) {
  return "title = 't'\n[subject]\nkind = 'daemon'\nstart = ['d', '{dir}', 'start']\n" + more;
}
const std::string kFlock = "['flock', '{dir}/lock', '{critical}']";
// Invariants that read no pid.
const std::string kUnread = "invariants = ['one_owner']\n";

TEST(Scenario, OfABuiltinSubjectIsReadWhole) {
  const Scenario read = good(kGoodBuiltin);
  EXPECT_EQ(read.name, "testing/x");
  EXPECT_EQ(read.title, "a lock");
  EXPECT_EQ(read.subject.name(), "testing/lock");
  EXPECT_EQ(read.cast, (std::vector<Names>{{"stop", "run"}, {"run"}}));
  EXPECT_EQ(read.files.at("record"), "dead");
  EXPECT_EQ(read.files.at("other/file"), "'12\n'");
  EXPECT_EQ(read.invariants, (Names{"one_owner", "record_names_owner"}));
  EXPECT_EQ(read.faults, (FaultBudgets{{"kill", 2}, {"slow_shutdown", 30000}}));
  EXPECT_EQ(read.mutants.at("testing/lock_unchecked"), "one_owner");
  EXPECT_EQ(read.bounds.recover_ms, 7000);
  EXPECT_EQ(read.bounds.wait_attempts, 30);
  EXPECT_EQ(read.stress_processes, 32);
  EXPECT_EQ(read.stress_duration_ms, 120000);
  EXPECT_EQ(read.expect.verdict, Verdict::kViolated);
  EXPECT_EQ(read.expect.invariant, "one_owner");
  EXPECT_EQ(read.expect.states, 1523u);
  EXPECT_EQ(read.expect.steps, 9u);
}

TEST(Scenario, WithoutMoreThanASubjectHasThreeContendersAndTheUsualFaults) {
  const Scenario read = good(builtin(""));
  EXPECT_EQ(read.cast, (std::vector<Names>{{"run"}, {"run"}, {"run"}}));
  EXPECT_EQ(read.faults, (FaultBudgets{{"kill", 1}, {"term", 1}, {"stop", 1}}));
  EXPECT_EQ(read.invariants, (Names{"one_owner", "record_names_owner", "losers_touch_nothing",
                                    "only_the_owner_clears", "no_lock_leak", "no_unlocked_owner",
                                    "clean_exit", "recovers"}));
  EXPECT_EQ(read.expect.verdict, Verdict::kHolds);
}

TEST(Scenario, SaysInWhichPidNamespaceEachProcessIs) {
  const std::string two = builtin("setup = ['run']\ncast = ['run']\n") + kUnread;
  EXPECT_EQ(good(two).namespaces, std::vector<unsigned>());
  EXPECT_EQ(good(two + "namespaces = [0, 3]\n").namespaces, (std::vector<unsigned>{0, 3}));
  EXPECT_EQ(good(two + "namespaces = [1, 2, 2]\n").namespaces, (std::vector<unsigned>{1, 2, 2}));
  EXPECT_EQ(good(two + "namespaces = [0, 0]\n").namespaces, std::vector<unsigned>())
      << "all are in one, and pids can stay names";
}

TEST(Scenario, AsksNothingAboutFilesThatTheSubjectDoesNotHave) {
  const Scenario read = good("title = 't'\nsubject = 'testing/bare'\n");
  EXPECT_EQ(read.invariants, (Names{"one_owner", "losers_touch_nothing", "only_the_owner_clears",
                                    "no_lock_leak", "clean_exit", "recovers"}));
  EXPECT_EQ(read.cast.front(), (Names{"acquire"}));
}

TEST(Scenario, OfAWrapperNeedsNoCode) {
  const Scenario read = good(kGoodWrapper);
  ASSERT_TRUE(read.subject.command);
  EXPECT_EQ(read.subject.name(), "util-linux flock");
  EXPECT_EQ(read.subject.command->run, (Names{"flock", "-n", "{dir}/lock", "{critical}"}));
  EXPECT_EQ(read.subject.command->busy_exit, std::vector<int>{1});
  EXPECT_EQ(read.invariants, (Names{"one_owner", "clean_exit", "recovers"}));
}

TEST(Scenario, OfAWorkerHasWordsOfItsOwn) {
  const Scenario read = good(R"(title = "t"
[subject]
kind = "worker"
run = ["/usr/bin/python3", "{here}/worker.py", "{dir}/lock"]
says = { acquired = "HELD", busy = "BUSY" }
package = "python3-x"
probe = ["/usr/bin/python3", "-c", "import x"]
record = "{dir}/pid"
lock = "{dir}/lock"
)");
  const CommandSubject& command = *read.subject.command;
  EXPECT_EQ(command.name, "python3");
  EXPECT_EQ(command.says_acquired, "HELD");
  EXPECT_EQ(command.says_released, "released");
  EXPECT_EQ(command.probe.size(), 3u);
  EXPECT_EQ(read.invariants, (Names{"one_owner", "record_names_owner", "clean_exit", "recovers"}));
}

TEST(Scenario, OfADaemonSaysWhoOwnsAndHasThreeVerbs) {
  const Scenario read = good(daemon(R"(stop = ["d", "{dir}", "stop"]
status = ["d", "{here}", "status"]
owners = { argv = "^d .* start$" }
record = { path = "{dir}/state", read = "json:.daemon.pid" }
loser = "reuses"
)"));
  const CommandSubject& command = *read.subject.command;
  EXPECT_EQ(command.run, (Names{"d", "{dir}", "start"}));
  EXPECT_EQ(command.stop, (Names{"d", "{dir}", "stop"}));
  EXPECT_EQ(command.status, (Names{"d", "{here}", "status"}));
  EXPECT_EQ(command.owners_by, CommandSubject::Owners::kArgv);
  EXPECT_EQ(command.owners, "^d .* start$");
  EXPECT_EQ(command.record, "{dir}/state");
  EXPECT_EQ(command.record_read, "json:.daemon.pid");
  EXPECT_EQ(command.loser, CommandSubject::Loser::kReuses);
}

TEST(Scenario, OfADaemonHasNoVerbThatItGivesNoCommandFor) {
  const std::string cast = "cast = ['start', ['stop', 'run'], 'status']\n";
  const std::string both = "stop = ['d']\nstatus = ['d']\nowners = { ready = 'up' }\n";
  EXPECT_EQ(good(cast + daemon(both)).cast,
            (std::vector<Names>{{"run"}, {"stop", "run"}, {"status"}}));
  EXPECT_EQ(problem(cast + daemon("stop = ['d']\nowners = { ready = 'up' }\n")),
            "x.toml:1: key 'cast[2]': expected a verb of d, found \"status\"; known are run, stop");
  EXPECT_EQ(problem("cast = ['start']\n" + wrapper(kFlock)),
            "x.toml:1: key 'cast[0]': expected a verb of flock, found \"start\"; known are run");
}

TEST(Scenario, LeavesToTheShellAndToOthersTheBracesThatAreTheirs) {
  EXPECT_EQ(problem(wrapper("['sh', '-c', 'a=${dir2} awk \"{ print }\" {} {1} {A}; {critical}']")),
            "accepted");
}

TEST(Scenario, MayHoldKeysOfOtherToolsButOnlyAtItsTop) {
  EXPECT_EQ(problem("title = 't'\nsubject = 'testing/lock'\n[x-zoo]\nanything = [1, { a = 2 }]\n"),
            "accepted");
  EXPECT_EQ(problem("title = 't'\nsubject = 'testing/lock'\n[stress]\nx-zoo = 1\n"),
            "x.toml:4: unknown key 'stress.x-zoo'; known are duration, processes");
}

TEST(Scenario, SaysWhichRequirementsItShows) {
  EXPECT_EQ(good(builtin("covers = ['A 1', 'B']\n")).covers, (Names{"A 1", "B"}));
  EXPECT_EQ(good(builtin("")).covers, Names());
}

TEST(Scenario, MayComeWithWindowsLineEndsAndWithAMutantsWholeName) {
  EXPECT_EQ(problem("title = 't'\r\nsubject = 'testing/lock'\r\n"), "accepted");
  EXPECT_EQ(problem(builtin("[mutants]\n'testing/lock_unchecked' = 'one_owner'\n")), "accepted");
}

// The blocks between ```toml and ``` of a document.
std::vector<std::string> toml_blocks(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```toml") blocks.emplace_back();
    if (inside && line != "```") blocks.back() += line + "\n";
    inside = line == "```toml" || (inside && line != "```");
  }
  return blocks;
}

TEST(Scenario, ExamplesOfTheDocumentationAreAccepted) {
  const auto blocks = toml_blocks(LOCKPROOF_SOURCE "/docs/SCENARIO.md");
  EXPECT_EQ(blocks.size(), 4u);
  for (std::string block : blocks) {
    // What is built in elsewhere is not part of this test program.
    if (const auto at = block.find("\"solo\""); at != std::string::npos) {
      block.replace(at, 6, "\"testing/lock\"");
    }
    EXPECT_EQ(problem(block), "accepted") << block;
  }
}

struct Broken {
  std::string text;
  std::string message;  // after "x.toml:"
};

std::vector<Broken> broken_tables() {
  return {
      // Not a scenario at all
      {"title = 't'\nsubject = \n",
       "2: not valid TOML: Error while parsing key-value pair: expected value, saw '\\n'"},
      {"title = 't'\ntitle = 'u'\n", "2: not valid TOML: "},
      {"x = " + std::string(100000, '['), "1: not valid TOML: "},
      {builtin("[stress]\nprocesses = 9223372036854775808\n"), "4: not valid TOML: "},
      {std::string("title = 't'\n\0", 13), "2: a NUL byte; a scenario is a text file"},
      {"\xef\xbb\xbftitle = 't'\n", "1: begins with a byte order mark; save it as plain UTF-8"},
      {"\xff\xfet\0", "1: begins with a byte order mark; save it as plain UTF-8"},
      {"# one\ntitle = '\xc3\x28'\n", "2: not valid UTF-8"},
      {std::string(2 << 20, '#'), "1: larger than 1 MiB, the most that a scenario may be"},
      // Keys
      {"titl = 't'\n", "1: unknown key 'titl'; did you mean 'title'?"},
      {builtin("[stress]\nproceses = 3\n"),
       "4: unknown key 'stress.proceses'; did you mean 'processes'?"},
      {builtin("[bounds]\nrecovers = '1s'\n"),
       "4: unknown key 'bounds.recovers'; did you mean 'recover'?"},
      {"subject = 'testing/lock'\n", "1: key 'title' is missing: say in one line what is checked"},
      {"title = 't'\n", "1: key 'subject' is missing: the name of a built-in subject, or a table"},
      {"", "1: key 'title' is missing: say in one line what is checked"},
      {"title = 't'\ncast = ['x']\nsetup = 3\nfiles = 3\nmutants = 3\nsubject = 'testing/lokc'\n",
       "6: key 'subject': expected a built-in subject or a table, found \"testing/lokc\"; did you "
       "mean 'testing/lock'?"},
      // Words
      {"title = 3\nsubject = 'testing/lock'\n", "1: key 'title': expected text, found 3"},
      {"title = ''\n", "1: key 'title': must not be empty"},
      {"title = \"a\\u202eb\"\n",
       "1: key 'title': must be one line without control or bidirectional characters"},
      {"title = \"a\\nb\"\n",
       "1: key 'title': must be one line without control or bidirectional characters"},
      // The subject
      {"title = 't'\nsubject = 'testing/lokc'\n",
       "2: key 'subject': expected a built-in subject or a table, found \"testing/lokc\"; did you "
       "mean 'testing/lock'?"},
      {"title = 't'\nsubject = 1.5\n",
       "2: key 'subject': expected a built-in subject or a table, found 1.5"},
      {"title = 't'\n[subject]\nrun = ['x']\n",
       "2: key 'subject.kind' is missing: \"wrapper\", \"worker\" or \"daemon\""},
      {"title = 't'\n[subject]\nkind = 'wraper'\n",
       "3: key 'subject.kind': expected \"wrapper\", \"worker\" or \"daemon\", found \"wraper\"; "
       "did you mean 'wrapper'?"},
      {"title = 't'\n[subject]\nkind = 'daemon'\nrun = ['start', '{dir}/pid']\n",
       "4: key 'subject.run': a daemon must run {critical} exactly once, found none"},
      {"title = 't'\n[subject]\nkind = 'daemon'\nrun = ['a', '{critical}']\n"
       "says = { busy = 'B' }\n",
       "5: key 'subject.says': only a worker says words"},
      {daemon("run = ['d']\nowners = { ready = 'up' }\n"),
       "4: key 'subject.start': 'run' says the same; expected one of them"},
      {daemon("owners = 'up'\n"), "5: key 'subject.owners': expected a table, found \"up\""},
      {daemon("owners = {}\n"),
       "5: key 'subject.owners': expected { argv = \"PATTERN\" } or { ready = \"LINE\" }, found "
       "neither"},
      {daemon("owners = { argv = 'd', ready = 'up' }\n"),
       "5: key 'subject.owners': expected one of 'argv' and 'ready', found both"},
      {daemon("owners = { arg = 'd' }\n"),
       "5: unknown key 'subject.owners.arg'; did you mean 'argv'?"},
      {daemon("owners = { argv = '(d)\\1' }\n"),
       "5: key 'subject.owners.argv': the pattern has a back-reference, which is not known here"},
      {daemon("owners = { ready = \"a\\nb\" }\n"),
       "5: key 'subject.owners.ready': must be one line without control or bidirectional "
       "characters"},
      {"title = 't'\n[subject]\nkind = 'daemon'\nrun = ['d', '{critical}']\n"
       "owners = { ready = 'up' }\n",
       "4: key 'subject.run': 'owners' says who owns, so {critical} has no place in it"},
      {daemon("owners = { ready = 'up' }\nstop = ['d', '{critical}']\n"),
       "6: key 'subject.stop': unknown placeholder {critical}; known are {dir}, {here}"},
      {daemon("owners = { ready = 'up' }\nstatus = []\n"),
       "6: key 'subject.status': expected a program and its arguments, found an empty array"},
      {daemon("owners = { ready = 'up' }\nloser = 'exit'\n"),
       "6: key 'subject.loser': expected \"exits\", \"stays\" or \"reuses\", found \"exit\"; did "
       "you "
       "mean 'exits'?"},
      {daemon("owners = { argv = 'd' }\nloser = 'stays'\n"),
       "6: key 'subject.loser': who stays without owning is told from an owner by a line alone: it "
       "needs owners = { ready = \"LINE\" }"},
      {wrapper(kFlock, "stop = ['x']\n"), "5: key 'subject.stop': only a daemon has 'stop'"},
      {wrapper(kFlock, "loser = 'exits'\n"), "5: key 'subject.loser': only a daemon has 'loser'"},
      {wrapper(kFlock, "record = { read = 'text' }\n"),
       "5: key 'subject.record.path' is missing: the file that names the owner, \"{dir}/...\""},
      {wrapper(kFlock, "record = { path = '/etc/x' }\n"),
       "5: key 'subject.record.path': expected a file below \"{dir}/\", found \"/etc/x\""},
      {wrapper(kFlock, "record = { path = '{dir}/x', read = 'xml' }\n"),
       "5: key 'subject.record.read': expected \"text\", \"json:.MEMBER\" or \"regex:PATTERN\", "
       "found "
       "\"xml\""},
      {wrapper(kFlock, "record = { path = '{dir}/x', read = 'json:pid' }\n"),
       "5: key 'subject.record.read': expected members of a JSON object as \"json:.pid\", found "
       "\"json:pid\""},
      {"title = 't'\nfiles = { record = 'dead' }\n[subject]\nkind = 'wrapper'\nrun = " + kFlock +
           "\nrecord = { path = '{dir}/x', read = 'json:.pid' }\n",
       "2: key 'files.record': what an owner leaves is known of a record that is read as text; "
       "give the content as \"'...'\", found \"dead\""},
      {"title = 't'\n[subject]\nkind = 'worker'\n",
       "2: key 'subject.run' is missing: the command, as an array of words"},
      {wrapper("[]"),
       "4: key 'subject.run': expected a program and its arguments, found an empty array"},
      {wrapper("'flock x'"), "4: key 'subject.run': expected an array, found \"flock x\""},
      {wrapper("['flock', 7, '{critical}']"), "4: key 'subject.run[1]': expected text, found 7"},
      {wrapper("['flock', \"a\\u0000\", '{critical}']"),
       "4: key 'subject.run[1]': must not hold a NUL character"},
      {wrapper("['flock', '{dir}/lock']"),
       "4: key 'subject.run': a wrapper must run {critical} exactly once, found none"},
      {wrapper("['a', '{critical}', '{critical}']"),
       "4: key 'subject.run': a wrapper must run {critical} exactly once, found 2 of it"},
      {wrapper("['a', '{critcal}']"),
       "4: key 'subject.run': unknown placeholder {critcal}; did you mean '{critical}'?"},
      {"title = 't'\n[subject]\nkind = 'worker'\nrun = ['a', '{critical}']\n",
       "4: key 'subject.run': a worker says itself that it owns, so {critical} has no place in it"},
      {wrapper(kFlock, "busy_exit = [1, 300]\n"),
       "5: key 'subject.busy_exit[1]': expected a whole number from 0 to 255, found 300"},
      {wrapper(kFlock, "says = { busy = 'B' }\n"),
       "5: key 'subject.says': only a worker says words"},
      {"title = 't'\n[subject]\nkind = 'worker'\nrun = ['a']\nsays = { busy = 'acquired' }\n",
       "5: key 'subject.says': the three words must differ"},
      {wrapper(kFlock, "record = '/etc/passwd'\n"),
       "5: key 'subject.record': expected a file below \"{dir}/\", found \"/etc/passwd\""},
      {wrapper(kFlock, "record = '{dir}/a/../../../b'\n"),
       "5: key 'subject.record': must not contain \"..\""},
      {wrapper(kFlock, "lock = '{dir}/{here}'\n"),
       "5: key 'subject.lock': only {dir} can stand in a file's name"},
      {wrapper(kFlock, "probe = ['a', '{dir}']\n"),
       "5: key 'subject.probe': unknown placeholder {dir}; known are {here}"},
      {wrapper(kFlock, "busy_exits = [1]\n"),
       "5: unknown key 'subject.busy_exits'; did you mean 'busy_exit'?"},
      // Who does what, on which files
      {builtin("cast = ['run', ['stop', 'rum']]\n"),
       "3: key 'cast[1][1]': expected a verb of testing/lock, found \"rum\"; did you mean 'run'?"},
      {builtin("cast = []\n"),
       "3: key 'cast': expected at least one process, found an empty array"},
      {builtin("setup = ['stopp']\n"),
       "3: key 'setup[0]': expected a verb of testing/lock, found \"stopp\"; did you mean 'stop'?"},
      // In which pid namespaces
      {builtin("namespaces = 1\n"), "3: key 'namespaces': expected an array, found 1"},
      {builtin("cast = ['run', 'run']\n" + kUnread + "namespaces = [1, 4]\n"),
       "5: key 'namespaces[1]': expected a whole number from 0 to 3, found 4"},
      {builtin("setup = ['run']\ncast = ['run']\n" + kUnread + "namespaces = [1]\n"),
       "6: key 'namespaces': 1 numbers for 2 processes of 'setup' and 'cast'; expected one for "
       "each, and perhaps one for the late one"},
      {builtin("cast = ['run', 'run']\n" + kUnread + "namespaces = [1, 2, 1, 2]\n"),
       "5: key 'namespaces': 4 numbers for 2 processes of 'setup' and 'cast'; expected one for "
       "each, and perhaps one for the late one"},
      {builtin("cast = ['run', 'run']\nnamespaces = [1, 2]\n"),
       "4: key 'namespaces': 'record_names_owner' asks whom a pid names, which depends on the "
       "namespace of who reads it; name the 'invariants' without it"},
      {builtin("cast = ['run', 'run']\nfiles = { record = 'self' }\n" + kUnread +
               "namespaces = [1, 2]\n"),
       "6: key 'namespaces': files.record = \"self\" is a pid of one namespace; write it as "
       "content, \"'1001\\n'\""},
      {wrapper(kFlock, "").replace(0, 0, "namespaces = [1, 1, 2]\n"),
       "1: key 'namespaces': only a built-in subject's processes can be in pid namespaces"},
      {"title = 't'\ncast = ['rum']\n[subject]\nkind = 'wrapper'\nrun = " + kFlock + "\n",
       "2: key 'cast[0]': expected a verb of flock, found \"rum\"; did you mean 'run'?"},
      {builtin("files = { record = 'deed' }\n"),
       "3: key 'files.record': expected a state of a file, or content as \"'...'\", found "
       "\"deed\"; did you mean 'dead'?"},
      {builtin("files = { '../x' = 'dead' }\n"),
       "3: key 'files.../x': not a file name within the run's directory"},
      {"title = 't'\nsubject = 'testing/bare'\nfiles = { record = 'dead' }\n",
       "3: key 'files.record': the subject has no record"},
      // Claims
      {builtin("invariants = ['one_owne']\n"),
       "3: key 'invariants[0]': expected an invariant, found \"one_owne\"; did you mean "
       "'one_owner'?"},
      {builtin("invariants = []\n"),
       "3: key 'invariants': expected at least one invariant, found an empty array"},
      {builtin("invariants = ['one_owner', 'one_owner']\n"),
       "3: key 'invariants[1]': 'one_owner' stands here twice"},
      {builtin("covers = ['A 1', 'B', 'A 1']\n"), "3: key 'covers[2]': 'A 1' stands here twice"},
      {builtin("covers = ['A', 1]\n"), "3: key 'covers[1]': expected text, found 1"},
      // Faults, bounds, stress
      {builtin("[faults]\nkil = 1\n"), "4: key 'faults.kil': no such fault; did you mean 'kill'?"},
      {builtin("[faults]\nkill = -1\n"),
       "4: key 'faults.kill': expected a whole number from 0 to 1000, found -1"},
      {builtin("[faults]\nslow_shutdown = 30\n"),
       "4: key 'faults.slow_shutdown': expected a duration from \"1ms\" to \"24h\", found 30"},
      {builtin("[bounds]\nrecover = 'soon'\n"),
       "4: key 'bounds.recover': expected a duration from \"1ms\" to \"1h\", found \"soon\""},
      {builtin("[bounds]\nwait_attempts = true\n"),
       "4: key 'bounds.wait_attempts': expected a whole number from 1 to 1000000, found true"},
      {builtin("[stress]\nprocesses = 1000000000\n"),
       "4: key 'stress.processes': expected a whole number from 2 to 5000, found 1000000000"},
      {builtin("[stress]\nduration = '25h'\n"),
       "4: key 'stress.duration': expected a duration from \"1s\" to \"24h\", found \"25h\""},
      {builtin("stress = 3\n"), "3: key 'stress': expected a table, found 3"},
      // Mutants
      {builtin("[mutants]\nlock_uncheckd = 'one_owner'\n"),
       "4: key 'mutants.lock_uncheckd': no such mutant; did you mean 'lock_unchecked'?"},
      {builtin("[mutants]\nlock_unchecked = 'one_owners'\n"),
       "4: key 'mutants.lock_unchecked': expected an invariant, found \"one_owners\"; did you mean "
       "'one_owner'?"},
      {builtin("invariants = ['one_owner']\n[mutants]\nlock_unchecked = 'recovers'\n"),
       "5: key 'mutants.lock_unchecked': this scenario does not check 'recovers'; add it to "
       "'invariants'"},
      {builtin("[mutants]\nlock = 'one_owner'\n"),
       "4: key 'mutants.lock': the subject itself is no mutant"},
      {builtin("[mutants]\nlock_unchecked='one_owner'\n'testing/lock_unchecked'='one_owner'\n"),
       "5: key 'mutants.testing/lock_unchecked': 'testing/lock_unchecked' stands here twice"},
      {builtin("[mutants]\nbare = 'one_owner'\n"),
       "4: key 'mutants.bare': the mutant has no verb 'run'"},
      {wrapper(kFlock, "[mutants]\nx = 'one_owner'\n"),
       "5: key 'mutants': only a built-in subject has mutants"},
      // What is expected
      {builtin("[expect]\nverdict = 'passes'\n"),
       "4: key 'expect.verdict': expected \"holds\", \"violated\" or \"inconclusive\", found "
       "\"passes\""},
      {builtin("[expect]\nverdict = 'skipped'\n"),
       "4: key 'expect.verdict': expected \"holds\", \"violated\" or \"inconclusive\", found "
       "\"skipped\""},
      {builtin("[expect]\ninvariant = 'one_owner'\n"),
       "4: key 'expect.invariant': only a scenario that expects \"violated\" names an invariant"},
      {builtin("[expect]\nstates = 0\n"),
       "4: key 'expect.states': expected a whole number from 1 to 9223372036854775807, found 0"},
      {builtin("[expect]\nverdict = 'violated'\nsteps = 0\n"),
       "5: key 'expect.steps': expected a whole number from 1 to 9223372036854775807, found 0"},
      {builtin("[expect]\nsteps = 3\n"),
       "4: key 'expect.steps': only a scenario that expects \"violated\" has a shortest run"},
  };
}

TEST(BrokenScenario, IsRefusedInOneSentenceThatNamesFileLineAndKey) {
  for (const auto& [text, message] : broken_tables()) {
    const std::string said = problem(text);
    const std::string wanted = "x.toml:" + message;
    if (message.ends_with("not valid TOML: ")) {  // what follows is the library's
      EXPECT_EQ(said.substr(0, wanted.size()), wanted) << said;
      EXPECT_GT(said.size(), wanted.size());
    } else {
      EXPECT_EQ(said, wanted) << text.substr(0, 300);
    }
    EXPECT_LT(said.size(), 400u) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
}

TEST(BrokenScenario, IsComplainedOfWhereItsFirstMistakeStands) {
  EXPECT_EQ(problem("subject = 'testing/lock'\ncast = ['rum']\n[stress]\nprocesses = 1\n"),
            "x.toml:2: key 'cast[0]': expected a verb of testing/lock, found \"rum\"; did you mean "
            "'run'?");
}

// What would take for ever, or all memory, ends in the time that every test has.
TEST(BrokenScenario, OfHostileSizeIsRefused) {
  EXPECT_NE(problem("x = " + std::string(100000, '[')), "");
  EXPECT_NE(problem("x = " + std::string(1 << 19, '{')), "");
  EXPECT_NE(problem("x = " + std::string(9 << 20, '1')), "");
  EXPECT_NE(problem(builtin(std::string(900000, 'k') + " = 1\n")), "");
  std::string many = builtin("");
  for (int i = 0; i < 40000; ++i) many += "key_number_" + std::to_string(i) + " = 1\n";
  EXPECT_NE(problem(many), "");
}

TEST(BrokenScenario, NameWithATerminalCodeIsRefused) {
  EXPECT_EQ(problem(kGoodBuiltin, "testing/\x1b[2J"),
            "x.toml:1: a scenario's name is one line without control characters");
}

// What parse_scenario promises for any text.
void judge(const std::string& text) {
  const auto result = parse_scenario(text, "some file.toml", "testing/x");
  if (result.ok()) {
    RC_ASSERT(!result.value().invariants.empty());
    RC_ASSERT(!result.value().cast.empty());
    return;
  }
  RC_ASSERT(result.error().kind == Error::Kind::kUsage);
  RC_ASSERT(result.error().sentence.starts_with("some file.toml:"));
  RC_ASSERT(result.error().sentence.find('\n') == std::string::npos);
}

RC_GTEST_PROP(AnyText, IsAScenarioOrOneSentenceAboutTheFile, (const std::string& text)) {
  judge(text);
}

RC_GTEST_PROP(AnyText, NearlyAScenarioIsAScenarioOrOneSentenceAboutTheFile, ()) {
  std::string text = *rc::gen::element<std::string>(kGoodBuiltin, kGoodWrapper);
  const int edits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto length = *rc::gen::inRange<std::size_t>(0, 12);
    const auto piece = *rc::gen::element<std::string>(
        "", "[", "]", "'", "\"", "=", "\n", ".", "-", "{dir}", "[[cast]]", "0", "\\u202e", "\xff",
        "run", std::string(1, '\0'), "999999999999", "1e400", "nan", "1979-05-27");
    text.replace(at, length, piece);
  }
  judge(text);
}

}  // namespace
}  // namespace lockproof
