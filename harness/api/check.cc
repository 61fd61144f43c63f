// SPDX-License-Identifier: Apache-2.0
#include "lockproof/check.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <ostream>

namespace lockproof {
namespace {

// The end of a pipe that the command writes to, until it is closed.
struct Heard {
  int fd = -1;
  std::string text;

  void hear() {
    std::array<char, 65536> buffer;
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
    if (size > 0 || (size < 0 && errno == EINTR)) return;
    ::close(fd);
    fd = -1;
  }
};

std::vector<std::string> words_of(const Subject& subject, const Options& options) {
  std::vector<std::string> words = {options.program, "check"};
  words.insert(words.end(), subject.words.begin(), subject.words.end());
  if (options.processes > 0) {
    words.insert(words.end(), {"--processes", std::to_string(options.processes)});
  }
  if (options.kills >= 0) words.insert(words.end(), {"--kills", std::to_string(options.kills)});
  if (!options.budget.empty()) words.insert(words.end(), {"--budget", options.budget});
  words.insert(words.end(), options.others.begin(), options.others.end());
  words.insert(words.end(), {"--report", "json=-"});
  return words;
}

// In the child, where nothing may be called that is not safe after a fork of many threads.
[[noreturn]] void become(char* const* argv, pid_t parent, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // it ends what it has started
  if (::getppid() != parent) ::_exit(127);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execvp(argv[0], argv);
  const char* const why = ::strerrordesc_np(errno);
  for (const char* part : {static_cast<const char*>(argv[0]), ": ", why}) {
    [[maybe_unused]] const ssize_t size = ::write(STDERR_FILENO, part, ::strlen(part));
  }
  ::_exit(127);
}

// Runs it to its end; its wait status, or -1.
int run(const std::vector<std::string>& words, Heard& out, Heard& err) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::array<int, 2> of_out{-1, -1};
  std::array<int, 2> of_err{-1, -1};
  if (::pipe2(of_out.data(), O_CLOEXEC) != 0) return -1;
  out.fd = of_out[0];
  if (::pipe2(of_err.data(), O_CLOEXEC) != 0) return ::close(of_out[0]), ::close(of_out[1]), -1;
  err.fd = of_err[0];
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(argv.data(), parent, of_out[1], of_err[1]);
  ::close(of_out[1]);
  ::close(of_err[1]);
  while (out.fd >= 0 || err.fd >= 0) {
    std::array<struct pollfd, 2> fds{{{out.fd, POLLIN, 0}, {err.fd, POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) out.hear();
    if (fds[1].revents != 0) err.hear();
  }
  int status = -1;
  while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string text_member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The report stands behind what is for people, of which no line begins with a brace.
void read_report(const std::string& printed, Outcome& outcome) {
  std::size_t at = 0;
  while (at < printed.size() && printed[at] != '{') {
    at = std::min(printed.find('\n', at), printed.size() - 1) + 1;
  }
  outcome.text = printed.substr(0, at);
  const auto report = nlohmann::json::parse(printed.substr(at), nullptr, false);
  if (!report.is_object() || !report.contains("results") || !report["results"].is_array()) return;
  for (const nlohmann::json& result : report["results"]) {
    outcome.findings.push_back({text_member(result, "scenario"), text_member(result, "verdict"),
                                text_member(result, "reason"), text_member(result, "invariant"),
                                text_member(result, "sentence"), text_member(result, "replay")});
  }
}

}  // namespace

bool Outcome::holds() const {
  return status == 0 && !findings.empty() &&
         std::all_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.verdict == "holds"; });
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << (outcome.findings.empty() ? outcome.messages : outcome.text);
}

Outcome check(const Subject& subject, const Options& options) {
  Heard out;
  Heard err;
  const int status = run(words_of(subject, options), out, err);
  Outcome outcome;
  if (status != -1 && WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  outcome.messages = std::move(err.text);
  if (status == -1 && outcome.messages.empty()) outcome.messages = "cannot start a process";
  if (status != -1 && WIFSIGNALED(status)) outcome.messages += "ended by a signal";
  read_report(out.text, outcome);
  return outcome;
}

}  // namespace lockproof
