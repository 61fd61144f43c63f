// SPDX-License-Identifier: Apache-2.0
// The command as a user meets it: what it prints, and how it exits.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::kPatienceMs;
using test::lockproof;
using test::Outcome;
using test::Running;

std::string one_word(const std::string& text) { return text.substr(0, text.find_first_of(" \n")); }

TEST(Cli, a_canary_is_caught_by_its_invariant) {
  const Outcome run = lockproof({"stress", "canary/no_lock", "--report", "json=-"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(run.out.starts_with("VIOLATED  at no time two owners")) << run.out;
  const auto json = nlohmann::json::parse(run.out.substr(run.out.find("\n{") + 1));
  EXPECT_EQ(json["results"][0]["verdict"], "violated");
  EXPECT_EQ(json["results"][0]["invariant"], "one_owner");
}

TEST(Cli, a_mutant_takes_the_subjects_place) {
  const Outcome run = lockproof({"stress", "memtomem", "--mutant", "truncate_before_lock"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_NE(run.out.find("invariant record_names_owner"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("--mutant truncate_before_lock --seed "), std::string::npos) << run.out;
}

// Only what launchers have forked ever owns here.
TEST(Cli, servers_that_outlive_their_launchers_are_heard_and_hit_like_anybody_else) {
  const std::string file = testing::TempDir() + "servers.toml";
  std::ofstream(file) << "title = \"servers\"\nsubject = \"solo\"\ncast = [\"ensure\"]\n"
                         "invariants = [\"one_owner\", \"clean_exit\"]\n[faults]\nkill = 1\n";
  const Outcome run = lockproof({"stress", file, "--processes", "8", "--duration", "3s"});
  std::filesystem::remove(file);
  EXPECT_EQ(run.status, 0) << run.out << run.err;
}

TEST(Cli, a_real_wrapper_is_judged_in_one_line) {
  const Outcome run = lockproof({"stress", "--wrapper", "flock -n {dir}/lock {critical}",
                                 "--processes", "20", "--duration", "2s", "--report", "json=-"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  const auto json = nlohmann::json::parse(run.out.substr(run.out.find("\n{") + 1));
  EXPECT_GT(json["results"][0]["counts"]["owners"], 0);
  EXPECT_GT(json["results"][0]["counts"]["kill"], 0);
}

TEST(Cli, a_wrapper_that_locks_nothing_is_caught) {
  const Outcome run = lockproof({"stress", "--wrapper", "env {critical}", "--duration", "20s"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_NE(run.out.find("two owners"), std::string::npos) << run.out;
}

// What its start leaves behind owns, and is followed to its end.
TEST(Cli, a_daemon_outlives_its_start) {
  const Outcome run =
      lockproof({"stress", "--daemon",
                 R"(dash -c 'exec 9>>"$0"; flock -n 9 || exit 1; "$@" &' {dir}/lock {critical})",
                 "--processes", "16", "--duration", "2s", "--report", "json=-"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  const auto json = nlohmann::json::parse(run.out.substr(run.out.find("\n{") + 1));
  EXPECT_GT(json["results"][0]["counts"]["owners"], 1);
  EXPECT_GT(json["results"][0]["counts"]["busy"], 0);
  EXPECT_FALSE(json["results"][0]["counts"].contains("failed attempts")) << run.out;
}

// Each that ends lets others look again.
TEST(Cli, a_daemon_that_looks_before_it_starts_is_caught) {
  const Outcome run = lockproof(
      {"stress", "--daemon",
       R"(dash -c 'test -e "$0" && exit 1; { "$@"; rm "$0"; } & echo $! >"$0"' {dir}/pid {critical})",
       "--duration", "20s"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_NE(run.out.find("two owners"), std::string::npos) << run.out;
}

TEST(Cli, who_ignores_sigterm_is_ended_at_the_end) {
  const Outcome run =
      lockproof({"stress", "--worker",
                 R"(dash -c 'trap "" TERM; exec 9>>"$0"; flock -n 9 || { echo busy; exit; }; )"
                 R"(echo acquired; exec sleep 1000' {dir}/lock)",
                 "--processes", "4", "--duration", "1s"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_NE(run.out.find("no violation seen"), std::string::npos) << run.out;
}

TEST(Cli, a_program_that_is_not_there_is_skipped) {
  const Outcome run = lockproof({"stress", "--wrapper", "no-such-locker {critical}"});
  EXPECT_EQ(run.status, 77) << run.out << run.err;
  EXPECT_NE(run.out.find("no-such-locker is not installed"), std::string::npos) << run.out;
}

TEST(Cli, nobody_ever_owning_is_inconclusive) {
  const Outcome run = lockproof(
      {"stress", "--wrapper", "false {critical}", "--duration", "1s", "--processes", "4"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_NE(run.out.find("nobody ever owned"), std::string::npos) << run.out;
}

TEST(Cli, a_stress_run_has_one_pid_namespace_and_says_so) {
  const Outcome run = lockproof({"stress", "namespaces/flock", "--duration", "1s"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_NE(run.out.find("all processes are in one pid namespace: stress has no others"),
            std::string::npos)
      << run.out;
}

// At a thousand faults a second there is at most one in each of the 500 ms until they pause, and
// none after that, however fast the machine is.
TEST(Cli, faults_pause_while_nobody_owns) {
  const Outcome run = lockproof({"stress", "--wrapper", "sh -c 'exec tail -f /dev/null' {critical}",
                                 "--faults", "term", "--fault-rate", "1000", "--processes", "8",
                                 "--duration", "3s", "--report", "json=-"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  const auto json = nlohmann::json::parse(run.out.substr(run.out.find("\n{") + 1));
  EXPECT_GT(json["results"][0]["counts"]["term"], 0);
  EXPECT_LE(json["results"][0]["counts"]["term"], 500);
}

// A subject whose output tries to command the terminal and the CI that shows it.
TEST(Cli, what_a_subject_prints_is_escaped) {
  const Outcome run =
      lockproof({"stress", "--wrapper",
                 "sh -c 'printf \"::error::x\\033[2J\\377\"; exec flock -n {dir}/l {critical}'",
                 "--processes", "4", "--duration", "1s"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(run.out.find("\n::error"), std::string::npos);
  EXPECT_NE(run.out.find("\\x1b"), std::string::npos) << run.out;
}

TEST(Cli, an_interrupted_run_tells_what_it_knows) {
  Running run({"stress", "control/solo", "control/flock", "--duration", "1h", "--processes", "8"});
  ASSERT_TRUE(run.says("owners"));
  run.signal(SIGINT);
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 3) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("interrupted after"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("interrupted before it ran"), std::string::npos) << outcome.out;
  EXPECT_TRUE(run.all_gone(kPatienceMs));
}

TEST(Cli, nothing_survives_a_sigkill) {
  Running run({"stress", "--wrapper", "flock {dir}/lock {critical}", "--processes", "100",
               "--duration", "1h", "--hold", "10s"});
  ASSERT_TRUE(run.says("owners"));
  run.signal(SIGKILL);
  EXPECT_TRUE(run.all_gone(kPatienceMs));
}

TEST(Cli, reports_are_written_whole) {
  std::string dir = testing::TempDir() + "cli.XXXXXX";
  ASSERT_NE(::mkdtemp(dir.data()), nullptr);
  const Outcome run = lockproof({"stress", "control/flock", "--duration", "1s", "--report",
                                 "json=" + dir + "/r.json", "--report", "junit=" + dir + "/r.xml"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  std::ifstream file(dir + "/r.json");
  const auto json = nlohmann::json::parse(file);
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["results"][0]["scenario"], "control/flock");
  pugi::xml_document xml;
  EXPECT_TRUE(xml.load_file((dir + "/r.xml").c_str()));
  EXPECT_EQ(std::string(xml.child("testsuites").attribute("name").value()), "lockproof");
  std::filesystem::remove_all(dir);
}

TEST(Cli, a_report_that_cannot_be_written_is_never_success) {
  const Outcome run = lockproof(
      {"stress", "control/flock", "--duration", "1s", "--report", "json=/proc/no/such/file"});
  EXPECT_EQ(run.status, 4) << run.out << run.err;
  EXPECT_NE(run.err.find("/proc/no/such/file"), std::string::npos);
}

struct BadWords {
  std::vector<std::string> words;
  const char* message;
};

TEST(Cli, bad_words_are_one_sentence_and_exit_2) {
  const BadWords table[] = {
      {{}, "A subcommand is required"},
      {{"stres"}, "unknown command 'stres'; did you mean 'stress'?"},
      {{"stress"}, "expected scenarios, or one of --wrapper, --worker and --daemon"},
      {{"stress", "contrl"}, "did you mean 'control'?"},
      {{"stress", "control/slo"}, "did you mean 'control/solo'?"},
      {{"stress", "control", "--processes", "1"}, "--processes 1: expected 2 to 5000"},
      {{"stress", "control", "--processes", "5001"}, "--processes 5001: expected 2 to 5000"},
      {{"stress", "control", "--duration", "soon"}, "--duration soon: expected a duration"},
      {{"stress", "control", "--faults", "kil"}, "unknown fault 'kil'; did you mean 'kill'?"},
      {{"stress", "memtomem", "--mutant", "truncat_before_lock"}, "did you mean"},
      {{"stress", "control", "--wrapper", "flock {critical}"}, "expected scenarios, or"},
      {{"stress", "--wrapper", "flock {dir}/lock"}, "{critical}"},
      {{"stress", "--wrapper", "flock {dir}/lock {critical} | cat"}, "'|'"},
      {{"stress", "control", "--report", "yaml=x"}, "yaml"},
      {{"list", "scenario"}, "did you mean 'scenarios'?"},
  };
  for (const BadWords& row : table) {
    const Outcome run = lockproof(row.words);
    EXPECT_EQ(run.status, 2) << run.out << run.err;
    EXPECT_NE(run.err.find(row.message), std::string::npos) << row.message << "\n" << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_EQ(run.out, "");
  }
}

TEST(Cli, lists_what_there_is) {
  EXPECT_NE(lockproof({"list"}).out.find("control/solo "), std::string::npos);
  EXPECT_EQ(one_word(lockproof({"list", "invariants"}).out), "one_owner");
  EXPECT_NE(lockproof({"list", "mutants"}).out.find("truncate_before_lock"), std::string::npos);
  EXPECT_NE(lockproof({"list", "subjects"}).out.find("\nsolo"), std::string::npos);
  EXPECT_EQ(one_word(lockproof({"list", "faults"}).out), "kill");
}

TEST(Cli, doctor_says_what_the_host_permits) {
  const Outcome run = lockproof({"doctor"});
  EXPECT_EQ(run.status, 0) << run.err;
  for (const char* what : {"kernel", "cores", "containment", "pidfd", "scenarios"}) {
    EXPECT_NE(run.out.find(what), std::string::npos) << what;
  }
}

TEST(Cli, doctor_says_once_what_a_program_that_is_missing_is_needed_for) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  const Outcome run = lockproof({"doctor"});
  ::setenv("PATH", path.c_str(), 1);
  const std::string line = " more: flock is not installed; it is in Debian's package util-linux\n";
  const std::size_t said = run.out.find(line);
  ASSERT_NE(said, std::string::npos) << run.out;
  EXPECT_EQ(run.out.find(line, said + 1), std::string::npos);
}

}  // namespace
}  // namespace lockproof
