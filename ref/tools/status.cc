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

std::string who_holds(const Status& status) {
  if (!status.holders.current) return hint(printable(status.lock_path));
  return "the lock is held by " + describe(*status.holders.current);
}

// "": it was not.
std::string replaced(const Status& status) {
  if (!status.holders.replaced) return "";
  return "the lock file was replaced; " + describe(*status.holders.replaced) +
         " holds the lock of the former one";
}

// A JSON string. What is not printable ASCII has been escaped before.
std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Where somebody believes to own it is not free, though the next one could own, too.
const char* state_of(const Status& status) {
  if (std::holds_alternative<Free>(status.result)) {
    return status.holders.replaced ? "unknown" : "stopped";
  }
  const Held* const held = std::get_if<Held>(&status.result);
  return held == nullptr ? "unknown" : held->stopping ? "stopping" : "running";
}

std::string why(const Status& status) {
  const Unknown* const unknown = std::get_if<Unknown>(&status.result);
  return unknown != nullptr ? unknown->why.describe() : replaced(status);
}

// Of whom the record does not name.
std::string uid_or_null(const Status& status) {
  const auto& by = status.holders.current;
  return by && by->uid ? std::to_string(*by->uid) : "null";
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

std::string status_text(const Status& status) {
  std::string line = status.name + " " + state_of(status);
  if (const Held* held = std::get_if<Held>(&status.result)) {
    line += held->holder ? " (pid " + std::to_string(held->holder->pid) + ") since " +
                               utc_time(held->holder->since_unix_ms)
                         : " (pid unknown; " + who_holds(status) + ")";
  }
  const std::string more = why(status);
  return line + (more.empty() ? "" : ": " + more) + "\n";
}

std::string status_json(const Status& status) {
  const Held* const held = std::get_if<Held>(&status.result);
  const bool known = held != nullptr && held->holder;
  const bool unknown = held != nullptr && !known;
  const std::string more = why(status);
  std::string json = "{\"schema\":1,\"name\":" + json_string(status.name);
  json += ",\"state\":" + json_string(state_of(status));
  json += ",\"pid\":" + (known ? std::to_string(held->holder->pid) : "null");
  const bool automatic = known && held->holder->managed == Managed::kAuto;
  json += ",\"managed\":" + (known ? json_string(automatic ? "auto" : "cli") : "null");
  json += ",\"ready\":" + std::string(held != nullptr && held->ready ? "true" : "false");
  json += ",\"since\":" + (known ? json_string(utc_time(held->holder->since_unix_ms)) : "null");
  json += ",\"holder\":" + (unknown ? json_string(who_holds(status)) : "null");
  json += ",\"holder_uid\":" + (unknown ? uid_or_null(status) : "null");
  json += ",\"replaced\":" + std::string(status.holders.replaced ? "true" : "false");
  json += ",\"why\":" + (more.empty() ? "null" : json_string(more));
  return json + "}\n";
}

int status_code(const Status& status) {
  if (std::holds_alternative<Held>(status.result)) return kDone;
  const bool free = std::holds_alternative<Free>(status.result) && !status.holders.replaced;
  return free ? kStopped : kUnknownState;
}

int status(port::Sys& sys, const StatusArguments& arguments) {
  const std::string path =
      arguments.state_dir.empty() ? default_state_dir(sys.geteuid()) : arguments.state_dir;
  const std::string lock_path = path + "/" + arguments.name.lock_file();
  const Status found{arguments.name.text(), probe(sys, path, arguments.name), lock_path,
                     find_holders(lock_path)};
  std::fputs((arguments.json ? status_json(found) : status_text(found)).c_str(), stdout);
  return status_code(found);
}

}  // namespace solo::tool
