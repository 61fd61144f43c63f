// SPDX-License-Identifier: Apache-2.0
#include "explore/dependence.h"

#include <fcntl.h>

#include <functional>

#include "explore/actors.h"

namespace lockproof {
namespace {

bool succeeded(const Step& step) {
  return step.answer.outcome == Outcome::kDone && step.answer.result >= 0;
}

}  // namespace

Dependence::Dependence(const Start& start, std::string_view directory, bool inodes,
                       const std::vector<std::string>& watched)
    : directory_(directory), inodes_(inodes), lost_(start.setup > 0) {
  constexpr unsigned kNobody = kMaxPlaces;
  const auto add = [&](const std::string& path, bool is_directory) {
    const File id = new_id(kNobody);
    names_[path] = id;
    files_[id] = {1, 0, is_directory};
  };
  add("/", true);
  for (std::size_t end = 1; end != directory_.npos;) {
    end = directory_.find('/', end);
    add(directory_.substr(0, end), true);
    if (end != directory_.npos) ++end;
  }
  for (const StartFile& file : start.files) add(*resolve(kNobody, AT_FDCWD, file.name), false);
  for (const std::string& path : watched) {
    const auto full = resolve(kNobody, AT_FDCWD, path);
    if (full) watched_.push_back(number_of(*full));
  }
}

std::uint64_t Dependence::number_of(const std::string& path) {
  return std::hash<std::string>()(path);
}

std::optional<unsigned> Dependence::place_of(const World& world, std::int64_t pid) {
  std::optional<unsigned> dead;
  for (unsigned place = world.processes(); place-- > 0;) {
    if (world.pid(place) != pid) continue;
    if (world.state(place) != ProcessState::kGone) return place;
    if (!dead) dead = place;
  }
  return dead;
}

std::uint64_t Dependence::new_id(unsigned place) { return (place + 1) * 65536u + ++made_[place]; }

void Dependence::lose_track(Footprint& out) {
  lost_ = true;
  out.touches_everything();
}

const Dependence::Opened* Dependence::opened(unsigned place, int fd) const {
  const auto of = descriptors_.find(place);
  if (of == descriptors_.end()) return nullptr;
  const auto found = of->second.find(fd);
  return found == of->second.end() ? nullptr : &opened_[found->second.opened];
}

Dependence::Opened* Dependence::opened(unsigned place, int fd) {
  return const_cast<Opened*>(static_cast<const Dependence*>(this)->opened(place, fd));
}

void Dependence::add_descriptor(unsigned place, int fd, std::size_t index, bool close_on_exec) {
  descriptors_[place][fd] = {index, close_on_exec};
  ++opened_[index].references;
}

Footprint Dependence::follow(const World& world, const Step& step, bool late, bool told) {
  Footprint out;
  if (late || lost_) out.touches_everything();
  if (told) out.writes(Cell::kTold);
  switch (step.what) {
    case Step::What::kCall:
      out.reads(Cell::kRun, step.process);
      if (alarmed_.contains(step.process) && may_wait(step.call.op)) {
        sleepers_.insert(step.process);
        out.writes(Cell::kClock);
      }
      follow_call(world, step, out);
      break;
    case Step::What::kDeath:
      out.reads(Cell::kRun, step.process);
      break;
    case Step::What::kClock:
      out.writes(Cell::kClock);
      // Who sleeps, and who has not yet returned from it.
      for (const unsigned place : sleepers_) out.reads(Cell::kRun, place);
      break;
    case Step::What::kFault:
      follow_fault(step, out);
      break;
  }
  follow_deaths(world, step, out);
  return out;
}

void Dependence::follow_call(const World& world, const Step& step, Footprint& out) {
  if (step.call.op <= Op::kFstatat) return follow_name(world, step, out);
  if (step.call.op <= Op::kFcntlLock) return follow_descriptor(step, out);
  if (step.call.op <= Op::kConnect) return follow_socket(step, out);
  follow_process(world, step, out);
}

void Dependence::follow_process(const World& world, const Step& step, Footprint& out) {
  const Call& call = step.call;
  const unsigned place = step.process;
  switch (call.op) {
    case Op::kAlarm:
      alarmed_.insert(place);
      return out.reads(Cell::kClock);
    case Op::kGetppid:
      return out.reads(Cell::kExists, place);
    case Op::kFork: {
      out.writes(Cell::kPids);
      out.reads(Cell::kClock);
      if (!succeeded(step)) return;
      const unsigned child = world.processes() - 1;
      out.writes(Cell::kExists, child);
      out.writes(Cell::kRun, child);  // whatever it does comes after
      parents_[child] = place;
      for (const auto& [fd, descriptor] : Descriptors(descriptors_[place])) {
        out.writes(Cell::kOffset, opened_[descriptor.opened].id);
        add_descriptor(child, fd, descriptor.opened, descriptor.close_on_exec);
      }
      return;
    }
    case Op::kExecvp:
      out.writes(Cell::kRun, place);
      for (const auto& [fd, descriptor] : Descriptors(descriptors_[place])) {
        if (descriptor.close_on_exec) close(place, fd, out);
      }
      return;
    case Op::kExit:
      return out.writes(Cell::kRun, place);
    case Op::kWaitpid:
      for (const auto& [child, parent] : parents_) {
        if (parent == place) out.writes(Cell::kExists, child);
      }
      return out.writes(Cell::kRun, place);
    case Op::kSetsid:
      out.writes(Cell::kPids);
      return out.writes(Cell::kExists, place);
    case Op::kSetParentDeathSignal:
      return out.writes(Cell::kExists, place);
    case Op::kSigaction:
    case Op::kSignalFd:
      out.writes(Cell::kRun, place);
      if (call.op == Op::kSignalFd && succeeded(step)) {
        opened_.push_back({0, new_id(place), "", 0, false, {}});
        add_descriptor(place, static_cast<int>(step.answer.result), opened_.size() - 1, true);
      }
      return;
    case Op::kKill:
    case Op::kPidfdOpen: {
      out.reads(Cell::kPids);
      const auto target = place_of(world, world.meant_by(place, call.size));
      if (target) out.reads(Cell::kExists, *target);
      if (target && call.op == Op::kKill && call.flags != 0) out.writes(Cell::kRun, *target);
      if (call.op == Op::kPidfdOpen && succeeded(step)) {
        Opened file{0, new_id(place), "", 0, false, {}};
        if (target) file.process = static_cast<int>(*target);
        opened_.push_back(std::move(file));
        add_descriptor(place, static_cast<int>(step.answer.result), opened_.size() - 1, true);
      }
      return;
    }
    case Op::kPidfdSendSignal: {
      const Opened* const file = opened(place, call.fd);
      if (file == nullptr || !file->process) return;
      out.reads(Cell::kExists, static_cast<unsigned>(*file->process));
      if (call.flags != 0) out.writes(Cell::kRun, static_cast<unsigned>(*file->process));
      return;
    }
    case Op::kPoll:
      out.writes(Cell::kRun, place);
      for (const int fd : {call.fd, call.fd2, call.extra}) {
        const Opened* const file = opened(place, fd);
        if (file != nullptr && file->process) {
          out.reads(Cell::kExists, static_cast<unsigned>(*file->process));
        }
      }
      [[fallthrough]];
    case Op::kSleep:
      if (call.size <= 0) return;
      sleepers_.insert(place);
      return out.writes(Cell::kClock);
    case Op::kClockGettime:
      return out.reads(Cell::kClock);
    case Op::kOther:
      return lose_track(out);  // which descriptors and names it changed is not known from it
    default:                   // getpid, geteuid, hold
      return;
  }
}

void Dependence::become_zombie(unsigned place, Footprint& out) {
  out.writes(Cell::kExists, place);
  const auto parent = parents_.find(place);
  if (parent != parents_.end()) out.writes(Cell::kRun, parent->second);
  for (auto child = parents_.begin(); child != parents_.end();) {
    if (child->second != place) {
      ++child;
      continue;
    }
    out.writes(Cell::kExists, child->first);
    out.writes(Cell::kRun, child->first);
    child = parents_.erase(child);
  }
}

// By another one. Whether its files are closed at once or by a step of their own is decided by what
// that frees: an inode or a lock that nobody else has.
void Dependence::killed(unsigned place, Footprint& out) {
  for (const auto& [fd, descriptor] : descriptors_[place]) {
    const Opened& opened = opened_[descriptor.opened];
    out.writes(Cell::kHeld, opened.file);
    if (opened.references == 1) continue;
    out.reads(Cell::kOffset, opened.id);
    out.reads(Cell::kLock, opened.file);
  }
}

// Steps of death that were a choice, and those that passed with another step (Moves).
void Dependence::follow_deaths(const World& world, const Step& step, Footprint& out) {
  for (unsigned place = 0; place < world.processes(); ++place) {
    const ProcessState now = world.state(place);
    if (now < ProcessState::kDying) continue;
    if (dying_.insert(place).second && place != step.process) killed(place, out);
    if (now >= ProcessState::kReleased && released_.insert(place).second) close_all(place, out);
    if (now >= ProcessState::kZombie && zombies_.insert(place).second) become_zombie(place, out);
    if (now == ProcessState::kGone && gone_.insert(place).second) {
      out.writes(Cell::kExists, place);
    }
  }
}

void Dependence::follow_fault(const Step& step, Footprint& out) {
  const unsigned place = step.process;
  switch (static_cast<Letter>(step.choice.actor)) {
    case Letter::kKill:
    case Letter::kTerm:
    case Letter::kStop:
      out.writes(Cell::kRun, place);
      if (parents_.contains(place)) out.writes(Cell::kRun, parents_[place]);
      return;
    case Letter::kErrno:
      out.writes(Cell::kRun, place);
      return follow_errno(step, out);
    case Letter::kPidReuse:
      out.writes(Cell::kPids);
      out.writes(Cell::kExists, place);
      return out.reads(Cell::kClock);
    case Letter::kExecChild:
      return out.touches_everything();
    case Letter::kReboot:
      out.touches_everything();
      parents_.clear();
      return;
    case Letter::kClockStep:
      return out.writes(Cell::kClock);
  }
}

// Only a call that could go on fails: what it would have waited for is read.
void Dependence::follow_errno(const Step& step, Footprint& out) {
  const Opened* const file = opened(step.process, step.call.fd);
  switch (step.call.op) {
    case Op::kFlock:
    case Op::kFcntlLock:
      if (file != nullptr) out.reads(Cell::kLock, file->file);
      return;
    case Op::kWaitpid:
      for (const auto& [child, parent] : parents_) {
        if (parent == step.process) out.reads(Cell::kExists, child);
      }
      return;
    case Op::kRead:
      if (file != nullptr && file->file != 0) return;
      return out.touches_everything();
    case Op::kPoll:
      return out.touches_everything();
    default:
      return;
  }
}

Footprint Dependence::blocked(const World& world, unsigned place) const {
  Footprint out;
  out.reads(Cell::kRun, place);
  const ProcessState state = world.state(place);
  if (state != ProcessState::kReady && state != ProcessState::kWaiting) return out;
  const Call& call = world.pending(place);
  const Opened* const file = opened(place, call.fd);
  switch (call.op) {
    case Op::kFlock:
    case Op::kFcntlLock:
      if (file != nullptr) out.writes(Cell::kLock, file->file);
      return out;
    case Op::kWaitpid:
      for (const auto& [child, parent] : parents_) {
        if (parent == place) out.writes(Cell::kExists, child);
      }
      return out;
    case Op::kPoll:
      if (call.fd < 0 && call.fd2 < 0 && call.extra < 0) return out;  // for signals only
      [[fallthrough]];
    default:
      out.touches_everything();
      return out;
  }
}

}  // namespace lockproof
