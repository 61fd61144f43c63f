// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "core/fd.h"
#include "core/file.h"
#include "core/pattern.h"
#include "core/text.h"
#include "core/verdict.h"
#include "stress/stress.h"
#include "stress/trial.h"
#include "subject/scenario_draft.h"
#include "subject/shell_words.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;
using Type = CommandSubject::Type;
using Owners = CommandSubject::Owners;
using Second = Trial::Second;

struct InitWords {
  OneLine line;
  std::string output = "lock.toml";
  std::string says;
  std::string owners, ready;
  std::string stop, status;
};

// A line of the terminal; `otherwise` for an empty one, and where there are no more.
std::string ask(const std::string& question, const std::string& otherwise) {
  fmt::print(stderr, "{}{}: ", question, otherwise.empty() ? "" : " [" + otherwise + "]");
  std::string answer;
  std::getline(std::cin, answer);
  return answer.empty() ? otherwise : answer;
}

// Fills in what a person is asked who has given nothing. Error: kUsage, an answer that means
// nothing.
Result<> ask_all(InitWords& words) {
  fmt::print(stderr,
             "wrapper  a command that holds its lock while it runs another one\n"
             "worker   a program that prints a line when it owns, and gives up at the end\n"
             "         of its input\n"
             "daemon   a command that leaves the owner running in the background\n");
  const std::string kind = ask("Which of these is your lock?", "wrapper");
  if (kind == "wrapper") {
    words.line.wrapper =
        ask("Its command; {dir} is an empty directory, {critical} what it runs\n", "");
  } else if (kind == "worker") {
    words.line.worker = ask("Its command; {dir} is an empty directory\n", "");
    words.says = ask("The lines that it prints", "acquired,busy,released");
  } else if (kind == "daemon") {
    words.line.daemon = ask("Its command; {dir} is an empty directory\n", "");
    words.stop = ask("A command that stops it, if there is one\n", "");
  } else {
    return usage_error(
        ErrorCode::kUnknownName,
        fmt::format("init: expected wrapper, worker or daemon, found '{}'{}", escape(kind),
                    suggestion(kind, {"wrapper", "worker", "daemon"})));
  }
  words.output = ask("The file to write", words.output);
  return Nothing{};
}

// A file that the word names from here is named from the scenario's folder.
void say_from_here(std::vector<std::string>& command, const fs::path& folder) {
  for (std::size_t i = 0; i < command.size(); ++i) {
    std::string& word = command[i];
    std::error_code error;
    const bool searched = i == 0 && word.find('/') == std::string::npos;  // in PATH
    if (searched || word.starts_with('/') || !fs::is_regular_file(word, error)) continue;
    word = "{here}/" + fs::proximate(fs::absolute(word), folder, error).string();
  }
}

Result<> take_says(const std::string& says, CommandSubject& subject) {
  const std::size_t first = says.find(',');
  const std::size_t second = first == std::string::npos ? first : says.find(',', first + 1);
  if (second == std::string::npos || subject.type != Type::kWorker) {
    return usage_error(
        ErrorCode::kBadValue,
        fmt::format("--says {}: expected the three lines of a --worker, ACQUIRED,BUSY,RELEASED",
                    escape(says)));
  }
  subject.says_acquired = says.substr(0, first);
  subject.says_busy = says.substr(first + 1, second - first - 1);
  subject.says_released = says.substr(second + 1);
  return Nothing{};
}

Result<> take_verb(const char* option, const std::string& line, std::vector<std::string>& verb) {
  if (line.empty()) return Nothing{};
  auto split = split_words(line);
  if (!split)
    return usage_error(ErrorCode::kCommandWords,
                       fmt::format("{}: {}", option, split.error().sentence));
  verb = std::move(*split);
  return Nothing{};
}

// How the owner of a daemon is told: until it was tried, anybody may be it.
Result<> take_owners(const InitWords& words, CommandSubject& subject) {
  if (subject.owners_by == Owners::kCritical) return Nothing{};
  subject.owners = words.owners.empty() ? "." : words.owners;
  if (words.ready.empty()) {
    const auto pattern = Pattern::make(subject.owners);
    if (!pattern)
      return usage_error(ErrorCode::kPattern, "--owners: the pattern " + pattern.error().sentence);
    return Nothing{};
  }
  subject.owners_by = Owners::kReady;
  subject.owners = words.ready;
  return Nothing{};
}

Result<CommandSubject> subject_of(const InitWords& words) {
  const int given =
      !words.line.wrapper.empty() + !words.line.worker.empty() + !words.line.daemon.empty();
  if (given != 1)
    return usage_error(ErrorCode::kNotTogether,
                       "init: expected one of --wrapper, --worker and --daemon");
  const Type type = !words.line.wrapper.empty()  ? Type::kWrapper
                    : !words.line.worker.empty() ? Type::kWorker
                                                 : Type::kDaemon;
  const std::string& line = words.line.wrapper + words.line.worker + words.line.daemon;
  const bool by_itself = type == Type::kDaemon && line.find("{critical}") == std::string::npos;
  const bool for_daemons =
      !words.owners.empty() || !words.ready.empty() || !words.stop.empty() || !words.status.empty();
  if (for_daemons && !by_itself) {
    return usage_error(
        ErrorCode::kNotTogether,
        "--owners, --ready, --stop and --status: expected with a --daemon that does not run "
        "{critical}");
  }
  auto subject = one_line_subject(type, line, by_itself ? Owners::kArgv : Owners::kCritical);
  if (!subject) return subject;
  if (!words.says.empty()) {
    if (auto taken = take_says(words.says, *subject); !taken) return taken.error();
  }
  if (auto taken = take_verb("--stop", words.stop, subject->stop); !taken) return taken.error();
  if (auto taken = take_verb("--status", words.status, subject->status); !taken)
    return taken.error();
  if (auto taken = take_owners(words, *subject); !taken) return taken.error();
  return subject;
}

// What the second one did, as a sentence; and what of it the file says.
std::string learn_busy(const Trial& trial, CommandSubject& subject) {
  const bool silent = trial.second == Second::kEnded && trial.status == 0;
  const bool by_itself = subject.owners_by != Owners::kCritical;
  const bool leaves_owner = subject.type == Type::kDaemon && !by_itself;  // its status is no answer
  switch (trial.second) {
    case Second::kOwned:
      return "a second one owned while the first one did";
    case Second::kWaited:
      return "a second one waited while the first one owned";
    case Second::kSaidBusy:
      if (trial.status > 0) subject.busy_exit = {trial.status};
      return fmt::format("a second one printed '{}' while the first one owned", subject.says_busy);
    case Second::kEnded:
      break;
  }
  if (trial.status < 0) {
    return fmt::format("a second one was ended by signal {} while the first one owned",
                       -trial.status);
  }
  if (silent && by_itself && !trial.left_child) subject.loser = CommandSubject::Loser::kReuses;
  if (silent && by_itself && trial.left_child) return "a second start left one more process behind";
  if (!silent || (!by_itself && !leaves_owner)) subject.busy_exit = {trial.status};
  return fmt::format("a second one ended with {} while the first one owned", trial.status);
}

// Fills in what the trial has shown; the sentence about it.
Result<std::string> learn_from(const Trial& trial, CommandSubject& subject) {
  // Whose pid a wrapper writes is no matter of who owns.
  if (subject.type != Type::kWrapper) subject.record = trial.record;
  if (subject.owners_by == Owners::kArgv && subject.owners != ".") {
    const auto pattern = Pattern::make(subject.owners);
    if (std::none_of(trial.living.begin(), trial.living.end(),
                     [&](const std::string& line) { return pattern->is_in(line); })) {
      return usage_error(
          ErrorCode::kTrial,
          fmt::format("--owners {}: no process that {} left behind is like that: '{}'",
                      escape(subject.owners), escape(subject.name), escape(trial.living.front())));
    }
  } else if (subject.owners_by == Owners::kArgv) {
    if (trial.living.size() > 1) {
      return usage_error(
          ErrorCode::kTrial,
          fmt::format("{} left several processes behind, '{}' and '{}' among them; say with "
                      "--owners PATTERN "
                      "or --ready LINE which of them owns",
                      escape(subject.name), escape(trial.living[0]), escape(trial.living[1])));
    }
    subject.owners = pattern_of(trial.living.front());
  }
  return learn_busy(trial, subject);
}

Result<> write_new(const std::string& file, const std::string& text) {
  if (file == "-") return write_whole_file("the scenario", text, file);
  Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!fd) {
    return usage_error(
        ErrorCode::kBadValue,
        fmt::format(
            "--output {}: {}", escape(file),
            errno == EEXIST ? "this file is there already; expected a new one" : strerror(errno)));
  }
  const auto size = static_cast<ssize_t>(text.size());
  if (::write(fd.get(), text.data(), text.size()) == size && fd.close() == 0) return Nothing{};
  const int error = errno;
  ::unlink(file.c_str());
  return internal_error(ErrorCode::kNotWritten,
                        fmt::format("{}: {}", escape(file), strerror(error)));
}

struct Written {
  std::string tried;
  std::string file;
};

Result<Written> init(const InitWords& words) {
  auto subject = subject_of(words);
  if (!subject) return subject.error();
  std::error_code error;
  if (words.output != "-" && fs::exists(fs::symlink_status(words.output, error))) {
    return usage_error(ErrorCode::kBadValue,
                       fmt::format("--output {}: this file is there already; expected a new one",
                                   escape(words.output)));
  }
  const fs::path file = fs::absolute(words.output == "-" ? "-" : words.output);
  for (auto* command : {&subject->run, &subject->stop, &subject->status}) {
    say_from_here(*command, file.parent_path());
  }
  const std::string where = escape(words.output);
  auto scenario = parse_scenario(draft_scenario(*subject, "not yet"), where, "init/draft");
  if (!scenario) return scenario.error();
  scenario->file = file;
  if (std::string missing = missing_program(*scenario); !missing.empty())
    return usage_error(ErrorCode::kNotInstalled, missing);
  const auto helper = critical_helper();
  if (!helper) return helper.error();
  const auto trial = try_once(*scenario, helper->string());
  if (!trial) return trial.error();
  const auto tried = learn_from(*trial, *subject);
  if (!tried) return tried.error();
  const std::string text = draft_scenario(*subject, *tried);
  // What we write is what we read.
  if (auto read = parse_scenario(text, where, "init/draft"); !read)
    return internal_error(ErrorCode::kInternal, read.error().sentence);
  if (auto written = write_new(words.output, text); !written) return written.error();
  return Written{*tried, words.output};
}

int run_init_command(InitWords words) {
  if (!words.line.is_given() && ::isatty(STDIN_FILENO) == 1) {
    if (auto asked = ask_all(words); !asked) return fail(asked.error());
  }
  const auto written = init(words);
  if (!written) return fail(written.error());
  if (written->file == "-") return kExitHolds;
  fmt::print("tried  {}\nwrote  {}\nnext   lockproof check {}\n", written->tried,
             escape(written->file), join_words({written->file}));
  return kExitHolds;
}

}  // namespace

Run add_init_command(CLI::App& app) {
  auto words = std::make_shared<InitWords>();
  CLI::App* command =
      app.add_subcommand("init", "a scenario file for a lock of yours, which is tried once");
  add_one_line_options(*command, words->line);
  command
      ->add_option("--output", words->output,
                   "the file to write (default lock.toml); it must not be there; - is standard "
                   "output")
      ->type_name("FILE");
  command->add_option("--says", words->says, "a worker's lines: ACQUIRED,BUSY,RELEASED")
      ->type_name("WORDS");
  CLI::Option* owners = command->add_option(
      "--owners", words->owners, "a daemon that owns is one whose command line is like PATTERN");
  owners->type_name("PATTERN");
  command
      ->add_option("--ready", words->ready, "a daemon that owns is one that has printed this line")
      ->type_name("LINE")
      ->excludes(owners);
  command->add_option("--stop", words->stop, "the command that stops a daemon")
      ->type_name("COMMAND");
  command->add_option("--status", words->status, "the command that asks for a daemon's status")
      ->type_name("COMMAND");
  return [words] { return run_init_command(*words); };
}

}  // namespace lockproof
