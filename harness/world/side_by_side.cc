// SPDX-License-Identifier: Apache-2.0
#include "world/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/text.h"
#include "program/tree.h"

namespace lockproof {
namespace {

std::string_view name_of(ProcessState state) {
  constexpr std::string_view kNames[] = {"ready",    "waiting", "stopped", "dying",
                                         "released", "zombie",  "gone"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view name_of(World::Locked locked) {
  constexpr std::string_view kNames[] = {"not locked", "locked", "locked without a name"};
  return kNames[static_cast<std::size_t>(locked)];
}

std::string words(std::span<const Said> said) {
  std::string text;
  for (const Said& word : said) text += (text.empty() ? "" : " ") + format(word);
  return text.empty() ? "nothing" : text;
}

std::string text_of(const std::optional<World::File>& file) {
  return file ? '"' + escape(file->content) + '"' : "no such file";
}

bool asks(ProcessState state) {
  return state == ProcessState::kReady || state == ProcessState::kWaiting;
}

}  // namespace

SideBySide::SideBySide(World& believed, World& compared)
    : believed_(believed), compared_(compared) {
  assert(believed.steps_of_death() == compared.steps_of_death());
}

void SideBySide::differ(std::string what) const {
  if (!apart_) apart_ = Apart{Apart::How::kDiffers, std::move(what)};
}

Result<> SideBySide::reset(const Start& start) {
  apart_.reset();
  inodes_.clear();
  if (auto begun = believed_.reset(start); !begun.ok()) return begun;
  if (auto begun = compared_.reset(start); !begun.ok()) {
    apart_ = Apart{Apart::How::kRefused, begun.error().sentence};
    return Nothing{};
  }
  compare_processes();
  return Nothing{};
}

bool SideBySide::enabled(unsigned process) {
  const bool ours = believed_.enabled(process);
  if (!apart_ && compared_.enabled(process) != ours) {
    differ(fmt::format("process {}, '{}': it can go on in {}, and not in {}", process,
                       format(pending(process), texts()), (ours ? believed_ : compared_).name(),
                       (ours ? compared_ : believed_).name()));
  }
  return ours;
}

Answer SideBySide::perform(unsigned process) {
  const Call call = believed_.pending(process);
  const Answer ours = believed_.perform(process);
  if (apart_ || ours.outcome == Outcome::kRefused) return ours;
  const Answer theirs = compared_.perform(process);
  if (theirs.outcome == Outcome::kRefused) {
    apart_ = Apart{Apart::How::kRefused, compared_.refusal()};
    return ours;
  }
  compare_answers(process, call, ours, theirs);
  compare_processes();
  return ours;
}

// The other's inode number in our words. One that is new takes over the name.
void SideBySide::compare_answers(unsigned process, const Call& call, const Answer& ours,
                                 Answer theirs) {
  if (theirs.ino != 0 && ours.ino != 0) {
    const auto known = inodes_.find(theirs.ino);
    if (known == inodes_.end()) {
      std::erase_if(inodes_, [&](const auto& pair) { return pair.second == ours.ino; });
      inodes_[theirs.ino] = ours.ino;
    }
    theirs.ino = inodes_[theirs.ino];
  }
  if (theirs == ours) return;
  differ(fmt::format("process {}, '{}': {} in {}, {} in {}", process, format(call, texts()),
                     format(ours, texts()), believed_.name(), format(theirs, texts()),
                     compared_.name()));
}

void SideBySide::compare_processes() {
  if (apart_) return;
  if (believed_.processes() != compared_.processes()) {
    return differ(fmt::format("{} processes in {}, {} in {}", believed_.processes(),
                              believed_.name(), compared_.processes(), compared_.name()));
  }
  for (unsigned process = 0; process < processes(); ++process) compare_process(process);
}

void SideBySide::compare_process(unsigned process) {
  const auto say = [&](auto ours, auto theirs, std::string_view what) {
    if (ours == theirs) return;
    differ(fmt::format("process {}: {} {} in {}, {} in {}", process, what, ours, believed_.name(),
                       theirs, compared_.name()));
  };
  const ProcessState now = state(process);
  say(name_of(now), name_of(compared_.state(process)), "it is");
  say(pid(process), compared_.pid(process), "its pid is");
  if (now >= ProcessState::kDying) {
    say(wait_status(process), compared_.wait_status(process), "it ends with status");
  }
  if (!asks(now)) return;
  // In words only what may differ.
  const auto ours = said(process);
  const auto theirs = compared_.said(process);
  if (!std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end())) {
    say(words(ours), words(theirs), "it says");
  }
  if (&texts() != &compared_.texts() || pending(process) != compared_.pending(process)) {
    say(format(pending(process), texts()), format(compared_.pending(process), texts()), "it asks");
  }
  say(wakes_at(process), compared_.wakes_at(process), "it wakes at");
}

void SideBySide::step_death(unsigned process) {
  const bool can = apart_ || compared_.can_step_death(process);
  if (!can) differ(fmt::format("process {}: it goes on dying in {} only", process, name()));
  believed_.step_death(process);
  if (apart_) return;
  compared_.step_death(process);
  compare_processes();
}

bool SideBySide::death_is_unnoticed(unsigned process) const {
  const bool ours = believed_.death_is_unnoticed(process);
  if (!apart_ && compared_.death_is_unnoticed(process) != ours) {
    differ(fmt::format("process {}: its death makes a difference in {} only", process,
                       (ours ? compared_ : believed_).name()));
  }
  return ours;
}

bool SideBySide::pid_is_free(int pid) const {
  const bool ours = believed_.pid_is_free(pid);
  if (!apart_ && compared_.pid_is_free(pid) != ours) {
    differ(
        fmt::format("pid {}: it is free in {} only", pid, (ours ? believed_ : compared_).name()));
  }
  return ours;
}

bool SideBySide::inject(Fault fault, unsigned process, std::int64_t value) {
  const bool ours = believed_.inject(fault, process, value);
  if (apart_) return ours;
  const bool theirs = compared_.inject(fault, process, value);
  if (ours && !theirs) {
    const auto kind = static_cast<int>(fault);
    apart_ = Apart{Apart::How::kRefused,
                   fmt::format("process {}: a fault of kind {} with {}", process, kind, value)};
  } else if (ours != theirs) {
    differ(fmt::format("process {}: a fault is possible in {} only", process, compared_.name()));
  }
  compare_processes();
  return ours;
}

std::optional<World::File> SideBySide::file(std::string_view path) const {
  const auto ours = believed_.file(path);
  if (apart_) return ours;
  const auto theirs = compared_.file(path);
  if (ours.has_value() != theirs.has_value() || (ours && ours->content != theirs->content)) {
    differ(fmt::format("file '{}': {} in {}, {} in {}", escape(path), text_of(ours),
                       believed_.name(), text_of(theirs), compared_.name()));
  }
  return ours;
}

World::Locked SideBySide::locked(std::string_view path) const {
  const Locked ours = believed_.locked(path);
  if (apart_) return ours;
  const Locked theirs = compared_.locked(path);
  if (ours != theirs) {
    differ(fmt::format("file '{}': {} in {}, {} in {}", escape(path), name_of(ours),
                       believed_.name(), name_of(theirs), compared_.name()));
  }
  return ours;
}

}  // namespace lockproof
