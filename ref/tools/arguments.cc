// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace solo::tool {
namespace {

using Words = std::vector<std::string_view>;

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

// What both verbs can be given, before it is known whether it fits the verb.
struct Options {
  std::vector<std::string_view> names;
  std::optional<std::string_view> state_dir;
  std::optional<std::string_view> busy_exit;
  bool json = false;
  bool dashes = false;  // "--" was there
  Words command;        // what came after it
};

// "--x=V", or "--x" and the next word, into `value`. False when `words[at]` is not that option;
// `at` is left at the option's last word.
Result<bool> take_option(std::string_view option, const Words& words, std::size_t& at,
                         std::optional<std::string_view>& value) {
  const std::string_view word = words[at];
  if (!word.starts_with(option)) return false;
  const std::string_view rest = word.substr(option.size());
  if (!rest.empty() && rest.front() != '=') return false;
  if (value) return Error{std::string(option) + " is given twice"};
  if (rest.empty() && at + 1 == words.size()) {
    return Error{std::string(option) + " needs a value"};
  }
  value = rest.empty() ? words[++at] : rest.substr(1);
  return true;
}

Result<Options> sort_out(const Words& words) {
  Options options;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == "--") {
      options.dashes = true;
      options.command.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
      break;
    }
    const auto dir = take_option("--state-dir", words, at, options.state_dir);
    if (!dir.ok()) return dir.error();
    if (dir.value()) continue;
    const auto busy = take_option("--busy-exit", words, at, options.busy_exit);
    if (!busy.ok()) return busy.error();
    if (busy.value()) continue;
    if (words[at] == "--json") {
      options.json = true;
    } else if (words[at].starts_with("--")) {
      return Error{"there is no option " + quoted(words[at])};
    } else {
      options.names.push_back(words[at]);
    }
  }
  return options;
}

Result<Name> the_name(const Options& options, const std::string& verb) {
  if (options.names.empty()) return Error{verb + " needs a NAME"};
  if (options.names.size() > 1) {
    return Error{verb + " takes one NAME; " + quoted(options.names[1]) + " is one too many"};
  }
  return Name::parse(options.names.front());
}

// Decimal, 0 to 255.
std::optional<int> exit_code(std::string_view text) {
  int code = -1;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, code);
  const bool good = error == std::errc() && stop == end && code >= 0 && code <= 255;
  return good ? std::optional(code) : std::nullopt;
}

Result<std::string> the_state_dir(const Options& options) {
  if (options.state_dir && options.state_dir->empty()) return Error{"--state-dir is empty"};
  return std::string(options.state_dir.value_or(""));
}

Result<Arguments> parse_run(const Options& options) {
  auto name = the_name(options, "run");
  if (!name.ok()) return name.error();
  auto state_dir = the_state_dir(options);
  if (!state_dir.ok()) return state_dir.error();
  if (options.json) return Error{"run has no --json"};
  if (options.command.empty()) return Error{"run needs a command: solo run NAME -- CMD..."};
  const auto busy_exit = exit_code(options.busy_exit.value_or("0"));
  if (!busy_exit) return Error{"--busy-exit takes a number from 0 to 255"};
  return Arguments(RunArguments{name.value(),
                                state_dir.value(),
                                *busy_exit,
                                {options.command.begin(), options.command.end()}});
}

Result<Arguments> parse_status(const Options& options) {
  auto name = the_name(options, "status");
  if (!name.ok()) return name.error();
  auto state_dir = the_state_dir(options);
  if (!state_dir.ok()) return state_dir.error();
  if (options.busy_exit) return Error{"status has no --busy-exit"};
  if (options.dashes) return Error{"status takes no command"};
  return Arguments(StatusArguments{name.value(), state_dir.value(), options.json});
}

}  // namespace

Result<Arguments> parse_arguments(const Words& words) {
  if (words.empty()) return Error{"what to do is missing: run or status"};
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (std::find(words.begin(), dashes, "--help") != dashes) return Arguments(Help{});
  if (words.front() == "--version") return Arguments(Version{});

  const auto options = sort_out({words.begin() + 1, words.end()});
  if (words.front() == "run") return options.ok() ? parse_run(options.value()) : options.error();
  if (words.front() == "status") {
    return options.ok() ? parse_status(options.value()) : options.error();
  }
  return Error{"there is no " + quoted(words.front()) + "; it is run or status"};
}

}  // namespace solo::tool
