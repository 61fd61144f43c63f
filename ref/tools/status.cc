// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "exit_codes.h"
#include "solo/state_dir.h"

namespace solo::tool {
namespace {

std::string hint(const std::string& lock_path) { return "find it with 'lsof " + lock_path + "'"; }

// A JSON string. What is not printable ASCII has been escaped before.
std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

const char* state_of(const ProbeResult& result) {
  if (std::holds_alternative<Free>(result)) return "stopped";
  const Held* const held = std::get_if<Held>(&result);
  return held == nullptr ? "unknown" : held->stopping ? "stopping" : "running";
}

int code_of(const ProbeResult& result) {
  if (std::holds_alternative<Free>(result)) return kStopped;
  return std::holds_alternative<Held>(result) ? kDone : kUnknownState;
}

}  // namespace

std::string utc_time(std::uint64_t unix_ms) {
  // Year 9999: the last one with four digits. gmtime() is no choice, as it reads files.
  constexpr std::uint64_t kLastSecond = 253'402'300'799;
  const std::uint64_t seconds = std::min(unix_ms / 1000, kLastSecond);
  const std::chrono::sys_seconds time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string status_text(const std::string& name, const ProbeResult& result,
                        const std::string& lock_path) {
  std::string line = name + " " + state_of(result);
  if (const Held* held = std::get_if<Held>(&result)) {
    line += held->holder ? " (pid " + std::to_string(held->holder->pid) + ") since " +
                               utc_time(held->holder->since_unix_ms)
                         : " (pid unknown; " + hint(printable(lock_path)) + ")";
  } else if (const Unknown* unknown = std::get_if<Unknown>(&result)) {
    line += ": " + unknown->why.describe();
  }
  return line + "\n";
}

std::string status_json(const std::string& name, const ProbeResult& result,
                        const std::string& lock_path) {
  const Held* const held = std::get_if<Held>(&result);
  const Unknown* const unknown = std::get_if<Unknown>(&result);
  const bool known = held != nullptr && held->holder;
  std::string json = "{\"schema\":1,\"name\":" + json_string(name);
  json += ",\"state\":" + json_string(state_of(result));
  json += ",\"pid\":" + (known ? std::to_string(held->holder->pid) : "null");
  const bool automatic = known && held->holder->managed == Managed::kAuto;
  json += ",\"managed\":" + (known ? json_string(automatic ? "auto" : "cli") : "null");
  json += ",\"ready\":" + std::string(held != nullptr && held->ready ? "true" : "false");
  json += ",\"since\":" + (known ? json_string(utc_time(held->holder->since_unix_ms)) : "null");
  json += ",\"holder\":" + (held != nullptr && !known ? json_string(hint(lock_path)) : "null");
  json += ",\"why\":" + (unknown != nullptr ? json_string(unknown->why.describe()) : "null");
  return json + "}\n";
}

int status(port::Sys& sys, const StatusArguments& arguments) {
  const std::string path =
      arguments.state_dir.empty() ? default_state_dir(sys.geteuid()) : arguments.state_dir;
  const ProbeResult result = probe(sys, path, arguments.name);
  const std::string lock_path = path + "/" + arguments.name.lock_file();
  const std::string& name = arguments.name.text();
  const std::string answer =
      arguments.json ? status_json(name, result, lock_path) : status_text(name, result, lock_path);
  std::fputs(answer.c_str(), stdout);
  return code_of(result);
}

}  // namespace solo::tool
