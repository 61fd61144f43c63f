// SPDX-License-Identifier: Apache-2.0
#include "explore/record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "faults/faults.h"
#include "invariants/invariant.h"
#include "subject/builtin.h"
#include "world/errnos.h"

namespace lockproof {
namespace {

Life life_of(unsigned place) { return place + 1; }

bool is_over(ProcessState state) { return state >= ProcessState::kDying; }

std::string_view fault_name(Choice choice) { return all_faults()[choice.actor - kFirstFault].name; }

Change classify(const Call& call, const std::optional<World::File>& before,
                const std::optional<World::File>& after) {
  if (!after) return Change::kUnlink;
  if (!before) return Change::kCreate;
  if (before->inode != after->inode) return Change::kReplace;
  const bool truncates = call.op == Op::kFtruncate || call.op == Op::kOpenat;
  return truncates && after->content.size() < before->content.size() ? Change::kTruncate
                                                                     : Change::kWrite;
}

}  // namespace

void Recorder::add(Life life, Kind kind, Phase phase, std::int64_t value, Life target,
                   std::string detail, Object object) {
  events_.push_back(
      {events_.size() + 1, life, kind, phase, object, target, value, std::move(detail)});
}

void Recorder::begin() {
  state_ = State{};
  events_.clear();
  ends_.clear();
  for (unsigned place = moves_.cast(); place < moves_.world().processes(); ++place) {
    start(place, kHarness);
  }
  for (const Outside::Watched& watched : outside_.files) {
    state_.files.push_back(moves_.world().file(watched.path));
    if (!state_.files.back()) continue;
    add(kHarness, Kind::kChange, Phase::kPoint, static_cast<std::int64_t>(Change::kCreate),
        kHarness, {}, watched.object);
  }
}

void Recorder::start(unsigned place, Life parent) {
  if (((state_.started >> place) & 1u) != 0) return;
  state_.started |= 1u << place;
  add(life_of(place), Kind::kStart, Phase::kPoint, moves_.world().own_pid(place), parent,
      role_at(place, parent));
}

// A child may say what it is on the way to its first call.
std::string Recorder::role_at(unsigned place, Life parent) {
  if (place < moves_.cast()) {
    const bool known = place < outside_.roles.size() && !outside_.roles[place].empty();
    return known ? outside_.roles[place] : std::string(name(Role::kContender));
  }
  if (parent == kHarness) return std::string(role::kBystander);
  for (const Said& said : moves_.world().said(place)) {
    if (said.kind != Kind::kStart) continue;
    const auto role = static_cast<Role>(said.value);
    state_.dependants = state_.dependants || role == Role::kDependant;
    return std::string(name(role));
  }
  return std::string(role::kChild);
}

void Recorder::say(unsigned place) {
  for (const Said& said : moves_.world().said(place)) {
    std::uint32_t& begins =
        said.kind == Kind::kDestroy ? state_.about_to_destroy : state_.about_to_start;
    if (begins_with_a_call(said)) {
      begins |= 1u << place;
      continue;
    }
    if (said.kind == Kind::kStart) continue;
    begin_acts(place, said.kind == Kind::kAutoStart, said.kind == Kind::kDestroy);
    add(life_of(place), said.kind, said.phase, said.value);
    if (said.kind == Kind::kOwns) {
      state_.owns |= 1u << place;
      state_.owned |= 1u << place;
    }
    if (said.kind == Kind::kBusy) state_.lost |= 1u << place;
    if (said.kind == Kind::kClaim) state_.claimed |= 1u << place;
    if (said.kind == Kind::kGivesUp) state_.owns &= ~(1u << place);
    if (said.kind == Kind::kGivesUp && state_.owns != 0) look(Object::kSide);
    state_.picks = state_.picks || said.kind == Kind::kPick;
    // Who picks whom it signals has to know who has given up.
    const bool part_of_attempt =
        !state_.picks && (said.kind == Kind::kClaim || said.kind == Kind::kBusy ||
                          said.kind == Kind::kReleased || said.kind == Kind::kFailed);
    visible_ = visible_ || !part_of_attempt;
    if (said.kind == Kind::kOwns) {
      look(Object::kRecord);
      look(Object::kSide);
    }
    const bool answered =
        said.kind == Kind::kOwns || said.kind == Kind::kBusy || said.kind == Kind::kFailed;
    if (answered && (state_.quiet >> place & 1u) != 0) close_windows();
  }
}

void Recorder::begin_acts(unsigned place, bool start, bool destroy) {
  const auto begin = [&](std::uint32_t& places, Kind kind) {
    if ((places >> place & 1u) == 0) return;
    places &= ~(1u << place);
    add(life_of(place), kind, Phase::kBegin);
    visible_ = true;
  };
  if (start) begin(state_.about_to_start, Kind::kAutoStart);
  if (destroy) begin(state_.about_to_destroy, Kind::kDestroy);
}

void Recorder::before(Choice choice) {
  visible_ = false;
  step_begin_ = events_.size();
  places_ = moves_.world().processes();
  const auto letter = static_cast<Letter>(choice.actor);
  const unsigned place = choice.actor < kFirstFault ? choice.actor
                         : letter == Letter::kErrno ? choice.alternative / 16u
                                                    : kMaxPlaces;
  if (place < kMaxPlaces && !moves_.begun(place)) {
    const auto& late = moves_.rules().late;
    if (place < late.size() && late[place]) open_windows(place);
    start(place, kHarness);
    say(place);
  }
  begin_acts(place, true, true);
  if (choice.actor >= kFirstFault && choice.actor != kClockActor) write_fault(choice);
}

void Recorder::write_fault(Choice choice) {
  const std::string name(fault_name(choice));
  const unsigned alternative = choice.alternative;
  const auto write = [&](unsigned place, std::int64_t value) {
    state_.sent[place] |= 1u << value;
    add(kHarness, Kind::kFault, Phase::kPoint, value, life_of(place), name);
  };
  switch (static_cast<Letter>(choice.actor)) {
    case Letter::kKill:
      return write(alternative, SIGKILL);
    case Letter::kTerm:
      return write(alternative, SIGTERM);
    case Letter::kStop:
      return write(alternative % kGoOn, alternative < kGoOn ? SIGSTOP : SIGCONT);
    case Letter::kReboot:
      for (unsigned place = 0; place < places_; ++place) {
        const bool lives = !is_over(moves_.world().state(place));
        if (lives && ((state_.started >> place) & 1u) != 0) write(place, SIGKILL);
      }
      return;
    case Letter::kErrno:
      return write_errno(alternative / 16u, alternative % 16u);
    case Letter::kExecChild:
    case Letter::kPidReuse:
      return write(alternative, 0);
    case Letter::kClockStep:
      return add(kHarness, Kind::kFault, Phase::kPoint, 0, kHarness, name);
  }
}

void Recorder::write_errno(unsigned place, unsigned which) {
  const World& world = moves_.world();
  const Call& call = world.pending(place);
  std::string detail = "errno";
  if (outside_.texts) {
    const int error = errnos_of(call.op)[which];
    detail = fmt::format("errno: {} -> {}", format(call, world.texts()), strerrorname_np(error));
    detail.resize(std::min(detail.size(), kDetailBytes));
  }
  add(kHarness, Kind::kFault, Phase::kPoint, 0, life_of(place), std::move(detail));
}

void Recorder::after(const Step& step) {
  if (step.what == Step::What::kCall) {
    write_signal(step);
    write_call(step);
  }
  const std::int64_t now_ms = moves_.state().now_ns / 1'000'000;
  if (now_ms != state_.tick_ms) add(kHarness, Kind::kTick, Phase::kPoint, now_ms);
  state_.tick_ms = now_ms;
  const bool forked = step.what == Step::What::kCall ||
                      static_cast<Letter>(step.choice.actor) == Letter::kExecChild;
  for (unsigned place = places_; place < moves_.world().processes(); ++place) {
    start(place, forked ? life_of(step.process) : kHarness);
  }
  write_changes(step);
  write_ends();
  // Who ended itself by a signal did not return from the call.
  const bool answered =
      step.answer.outcome == Outcome::kDone && !is_over(moves_.world().state(step.process));
  const bool errno_given = static_cast<Letter>(step.choice.actor) == Letter::kErrno;
  if (answered && (step.what == Step::What::kCall || errno_given)) {
    say(step.process);
    for (unsigned place = places_; forked && place < moves_.world().processes(); ++place) {
      say(place);
    }
  }
  look_at_lock();
  ends_.push_back(events_.size());
}

void Recorder::write_call(const Step& step) {
  std::string text;
  if (outside_.texts) {
    const Texts& texts = moves_.world().texts();
    text = fmt::format("{} -> {}", format(step.call, texts), format(step.answer, texts));
    text.resize(std::min(text.size(), kDetailBytes));
  }
  add(life_of(step.process), Kind::kCall, Phase::kPoint, step.answer.result, kHarness,
      std::move(text));
}

void Recorder::write_signal(const Step& step) {
  const bool done = step.answer.outcome == Outcome::kDone && step.answer.result >= 0;
  auto& pidfds = state_.pidfds;
  const std::pair<unsigned, int> fd{step.process, step.call.fd};
  if (!done) return;
  const auto named = [&](std::int64_t number) {
    unsigned place = 0;
    const World& world = moves_.world();
    const std::int64_t pid = world.meant_by(step.process, number);
    while (place < world.processes() &&
           (world.pid(place) != pid || world.state(place) == ProcessState::kGone)) {
      ++place;
    }
    return place;
  };
  unsigned target = kMaxPlaces;
  switch (step.call.op) {
    case Op::kKill:
      target = named(step.call.size);
      break;
    case Op::kPidfdOpen:
      pidfds[{step.process, static_cast<int>(step.answer.result)}] = named(step.call.size);
      return;
    case Op::kPidfdSendSignal:
      if (pidfds.contains(fd)) target = pidfds[fd];
      break;
    case Op::kFork: {
      std::map<std::pair<unsigned, int>, unsigned> inherited;
      for (const auto& [key, place] : pidfds) {
        if (key.first == step.process) inherited[{places_, key.second}] = place;
      }
      pidfds.merge(inherited);
      return;
    }
    default:
      return;
  }
  if (target >= moves_.world().processes()) return;
  start(target, kHarness);
  state_.sent[target] |= 1u << step.call.flags;
  add(life_of(step.process), Kind::kSignal, Phase::kPoint, step.call.flags, life_of(target));
}

void Recorder::write_changes(const Step& step) {
  for (std::size_t i = 0; i < outside_.files.size(); ++i) {
    const Outside::Watched& watched = outside_.files[i];
    std::optional<World::File> now = moves_.world().file(watched.path);
    if (now == state_.files[i]) continue;
    const Change change = classify(step.call, state_.files[i], now);
    state_.files[i] = std::move(now);
    visible_ = true;
    add(life_of(step.process), Kind::kChange, Phase::kPoint, static_cast<std::int64_t>(change),
        kHarness, {}, watched.object);
    if (watched.object != Object::kLock) look(watched.object);
  }
}

void Recorder::look(Object object) {
  const ReadPid& chosen = object == Object::kSide ? outside_.read_side : outside_.read_record;
  const ReadPid read = chosen ? chosen : read_pid_text;
  for (std::size_t i = 0; i < outside_.files.size(); ++i) {
    if (outside_.files[i].object != object) continue;
    const auto& file = state_.files[i];
    add(kHarness, Kind::kLook, Phase::kPoint, file ? read(file->content) : seen::kAbsent, kHarness,
        {}, object);
  }
}

// While somebody owns, and where it changes.
void Recorder::look_at_lock() {
  if (outside_.lock.empty() || state_.owns == 0) {
    state_.locked.reset();
    return;
  }
  const World::Locked now = moves_.world().locked(outside_.lock);
  if (state_.locked == now) return;
  state_.locked = now;
  visible_ = true;
  const std::int64_t value = now == World::Locked::kYes  ? seen::kHeld
                             : now == World::Locked::kNo ? seen::kAbsent
                                                         : seen::kOrphan;
  add(kHarness, Kind::kLook, Phase::kPoint, value, kHarness, {}, Object::kLock);
}

// Alone with what the others left behind: a late contender, and children that outlived their
// parents. No more faults come.
void Recorder::open_windows(unsigned late) {
  const World& world = moves_.world();
  for (unsigned place = 0; place < world.processes(); ++place) {
    const bool child = place >= moves_.cast() && !is_over(world.state(place));
    if (place == late || child) state_.quiet |= 1u << place;
  }
  for (unsigned place = 0; place < world.processes(); ++place) {
    if ((state_.quiet >> place & 1u) == 0) continue;
    add(kHarness, Kind::kQuiet, Phase::kBegin, 0, life_of(place));
  }
}

void Recorder::close_windows() {
  for (unsigned place = 0; place < moves_.world().processes(); ++place) {
    if ((state_.quiet >> place & 1u) == 0) continue;
    add(kHarness, Kind::kQuiet, Phase::kEnd, 0, life_of(place));
  }
  state_.quiet = 0;
}

void Recorder::write_ends() {
  const World& world = moves_.world();
  for (unsigned place = 0; place < world.processes(); ++place) {
    const bool known = ((state_.started >> place) & 1u) != 0;
    if (!known || ((state_.ended >> place) & 1u) != 0 || !is_over(world.state(place))) continue;
    state_.ended |= 1u << place;
    visible_ = visible_ || ((state_.owns >> place) & 1u) != 0;
    const bool owned = ((state_.owns >> place) & 1u) != 0;
    state_.owns &= ~(1u << place);
    const int status = world.wait_status(place);
    // Nobody sent it: it is the one that it wished for when its parent dies.
    if (WIFSIGNALED(status) && (state_.sent[place] >> WTERMSIG(status) & 1u) == 0) {
      add(life_of(place), Kind::kSignal, Phase::kPoint, WTERMSIG(status), life_of(place));
    }
    const bool wanted = place < moves_.cast() && ((state_.claimed >> place) & 1u) != 0;
    const bool lost = ((state_.lost >> place) & 1u) != 0;
    const bool expected = outside_.of_somebody_else && WIFEXITED(status) && (lost || !wanted);
    add(life_of(place), Kind::kEnded, Phase::kPoint, status, kHarness, expected ? "expected" : "");
    if (owned && state_.owns != 0) look(Object::kSide);
    const auto& late = moves_.rules().late;
    if (place < late.size() && late[place]) close_windows();
  }
}

bool Recorder::audible() const {
  for (std::size_t i = step_begin_; i < events_.size(); ++i) {
    if (events_[i].kind != Kind::kCall && events_[i].kind != Kind::kStart) return true;
  }
  return false;
}

void Recorder::write_signs_of_life() {
  const World& world = moves_.world();
  for (unsigned place = 0; place < world.processes(); ++place) {
    const ProcessState state = world.state(place);
    if (!moves_.begun(place) || is_over(state)) continue;
    std::string text;
    if (state != ProcessState::kStopped && outside_.texts) {
      text = format(world.pending(place), world.texts());
    }
    text.resize(std::min(text.size(), kDetailBytes));
    add(life_of(place), Kind::kCall, Phase::kBegin, 0, kHarness, std::move(text));
  }
}

void Recorder::finish(bool at_rest) {
  write_signs_of_life();
  if (!at_rest) return;
  close_windows();
  add(kHarness, Kind::kQuiet, Phase::kBegin);
  look(Object::kRecord);
  add(kHarness, Kind::kQuiet, Phase::kEnd);
  if (state_.dependants) {
    add(kHarness, Kind::kTick, Phase::kPoint, state_.tick_ms);
    add(kHarness, Kind::kTick, Phase::kPoint, state_.tick_ms + kForEverMs);
  }
  write_signs_of_life();
}

Recorder::State Recorder::mark() const {
  State state = state_;
  state.events = events_.size();
  state.steps = ends_.size();
  return state;
}

void Recorder::back_to(const State& state) {
  state_ = state;
  events_.resize(state.events);
  ends_.resize(state.steps);
}

std::size_t Recorder::steps_until(std::uint64_t seq) const {
  const auto found = std::lower_bound(ends_.begin(), ends_.end(), seq);
  const auto index = static_cast<std::size_t>(found - ends_.begin());
  return std::min(index + 1, ends_.size());
}

}  // namespace lockproof
