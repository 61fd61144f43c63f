// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <algorithm>
#include <charconv>

#include "solo/instance.h"

namespace solo::tool {
namespace {

using Words = std::vector<std::string_view>;

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

// The options, and which verbs have them.
struct Option {
  std::string_view name;
  std::string_view verbs;  // each between blanks
  enum class Takes : std::uint8_t { kNothing, kValue, kPerhaps } takes = Takes::kValue;
  bool many = false;
};
using Takes = Option::Takes;
constexpr Option kOptions[] = {
    {"--state-dir", " run ensure guard stop rm status "},
    {"--busy-exit", " run guard "},
    {"--json", " status ", Takes::kNothing},
    {"--grace", " ensure stop "},
    {"--drain", " run ensure guard "},
    {"--ready", " run ensure "},
    {"--managed", " run "},
    {"--side-file", " run ensure ", Takes::kValue, true},
    {"--watch-parent", " run guard ", Takes::kPerhaps},
    {"--parent", " run guard "},
};
constexpr std::string_view kVerbs = " run ensure guard stop rm status ";

// What was given, before it is known what it means.
struct Given {
  std::string verb;
  Words names;
  std::vector<std::pair<std::string_view, std::string_view>> options;
  bool dashes = false;  // "--" was there
  Words command;        // what came after it

  bool has(std::string_view name) const {
    return std::any_of(options.begin(), options.end(),
                       [&](const auto& option) { return option.first == name; });
  }
  std::optional<std::string_view> value(std::string_view name) const {
    for (const auto& [given, value] : options) {
      if (given == name) return value;
    }
    return std::nullopt;
  }
};

bool is_among(std::string_view word, std::string_view list) {
  return list.find(" " + std::string(word) + " ") != list.npos;
}

// The option at `at`, which is left at the option's last word.
MaybeError take_option(const Words& words, std::size_t& at, Given& given) {
  const std::string_view word = words[at];
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const bool joined = equals != word.npos;
  const auto* const found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                         [&](const Option& option) { return option.name == name; });
  if (found == std::end(kOptions)) return Error{"there is no option " + quoted(word)};
  const std::string shown(name);
  if (!is_among(given.verb, found->verbs)) return Error{given.verb + " has no " + shown};
  if (given.has(name) && !found->many) return Error{shown + " is given twice"};
  if (found->takes == Takes::kNothing && joined) return Error{shown + " takes no value"};
  if (found->takes == Takes::kValue && !joined && at + 1 == words.size()) {
    return Error{shown + " needs a value"};
  }
  const bool next = found->takes == Takes::kValue && !joined;
  given.options.emplace_back(found->name, joined ? word.substr(equals + 1)
                                          : next ? words[++at]
                                                 : "");
  const bool empty = given.options.back().second.empty();
  if (empty && (joined || next)) return Error{shown + " is empty"};
  return {};
}

Result<Given> sort_out(std::string_view verb, const Words& words) {
  Given given;
  given.verb = verb;
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (words[at] == "--") {
      given.dashes = true;
      given.command.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
      break;
    }
    if (words[at].starts_with("--")) {
      if (auto error = take_option(words, at, given)) return *error;
    } else {
      given.names.push_back(words[at]);
    }
  }
  return given;
}

Result<Name> the_name(const Given& given) {
  if (given.names.empty()) return Error{given.verb + " needs a NAME"};
  if (given.names.size() > 1) {
    return Error{given.verb + " takes one NAME; " + quoted(given.names[1]) + " is one too many"};
  }
  return Name::parse(given.names.front());
}

// Decimal, and nothing else.
template <class Number>
std::optional<Number> number(std::string_view text, Number least, Number most) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool good = error == std::errc() && stop == end && value >= least && value <= most;
  return good ? std::optional(value) : std::nullopt;
}

// A time that an option gives, into `ms`.
MaybeError take_time(const Given& given, std::string_view option, int& ms) {
  const auto text = given.value(option);
  if (!text || text->empty()) return {};
  const auto time = parse_duration_ms(*text);
  if (!time) return Error{std::string(option) + " takes a time such as 500ms, 10s or 2m"};
  ms = *time;
  return {};
}

MaybeError take_ready(std::string_view text, RunArguments& run) {
  const std::size_t colon = std::min(text.find(':'), text.size() - 1);
  const std::string_view kind = text.substr(0, colon);
  const std::string_view what = text.substr(colon + 1);
  ReadySign sign;
  sign.text = what;
  if (kind == "port") {
    const auto port = number<std::uint16_t>(what, 1, 65535);
    if (port) sign = {ReadySign::Kind::kPort, "", *port};
    if (port) run.ready = sign;
  } else if ((kind == "line" || kind == "file") && !what.empty()) {
    sign.kind = kind == "line" ? ReadySign::Kind::kLine : ReadySign::Kind::kFile;
    run.ready = sign;
  }
  if (!run.ready) return Error{"--ready takes line:TEXT, port:N or file:PATH"};
  return {};
}

// PID or PID:START
MaybeError take_parent(std::string_view text, RunArguments& run) {
  const std::size_t colon = text.find(':');
  ParentIdentity parent;
  const auto pid = number<std::int32_t>(text.substr(0, colon), 2, kMaxPid);
  if (pid) parent.pid = *pid;
  bool good = pid.has_value();
  if (good && colon != text.npos) {
    parent.start_ticks = number<std::uint64_t>(text.substr(colon + 1), 0, UINT64_MAX);
    good = parent.start_ticks.has_value();
  }
  if (!good) return Error{"--parent takes PID, or PID:START as in field 22 of /proc/PID/stat"};
  if (!run.watch_parent) run.watch_parent.emplace();
  run.watch_parent->parent = parent;
  return {};
}

MaybeError take_rest_of_run(const Given& given, RunArguments& run) {
  if (auto error = take_time(given, "--drain", run.drain_ms)) return error;
  if (const auto exit = given.value("--busy-exit")) {
    run.busy_exit = number(*exit, 0, 255);
    if (!run.busy_exit) return Error{"--busy-exit takes a number from 0 to 255"};
  }
  if (const auto managed = given.value("--managed")) {
    if (*managed != "auto" && *managed != "cli") return Error{"--managed is auto or cli"};
    run.managed = *managed == "auto" ? Managed::kAuto : Managed::kCli;
  }
  if (const auto ready = given.value("--ready")) {
    if (auto error = take_ready(*ready, run)) return error;
  }
  for (const auto& [option, value] : given.options) {
    if (option != "--side-file") continue;
    if (!is_side_file(value)) {
      return Error{"--side-file " + quoted(value) +
                   " is not the name of a file of the state directory"};
    }
    run.side_files.emplace_back(value);
  }
  if (given.has("--watch-parent")) {
    run.watch_parent.emplace();
    if (auto error = take_time(given, "--watch-parent", run.watch_parent->interval_ms))
      return error;
  }
  if (const auto parent = given.value("--parent")) return take_parent(*parent, run);
  return {};
}

Result<RunArguments> parse_run(const Given& given, Name name, std::string state_dir) {
  if (given.command.empty()) {
    return Error{given.verb + " needs a command: solo " + given.verb + " NAME -- CMD..."};
  }
  RunArguments run{std::move(name), std::move(state_dir), {}, {}, {}, {}, {}, {}, {}};
  run.drain_ms = 30'000;
  run.command.assign(given.command.begin(), given.command.end());
  if (auto error = take_rest_of_run(given, run)) return *error;
  return run;
}

Result<Arguments> parse_verb(const Given& given) {
  const auto name = the_name(given);
  if (!name.ok()) return name.error();
  const std::string state_dir(given.value("--state-dir").value_or(""));
  const bool runs = given.verb == "run" || given.verb == "ensure" || given.verb == "guard";
  if (!runs && given.dashes) return Error{given.verb + " takes no command"};
  int grace_ms = 10'000;
  if (auto error = take_time(given, "--grace", grace_ms)) return *error;
  if (given.verb == "stop") return Arguments(StopArguments{name.value(), state_dir, grace_ms});
  if (given.verb == "rm") return Arguments(RmArguments{name.value(), state_dir});
  if (given.verb == "status") {
    return Arguments(StatusArguments{name.value(), state_dir, given.has("--json")});
  }
  auto run = parse_run(given, name.value(), state_dir);
  if (!run.ok()) return run.error();
  if (given.verb == "run") return Arguments(std::move(run).value());
  if (given.verb == "guard") return Arguments(GuardArguments{std::move(run).value()});
  return Arguments(EnsureArguments{std::move(run).value(), grace_ms});
}

}  // namespace

Result<Arguments> parse_arguments(const Words& words) {
  if (words.empty()) return Error{"what to do is missing: run, ensure, guard, stop, rm or status"};
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (std::find(words.begin(), dashes, "--help") != dashes) return Arguments(Help{});
  if (words.front() == "--version") return Arguments(Version{});
  if (!is_among(words.front(), kVerbs)) {
    return Error{"there is no " + quoted(words.front()) +
                 "; it is run, ensure, guard, stop, rm or status"};
  }
  const auto given = sort_out(words.front(), words);
  return given.ok() ? parse_verb(given.value()) : given.error();
}

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  for (const Option& option : kOptions) names.push_back(option.name);
  return names;
}

std::optional<int> parse_duration_ms(std::string_view text) {
  static constexpr std::pair<std::string_view, int> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  for (const auto& [unit, ms] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto count = number(text.substr(0, text.size() - unit.size()), 1, 86'400'000 / ms);
    if (!count) continue;
    return *count * ms >= 100 ? std::optional(*count * ms) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::string> words_of_run(const RunArguments& run, const std::string& state_dir) {
  std::vector<std::string> words = {"run", run.name.text(), "--managed=auto",
                                    "--state-dir=" + state_dir,
                                    "--drain=" + std::to_string(run.drain_ms) + "ms"};
  if (run.ready) {
    static constexpr const char* kKinds[] = {"line:", "port:", "file:"};
    words.push_back(std::string("--ready=") + kKinds[static_cast<int>(run.ready->kind)] +
                    (run.ready->port != 0 ? std::to_string(run.ready->port) : run.ready->text));
  }
  for (const std::string& file : run.side_files) words.push_back("--side-file=" + file);
  words.emplace_back("--");
  words.insert(words.end(), run.command.begin(), run.command.end());
  return words;
}

}  // namespace solo::tool
