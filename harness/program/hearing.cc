// SPDX-License-Identifier: Apache-2.0
#include "program/hearing.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "program/caught.h"
#include "trace/proc.h"

namespace lockproof {
namespace {

constexpr std::size_t kMostLineBytes = 4096;
constexpr std::size_t kMostParts = 16;
constexpr int kOutput = 1;

std::string bytes_at(const StoppedTracee& tracee, std::uint64_t address, std::uint64_t size) {
  std::string bytes(std::min<std::uint64_t>(size, kMostLineBytes), '\0');
  if (!tracee.read(address, bytes.data(), bytes.size())) bytes.clear();
  return bytes;
}

std::string bytes_of(const StoppedTracee& tracee, const KernelCall& call) {
  if (call.number == SYS_write) return bytes_at(tracee, call.arguments[1], call.arguments[2]);
  std::array<iovec, kMostParts> parts{};
  const std::size_t count = std::min<std::size_t>(call.arguments[2], kMostParts);
  tracee.read(call.arguments[1], parts.data(), count * sizeof(iovec));
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += bytes_at(tracee, reinterpret_cast<std::uint64_t>(parts[i].iov_base), parts[i].iov_len);
  }
  return bytes;
}

}  // namespace

std::string Hearing::write(const StoppedTracee& tracee, const KernelCall& call,
                           std::vector<Said>& said) {
  const bool has_words =
      command_->hears == Command::Hears::kWords || command_->hears == Command::Hears::kReady;
  const bool speaks = has_words && static_cast<int>(call.arguments[0]) == kOutput;
  if (!speaks) return "";
  for (const char c : bytes_of(tracee, call)) {
    if (c != '\n') {
      if (line_.size() < kMostLineBytes) line_ += c;
      continue;
    }
    const std::string line = std::exchange(line_, "");
    if (const std::string wrong = hear(line, said); !wrong.empty()) return wrong;
  }
  return "";
}

std::string Hearing::hear(const std::string& line, std::vector<Said>& said) {
  if (command_->hears == Command::Hears::kReady) {
    if (line == command_->ready) begins_to_own(said);
    return "";
  }
  const bool is_word =
      line == command_->acquired || line == command_->busy || line == command_->released;
  if (!is_word) return "";
  if (is_child_) return "prints '" + line + "' in a child";
  if (line == command_->acquired) {
    said.push_back({Kind::kOwns});
    has_owned_ = owns_ = true;
  } else if (line == command_->busy) {
    said.push_back({Kind::kBusy});
    was_told_ = true;
  } else if (owns_ || !has_owned_) {
    return "prints '" + line + "' before it was told to give up";
  } else {
    said.push_back({Kind::kReleased});
  }
  return "";
}

void Hearing::begins(std::vector<Said>& said) const {
  switch (command_->does) {
    case Command::Does::kStart:
      return said.push_back({Kind::kClaim});
    case Command::Does::kStop:
      return said.push_back({Kind::kStop, Phase::kBegin});
    case Command::Does::kAsk:
      return said.push_back({Kind::kProbe, Phase::kBegin});
  }
}

// Once in a life: who has given up has not begun anew by resting.
void Hearing::begins_to_own(std::vector<Said>& said) {
  if (has_owned_) return;
  said.push_back({Kind::kOwns});
  has_owned_ = owns_ = true;
}

// The kernel has the words with a NUL behind each.
bool Hearing::is_like_an_owner(pid_t pid) const {
  std::string words = proc_text(pid, "cmdline");
  while (!words.empty() && words.back() == '\0') words.pop_back();
  std::replace(words.begin(), words.end(), '\0', ' ');
  return command_->owners->is_in(words);
}

void Hearing::rests(pid_t pid, std::vector<Said>& said) {
  if (command_->hears == Command::Hears::kRest && is_like_an_owner(pid)) begins_to_own(said);
  const bool stays = command_->loser_stays && !is_child_ && !has_owned_ && !was_told_;
  if (!stays || command_->does != Command::Does::kStart) return;
  said.push_back({Kind::kBusy});
  was_told_ = true;
}

void Hearing::caught(std::uint8_t signals, std::vector<Said>& said) {
  if (!launches() || !owns_ || (signals & signal_bit(SIGTERM)) == 0) return;
  said.push_back({Kind::kGivesUp});
  owns_ = false;
}

void Hearing::owner(std::vector<Said>& said) {
  if (is_child_) {
    said.push_back({Kind::kStart, Phase::kPoint, static_cast<std::int8_t>(Role::kContender)});
  }
  said.push_back({Kind::kOwns});
  has_owned_ = true;
}

void Hearing::gives_up(std::vector<Said>& said) {
  said.push_back({Kind::kGivesUp});
  if (command_->hears == Command::Hears::kOwner) said.push_back({Kind::kReleased});
  owns_ = false;
}

// Who made children may have owned through one of them: that it failed is not said then.
std::string Hearing::exit(int status, std::vector<Said>& said) {
  if (is_child_) return "";
  if (command_->does != Command::Does::kStart) {
    const bool stops = command_->does == Command::Does::kStop;
    said.push_back({stops ? Kind::kStop : Kind::kProbe, Phase::kEnd});
    return "";
  }
  if (has_owned_ || was_told_) return "";
  const auto& busy = command_->busy_exit;
  if (busy.empty() && could_not_run(status)) {
    return fmt::format(
        "ends with status {}, by which shells say that a command could not be run: try it by hand; "
        "if that means busy, a scenario file says so with 'busy_exit'",
        status);
  }
  const bool reuses = command_->loser_reuses;
  const bool is_busy = std::find(busy.begin(), busy.end(), status) != busy.end() ||
                       (reuses ? status == 0 && !has_forked_ : busy.empty() && status != 0);
  if (is_busy) {
    said.push_back({Kind::kBusy});
  } else if (!has_forked_) {
    said.push_back({Kind::kFailed});
  }
  was_told_ = true;
  return "";
}

std::string Hearing::state() const {
  std::string state = line_;
  for (const bool flag : {is_child_, has_forked_, owns_, has_owned_, was_told_})
    state += "01"[flag];
  return state;
}

void Hearing::is_child() {
  is_child_ = true;
  has_forked_ = owns_ = has_owned_ = false;
  line_.clear();
}

}  // namespace lockproof
