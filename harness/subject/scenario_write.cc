// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_write.h"

#include <fmt/format.h>

#include <string_view>

#include "core/text.h"
#include "faults/faults.h"
#include "subject/command_subject.h"
#include "subject/record_reader.h"

namespace lockproof {

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

namespace {

std::string duration(std::int64_t ms) { return toml_string(format_duration_ms(ms)); }

template <class Items, class Text>
std::string array(const Items& items, Text text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + text(item);
  return "[" + out + "]";
}
std::string array(const std::vector<std::string>& words) { return toml_array(words); }
template <class Number>
std::string array(const std::vector<Number>& numbers) {
  return array(numbers, [](Number number) { return std::to_string(number); });
}

// Keys of one table, and its heading before the first one.
class Table {
 public:
  Table(std::string& out, std::string_view heading) : out_(out), heading_(heading) {}

  void set(std::string_view key, const std::string& value) {
    begin();
    out_ += fmt::format("{} = {}\n", key, value);
  }
  // Also where no key follows: that it is there says something.
  void begin() {
    if (!heading_.empty()) out_ += fmt::format("[{}]\n", heading_);
    heading_ = "";
  }

 private:
  std::string& out_;
  std::string_view heading_;
};

void write_command(std::string& out, const CommandSubject& command) {
  Table table(out, "subject");
  table.set("kind", toml_string(name(command.type)));
  table.set("name", toml_string(command.name));
  table.set("run", array(command.run));
  if (!command.busy_exit.empty()) table.set("busy_exit", array(command.busy_exit));
  if (command.type == CommandSubject::Type::kWorker) {
    table.set("says",
              fmt::format("{{ acquired = {}, busy = {}, released = {} }}",
                          toml_string(command.says_acquired), toml_string(command.says_busy),
                          toml_string(command.says_released)));
  }
  if (!command.stop.empty()) table.set("stop", array(command.stop));
  if (!command.status.empty()) table.set("status", array(command.status));
  if (command.owners_by != CommandSubject::Owners::kCritical) {
    const bool by_argv = command.owners_by == CommandSubject::Owners::kArgv;
    table.set("owners", fmt::format("{{ {} = {} }}", by_argv ? "argv" : "ready",
                                    toml_string(command.owners)));
  }
  if (command.loser != CommandSubject::Loser::kExits) {
    table.set("loser", toml_string(name(command.loser)));
  }
  if (!command.package.empty()) table.set("package", toml_string(command.package));
  if (!command.probe.empty()) table.set("probe", array(command.probe));
  if (!command.record.empty()) {
    const std::string path = toml_string(command.record);
    const std::string read = toml_string(command.record_read);
    table.set("record", command.record_read == kReadText
                            ? path
                            : fmt::format("{{ path = {}, read = {} }}", path, read));
  }
  if (!command.lock.empty()) table.set("lock", toml_string(command.lock));
}

void write_top(std::string& out, const Scenario& scenario) {
  Table top(out, "");
  top.set("title", toml_string(scenario.title));
  if (!scenario.source.empty()) top.set("source", toml_string(scenario.source));
  if (!scenario.covers.empty()) top.set("covers", array(scenario.covers));
  if (scenario.subject.builtin != nullptr) top.set("subject", toml_string(scenario.subject.name()));
  if (!scenario.setup.empty()) top.set("setup", array(scenario.setup));
  top.set("cast", array(scenario.cast, [](const auto& verbs) { return array(verbs); }));
  if (!scenario.namespaces.empty()) top.set("namespaces", array(scenario.namespaces));
  top.set("invariants", array(scenario.invariants));
}

void write_faults(std::string& out, const FaultBudgets& faults) {
  Table table(out, "faults");
  table.begin();  // none at all is not the usual ones
  for (const auto& [name, budget] : faults) {
    const bool lasts = find_fault(name)->takes == FaultInfo::Takes::kDuration;
    table.set(name, lasts ? duration(budget) : std::to_string(budget));
  }
}

void write_bounds(std::string& out, const Bounds& bounds) {
  const Bounds usual;
  Table table(out, "bounds");
  if (bounds.recover_ms != usual.recover_ms) table.set("recover", duration(bounds.recover_ms));
  if (bounds.wait_attempts != usual.wait_attempts) {
    table.set("wait_attempts", std::to_string(bounds.wait_attempts));
  }
}

void write_expect(std::string& out, const Expectation& expect) {
  Table table(out, "expect");
  table.set("verdict", toml_string(name(expect.verdict)));
  if (!expect.invariant.empty()) table.set("invariant", toml_string(expect.invariant));
  if (expect.states) table.set("states", std::to_string(*expect.states));
  if (expect.steps) table.set("steps", std::to_string(*expect.steps));
}

}  // namespace

std::string toml_array(const std::vector<std::string>& words) { return array(words, toml_string); }

std::string write_scenario(const Scenario& scenario) {
  std::string out;
  write_top(out, scenario);
  if (scenario.subject.command) write_command(out, *scenario.subject.command);
  Table files(out, "files");
  for (const auto& [file, state] : scenario.files) files.set(toml_string(file), toml_string(state));
  write_faults(out, scenario.faults);
  Table mutants(out, "mutants");
  for (const auto& [mutant, invariant] : scenario.mutants) {
    mutants.set(toml_string(mutant), toml_string(invariant));
  }
  write_bounds(out, scenario.bounds);
  Table stress(out, "stress");
  if (scenario.stress_processes != 0) {
    stress.set("processes", std::to_string(scenario.stress_processes));
  }
  if (scenario.stress_duration_ms != 0) {
    stress.set("duration", duration(scenario.stress_duration_ms));
  }
  write_expect(out, scenario.expect);
  return out;
}

}  // namespace lockproof
