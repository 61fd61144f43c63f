// SPDX-License-Identifier: Apache-2.0
#include "report/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "core/text.h"
#include "report/layout.h"

namespace lockproof {
namespace {

constexpr std::size_t kDetailShown = 60;
constexpr std::size_t kCallShown = 160;

std::string signal_in_words(std::int64_t number) {
  const char* abbreviation =
      number > 0 && number < 65 ? sigabbrev_np(static_cast<int>(number)) : nullptr;
  return abbreviation != nullptr ? fmt::format("SIG{}", abbreviation)
                                 : fmt::format("signal {}", number);
}

std::string object_in_words(Object object) {
  switch (object) {
    case Object::kNone:
      return "a file";
    case Object::kSide:
      return "side file";
    case Object::kIntent:
      return "stop intent";
    case Object::kRecord:
    case Object::kLock:
      return std::string(name(object));
  }
  return "a file";
}

std::string change_in_words(const Event& event) {
  const std::string object = object_in_words(event.object);
  constexpr std::string_view kVerbs[] = {"creates", "writes", "truncates", "replaces", "removes"};
  const bool known = event.value >= 0 && event.value < static_cast<int>(std::size(kVerbs));
  return fmt::format("{} {}", known ? kVerbs[event.value] : "changes", object);
}

std::string look_in_words(const Event& event, const Cast& cast) {
  const std::string act = "reads " + object_in_words(event.object);
  if (event.phase == Phase::kBegin) return act;  // what it sees is known at the end
  return act + ": " + seen_in_words(event, cast);
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "SIGKILL", "SIGSTOP (stall)", "fault pid_reuse": the fault is named where the signal does not.
std::string fault_in_words(const Event& event) {
  const std::string fault = escape(event.detail, kDetailShown);
  if (event.value == 0) return fault.empty() ? "fault" : "fault " + fault;
  const std::string signal = signal_in_words(event.value);
  const bool same = fault.empty() || lower(signal) == "sig" + lower(fault);
  return same ? signal : fmt::format("{} ({})", signal, fault);
}

std::string destroy_in_words(const Event& event) {
  if (event.phase == Phase::kBegin) return "runs a destructive command";
  return event.value == 1 ? "destructive command: done" : "destructive command: refused";
}

std::string auto_start_in_words(const Event& event) {
  const bool refrained = event.phase == Phase::kEnd && event.value == 0;
  return refrained ? "refrains from a start" : "starts an instance by itself";
}

// A call is text with escapes of its own already: no backslash is doubled.
std::string call_in_words(const Event& event) {
  std::string text = escape(event.detail, kCallShown);
  for (std::size_t at = text.find("\\\\"); at != std::string::npos;
       at = text.find("\\\\", at + 1)) {
    text.erase(at, 1);
  }
  return text;
}

std::string verb(const Event& event, const Cast& cast) {
  switch (event.kind) {
    case Kind::kStart:
      return "starts";
    case Kind::kClaim:
      return "claims";
    case Kind::kBusy:
      return "is told: busy";
    case Kind::kOwns:
      return "owns";
    case Kind::kGivesUp:
      return "gives up";
    case Kind::kReleased:
      return "has given up";
    case Kind::kFailed:
      return "fails";
    case Kind::kReady:
      return "is ready";
    case Kind::kEnded:
      return "ended: " + describe_wait_status(event.value);
    case Kind::kChange:
      return change_in_words(event);
    case Kind::kProbe:
      return "asks who owns";
    case Kind::kDestroy:
      return destroy_in_words(event);
    case Kind::kSignal:
      return fmt::format("sends {} to {}", signal_in_words(event.value),
                         cast.in_words(event.target));
    case Kind::kPick:
      return "looks for whom to signal";
    case Kind::kStop:
      return "stops the instance";
    case Kind::kAutoStart:
      return auto_start_in_words(event);
    case Kind::kLook:
      return look_in_words(event, cast);
    case Kind::kFault:
      return fault_in_words(event);
    case Kind::kQuiet:
      return "left alone";
    case Kind::kLoop:
      return fmt::format("all is as after event {}, and so on for ever", event.value);
    case Kind::kCall:
      return call_in_words(event);
    case Kind::kTick:
      return fmt::format("clock: {} ms", event.value < 0
                                             ? std::to_string(event.value)
                                             : grouped(static_cast<std::uint64_t>(event.value)));
  }
  return std::string(name(event.kind));
}

}  // namespace

std::string seen_in_words(const Event& event, const Cast& cast) {
  const bool lock = event.object == Object::kLock;
  switch (event.value) {
    case seen::kAbsent:
      return lock ? "free" : "absent";
    case seen::kEmpty:
      return "empty";
    case seen::kTorn:
      return "torn, names nobody";
    case seen::kHeld:
      return "held";
    case seen::kOrphan:
      return "held, but on a file without that name";
    case seen::kUnknown:
      return "cannot be read";
  }
  if (event.value < 0) return fmt::format("unknown ({})", event.value);
  return (lock ? "held by " : "") + cast.pid_in_words(event.value);
}

Cast::Cast(const Finding& finding, const History& history) {
  const auto add = [&](Life life) {
    if (std::find(lives_.begin(), lives_.end(), life) == lives_.end()) lives_.push_back(life);
  };
  for (const Event& event : finding.events) {
    const bool on_somebody = event.life == kHarness && event.target != kHarness;
    add(on_somebody ? event.target : event.life);
    // A process that did nothing itself, but was done to: without a column its signal is a riddle.
    if (event.target != kHarness && event.kind == Kind::kSignal) add(event.target);
  }
  for (const auto* events : {&history.events, &finding.events}) {
    for (const Event& event : *events) {
      if (event.kind == Kind::kStart && event.value > 0) pids_[event.life] = event.value;
    }
  }
}

Cast Cast::of_run(const Finding& finding, const History& history, const std::vector<RunStep>& run) {
  Cast cast(finding, history);
  cast.by_birth_ = true;
  for (const RunStep& step : run) cast.lives_.push_back(step.life);
  std::sort(cast.lives_.begin(), cast.lives_.end());
  cast.lives_.erase(std::unique(cast.lives_.begin(), cast.lives_.end()), cast.lives_.end());
  std::erase(cast.lives_, kHarness);
  return cast;
}

bool Cast::has(Life life) const {
  return std::find(lives_.begin(), lives_.end(), life) != lives_.end();
}

Life Cast::column(const Event& event) const {
  const bool on_somebody = event.life == kHarness && event.target != kHarness;
  return on_somebody && has(event.target) ? event.target : event.life;
}

std::string Cast::letter(Life life) const {
  if (!has(life)) return "";
  int index = by_birth_ ? static_cast<int>(life) - 1 : 0;
  for (Life known : lives_) {
    if (by_birth_ || known == life) break;
    if (known != kHarness) ++index;
  }
  std::string text;
  for (int rest = index; rest >= 0; rest = rest / 26 - 1) {
    text.insert(text.begin(), static_cast<char>('A' + rest % 26));
  }
  return text;
}

std::string Cast::title(Life life) const {
  if (life == kHarness) return "harness";
  const auto pid = pids_.find(life);
  if (pid == pids_.end()) {
    return by_birth_ ? letter(life) : fmt::format("{} life {}", letter(life), life);
  }
  if (by_birth_) return fmt::format("{} pid {}", letter(life), pid->second);
  return fmt::format("{} pid {} life {}", letter(life), pid->second, life);
}

std::string Cast::in_words(Life life) const {
  if (life == kHarness) return "the harness";
  if (has(life)) return letter(life);
  const auto pid = pids_.find(life);
  return pid == pids_.end() ? fmt::format("life {}", life) : fmt::format("pid {}", pid->second);
}

std::string Cast::pid_in_words(std::int64_t pid) const {
  std::string letters;  // several where a pid was used again
  for (Life life : lives_) {
    const auto known = pids_.find(life);
    if (known == pids_.end() || known->second != pid) continue;
    letters += (letters.empty() ? "" : " or ") + letter(life);
  }
  return letters.empty() ? fmt::format("pid {}", pid) : fmt::format("pid {} ({})", pid, letters);
}

std::string with_code(const Reason& reason) {
  if (reason.code == ErrorCode::kNone) return reason;
  return fmt::format("{} ({})", static_cast<const std::string&>(reason), name(reason.code));
}

std::string act_in_words(const Event& event, const Cast& cast) {
  std::string text = verb(event, cast);
  if (!event.detail.empty() && event.kind != Kind::kFault && event.kind != Kind::kCall) {
    text += fmt::format(" ({})", escape(event.detail, kDetailShown));
  }
  return text;
}

std::string in_words(const Event& event, const Cast& cast) {
  const std::string act = act_in_words(event, cast);
  if (event.phase == Phase::kBegin) return act + " ...";
  return event.phase == Phase::kEnd ? "... " + act : act;
}

}  // namespace lockproof
