// SPDX-License-Identifier: Apache-2.0
#include "stress/trial.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "stress/tried_process.h"
#include "subject/expand_command.h"
#include "trace/cage.h"
#include "trace/descendants.h"
#include "trace/proc.h"

namespace lockproof {
namespace {

using Type = CommandSubject::Type;
using Second = Trial::Second;

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
  return fmt::format("ended with status {}", WEXITSTATUS(status));
}

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? -WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

// The words of a command line, with one space between.
std::string command_line(pid_t pid) {
  std::string text = proc_text(pid, "cmdline");
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

void put_for(std::string& text, const std::string& what, std::string_view by) {
  for (std::size_t at; !what.empty() && (at = text.find(what)) != std::string::npos;) {
    text.replace(at, what.size(), by);
  }
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// In the engine.
class Trying {
 public:
  Trying(const Scenario& scenario, const std::string& helper, const Patience& patience,
         const Cage& cage)
      : scenario_(scenario),
        command_(*scenario.subject.command),
        helper_(helper),
        patience_(patience),
        cage_dir_(cage.dir),
        dir_(cage.dir + "/run"),
        ours_(descendants()) {}

  Result<Trial> run() {
    if (::mkdir(dir_.c_str(), 0700) != 0)
      return environment_error(ErrorCode::kNotWritten, "cannot make " + dir_);
    if (auto started = start("first"); !started) return started.error();
    return by_itself() ? try_daemon() : try_owner();
  }

 private:
  bool by_itself() const { return command_.owners_by != CommandSubject::Owners::kCritical; }
  bool is_worker() const { return command_.type == Type::kWorker; }
  TriedProcess& first() { return *processes_[0]; }
  TriedProcess& second() { return *processes_[1]; }

  Result<> start(const char* name) {
    const std::string door = cage_dir_ + "/" + name;
    TriedProcess::Words words;
    words.command = expand_command(scenario_, dir_, TriedProcess::critical(helper_, door));
    if (is_worker()) {
      words.acquired = command_.says_acquired;
      words.busy = command_.says_busy;
    }
    auto process = TriedProcess::start(words, door);
    if (!process) return process.error();
    processes_.push_back(std::move(*process));
    return Nothing{};
  }

  bool wait(int ms, const std::function<bool()>& done) {
    std::vector<TriedProcess*> all;
    for (const auto& process : processes_) all.push_back(process.get());
    return TriedProcess::wait(all, ms, done);
  }

  // What was seen instead of what was expected, and what it printed.
  Error no_lock(const std::string& what) {
    const std::string printed = first().printed();
    return usage_error(
        ErrorCode::kTrial,
        fmt::format("{} {}; it printed {}", escape(command_.name), what,
                    printed.empty() ? "nothing" : "'" + escape(last_line(printed)) + "'"));
  }

  std::string seconds() const { return format_duration_ms(patience_.start_ms); }

  // An owner that says so, or runs {critical}.
  Result<Trial> try_owner() {
    const auto may_own_yet = [&] {  // a daemon's start may end before
      return !first().ended() || (command_.type == Type::kDaemon && *first().ended() == 0);
    };
    wait(patience_.start_ms, [&] { return first().owns() || !may_own_yet(); });
    if (!first().owns()) {
      const std::string missing =
          is_worker() ? fmt::format("printed the line '{}'", escape(command_.says_acquired))
                      : "run {critical}";
      if (first().ended()) {
        return no_lock(fmt::format("{} and had not {}", how_it_ended(*first().ended()), missing));
      }
      return no_lock(fmt::format("has not {} within {}", missing, seconds()));
    }
    Trial trial;
    trial.record = record_of(first().owner());
    if (auto started = start("second"); !started) return started.error();
    see_second(trial);
    first().let_go();
    if (!wait(patience_.start_ms, [&] { return first().ended().has_value(); })) {
      return no_lock(fmt::format("has not ended within {} of the end of its {}", seconds(),
                                 is_worker() ? "input" : "{critical}"));
    }
    return trial;
  }

  void see_second(Trial& trial) {
    const bool daemon = command_.type == Type::kDaemon;
    const auto answered = [&] {
      const auto ended = second().ended();
      return second().owns() || second().said_busy() || (ended && !(daemon && *ended == 0));
    };
    wait(patience_.turn_ms, answered);
    if (second().owns()) {
      trial.second = Second::kOwned;
    } else if (second().said_busy()) {
      trial.second = Second::kSaidBusy;
      second().let_go();
      wait(patience_.start_ms, [&] { return second().ended().has_value(); });
    } else if (second().ended()) {
      trial.second = Second::kEnded;
    }
    if (second().ended()) trial.status = status_of(*second().ended());
  }

  // An owner that is left behind, and says nothing.
  Result<Trial> try_daemon() {
    if (!wait(patience_.start_ms, [&] { return first().ended().has_value(); })) {
      return no_lock(
          fmt::format("has not ended within {}; expected a start that leaves its "
                      "daemon in the background",
                      seconds()));
    }
    if (*first().ended() != 0) return no_lock(how_it_ended(*first().ended()) + " and not with 0");
    if (auto started = start("second"); !started) return started.error();
    let_settle();
    const std::size_t before = living().size();  // with the second one
    Trial trial;
    const bool ended = wait(patience_.start_ms, [&] { return second().ended().has_value(); });
    if (ended) trial.second = Second::kEnded;
    if (ended) trial.status = status_of(*second().ended());
    let_settle();
    const auto left = living();
    trial.left_child = left.size() >= before;
    for (const auto& [pid, line] : left) {
      if (std::find(trial.living.begin(), trial.living.end(), line) == trial.living.end()) {
        trial.living.push_back(line);
      }
      if (trial.record.empty()) trial.record = record_of(pid);
    }
    if (trial.living.empty()) return no_lock("left nobody behind who runs in the background");
    return trial;
  }

  // Who was forked a moment ago still has the command line of its parent: until nobody runs.
  void let_settle() {
    constexpr int kLookEveryMs = 5;
    for (int ms = 0; ms < patience_.turn_ms && somebody_runs(); ms += kLookEveryMs) {
      wait(kLookEveryMs, [] { return false; });
    }
  }

  bool somebody_runs() const {
    const std::vector<pid_t> all = descendants();
    return std::any_of(all.begin(), all.end(), [&](pid_t pid) {
      const std::string stat = proc_text(pid, "stat");
      const std::size_t state = stat.rfind(") ");
      const bool runs = state != stat.npos && (stat[state + 2] == 'R' || stat[state + 2] == 'D');
      return runs && std::find(ours_.begin(), ours_.end(), pid) == ours_.end();
    });
  }

  // The program's processes, with their command lines; who has none is dead, and not reaped yet.
  std::vector<std::pair<pid_t, std::string>> living() const {
    std::vector<std::pair<pid_t, std::string>> found;
    for (const pid_t pid : descendants()) {
      std::string line = command_line(pid);
      if (line.empty() || std::find(ours_.begin(), ours_.end(), pid) != ours_.end()) continue;
      put_for(line, dir_, "{dir}");
      put_for(line, scenario_.file.parent_path().string(), "{here}");
      found.emplace_back(pid, std::move(line));
    }
    return found;
  }

  std::string record_of(pid_t pid) const {
    std::error_code error;
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_, error)) {
      if (entry.is_regular_file(error)) files.insert(entry.path().string());
    }
    for (const std::string& file : files) {
      auto text = read_whole_file(file, 64);
      if (!text) continue;
      const std::size_t digits = text->find_first_not_of("0123456789");
      const bool is_number = text->find_first_not_of(" \t\r\n", digits) == std::string::npos;
      if (is_number && text->substr(0, digits) == std::to_string(pid)) {
        return "{dir}" + file.substr(dir_.size());
      }
    }
    return "";
  }

  const Scenario& scenario_;
  const CommandSubject& command_;
  std::string helper_;
  Patience patience_;
  std::string cage_dir_;
  std::string dir_;
  std::vector<pid_t> ours_;  // of the cage itself
  std::vector<std::unique_ptr<TriedProcess>> processes_;
};

// The answer goes through a pipe, from the engine to the command.
std::string to_pipe(const Result<Trial>& result) {
  JsonWriter json;
  if (!result) {
    json["error"] = valid_utf8(result.error().sentence);
    json["kind"] = static_cast<int>(result.error().kind);
    json["code"] = static_cast<int>(result.error().code);
    return to_text(json);
  }
  json["second"] = static_cast<int>(result->second);
  json["status"] = result->status;
  json["left_child"] = result->left_child;
  json["record"] = valid_utf8(result->record);
  json["living"] = JsonWriter::array();
  for (const std::string& line : result->living) json["living"].push_back(valid_utf8(line));
  return to_text(json);
}

Result<Trial> from_pipe(const std::string& text) {
  const auto json = parse_json(text, 3);
  if (!json) return internal_error(ErrorCode::kEngine, "the trial ended without a result");
  if (json->contains("error")) {
    return Error{static_cast<Error::Kind>((*json)["kind"].get<int>()),
                 static_cast<ErrorCode>((*json)["code"].get<int>()),
                 (*json)["error"].get<std::string>()};
  }
  Trial trial;
  trial.second = static_cast<Second>((*json)["second"].get<int>());
  trial.status = (*json)["status"];
  trial.left_child = (*json)["left_child"];
  trial.record = (*json)["record"];
  trial.living = (*json)["living"].get<std::vector<std::string>>();
  return trial;
}

void write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = ::write(fd, text.data() + done, text.size() - done);
    if (size <= 0) return;
    done += static_cast<std::size_t>(size);
  }
}

}  // namespace

Result<Trial> try_once(const Scenario& scenario, const std::string& helper,
                       const Patience& patience) {
  const auto outcome = run_caged([&](const Cage& cage, int out) {
    write_all(out, to_pipe(Trying(scenario, helper, patience, cage).run()));
  });
  if (!outcome) return outcome.error();
  if (outcome->interrupted)
    return stopped_error(ErrorCode::kInterrupted, "the trial was interrupted");
  return from_pipe(outcome->output);
}

}  // namespace lockproof
