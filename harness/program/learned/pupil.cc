// SPDX-License-Identifier: Apache-2.0
#include "learned/pupil.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include <algorithm>
#include <csignal>

#include "learned/first_process.h"
#include "learned/give.h"
#include "program/alarm_call.h"
#include "program/asked.h"
#include "program/caught.h"
#include "program/clock_call.h"
#include "program/newer_form.h"
#include "program/rest_call.h"
#include "program/tree.h"
#include "trace/call_filter.h"
#include "trace/checkpoint.h"
#include "trace/image.h"

namespace lockproof {
namespace {

constexpr unsigned kMostPassing = 1'000'000;  // between two calls that matter
constexpr std::size_t kMostWhyBytes = 1000;
constexpr std::uint64_t kBelowStack = 4096;  // further down than any red zone

Error has_ended(int status) {
  if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) {
    return environment_error(ErrorCode::kNotFollowed,
                             "the program computed for too long without a call that matters");
  }
  return environment_error(ErrorCode::kNotFollowed,
                           fmt::format("the program ended by itself, with wait status {}", status));
}

bool is(const KernelCall& call, OwnCall own) { return call.number == static_cast<long>(own); }

}  // namespace

Result<Pupil> Pupil::begin(const Command& command, Texts& texts) {
  const auto born = start_first_process(command);
  if (!born.ok()) return born.error();
  auto seized = seize(*born);
  if (!seized.ok()) return seized.error();
  Pupil pupil(command, texts, Ground{command.directory, 0});
  pupil.hearing_.begins(pupil.to_say_);
  if (auto there = pupil.arrive(std::move(*seized)); !there.ok()) return there.error();
  return pupil;
}

Pupil::Pupil(const Pupil& other, StoppedTracee tracee)
    : command_(other.command_),
      texts_(other.texts_),
      gate_(other.gate_),
      generation_(other.generation_ + 1),
      begun_(other.begun_),
      hearing_(other.hearing_),
      tracee_(std::make_unique<StoppedTracee>(std::move(tracee))),
      entered_(other.entered_),
      raw_(other.raw_),
      call_(other.call_),
      said_(other.said_),
      offsets_(other.offsets_),
      spoken_(other.spoken_) {}

Pupil::~Pupil() {
  if (tracee_) end(std::move(*tracee_));
}

std::optional<Pupil> Pupil::copy() {
  auto copied = lockproof::copy(std::move(*tracee_));
  tracee_.reset();
  if (!copied) return std::nullopt;
  tracee_ = std::make_unique<StoppedTracee>(std::move(copied->original));
  return Pupil(*this, std::move(copied->copy));
}

Result<> Pupil::arrive(RunningTracee running) {
  said_ = std::exchange(to_say_, {});
  for (unsigned passed = 0; passed < kMostPassing; ++passed) {
    Stop stop = std::move(running).wait();
    if (auto* before = std::get_if<BeforeCall>(&stop)) {
      auto met = meet(std::move(before->tracee));
      if (!met.ok()) return met.error();
      if (!*met) {
        for (const Said& word : said_) note(word);
        offsets_ = file_offsets(tracee_->pid());
        return Nothing{};
      }
      running = std::move(**met);
    } else if (auto* executed = std::get_if<HasExecuted>(&stop)) {
      make_image_constant(executed->tracee);
      gate_.executed(executed->tracee.pid());
      running = std::move(executed->tracee).go_on();
    } else if (auto* gets = std::get_if<GetsSignal>(&stop)) {
      auto got = get_signal(std::move(*gets));
      if (!got.ok()) return got.error();
      running = std::move(*got);
    } else if (auto* behind = std::get_if<BehindCall>(&stop)) {
      running = std::move(behind->tracee).go_on();
    } else if (auto* ended = std::get_if<HasEnded>(&stop)) {
      return has_ended(ended->status);
    } else {
      return environment_error(ErrorCode::kNotFollowed, "the program has made a child unasked");
    }
  }
  return environment_error(
      ErrorCode::kNotFollowed,
      fmt::format("the program makes {} calls on end that do not matter", kMostPassing));
}

// The dynamic linker reads the time stamp counter for its own statistics (LD_DEBUG).
Result<RunningTracee> Pupil::get_signal(GetsSignal gets) {
  const std::uint64_t where = gets.tracee.instruction();
  if (gets.signal != SIGSEGV || !gets.tracee.has_read_time_stamp()) {
    return std::move(gets.tracee).go_on(gets.signal);
  }
  const std::string path = mapped_at(gets.tracee.pid(), where);
  if (path.find("/ld-") != std::string::npos) return std::move(gets.tracee).go_on();
  tracee_ = std::make_unique<StoppedTracee>(std::move(gets.tracee));
  return environment_error(ErrorCode::kRefused, "the program reads the time stamp counter");
}

void Pupil::note(const Said& word) {
  spoken_[0] |= 1u << static_cast<unsigned>(word.kind);
  if (is_of_an_attempt(word.kind)) spoken_[1] = static_cast<unsigned>(word.kind);
}

std::optional<Likeness> Pupil::likeness() const {
  std::string place(reinterpret_cast<const char*>(&call_), sizeof call_);
  for (const Said& word : said_) place += format(word) + " ";
  place += fmt::format("{} {}", spoken_[0], spoken_[1]);
  if (call_.op == Op::kExit) return lockproof::likeness(place);
  place += fmt::format("{} {} {} {}", begun_, to_say_.size(), hearing_.state(), gate_.state());
  std::vector<int> descriptors;
  for (const auto& [fd, known] : gate_.descriptors().all()) descriptors.push_back(fd);
  return lockproof::likeness(*tracee_, place, descriptors);
}

Result<std::optional<RunningTracee>> Pupil::meet(StoppedTracee tracee) {
  entered_ = tracee.call();
  raw_ = newer_form(entered_);
  if (raw_.number >= static_cast<long>(OwnCall::kReady)) return own_call(std::move(tracee));
  const bool writes = raw_.number == SYS_write || raw_.number == SYS_writev;
  if (writes && !gate_.descriptors().known(static_cast<int>(raw_.arguments[0]))) {
    const std::string wrong = hearing_.write(tracee, raw_, said_);
    if (!wrong.empty()) {
      tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
      return environment_error(ErrorCode::kNotFollowed, "the program " + wrong);
    }
  }
  const bool input_is_its_own = !gate_.descriptors().known(0);
  const auto asked = asked_of(tracee, raw_);
  if (hearing_.owns_by_words() && input_is_its_own && asked && looks_for_input(*asked)) {
    call_ = Call{.op = Op::kHold};
    tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
    return std::optional<RunningTracee>();
  }
  const auto rests = rest_call(raw_, asked);
  if (rests && !begun_) {
    tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
    return environment_error(ErrorCode::kNotFollowed, fmt::format("the program {}", kRestsAtOnce));
  }
  // Which signals a sigsuspend lets through is not known while it is learned.
  if (rests && raw_.number != SYS_rt_sigsuspend) {
    hearing_.rests(tracee.pid(), said_);
    call_ = *rests;
    tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
    return std::optional<RunningTracee>();
  }
  auto sight = gate_.look(tracee, raw_, *texts_);
  if (std::holds_alternative<Passes>(sight)) {
    return std::optional(std::move(tracee).go_on());
  }
  // Runtimes look at clocks hundreds of times before they begin.
  auto* const matters = std::get_if<Matters>(&sight);
  if (!begun_ && matters != nullptr && matters->call.op == Op::kClockGettime) {
    write_answer(tracee, raw_, matters->call, done(0), *texts_);
    return std::optional(
        std::move(tracee).answer(result_of_time(raw_, told_by(matters->call.flags, 0))));
  }
  if (const auto* settled = std::get_if<Settled>(&sight)) {
    return std::optional(std::move(tracee).answer(settled->result));
  }
  tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
  if (const auto* unknown = std::get_if<UnknownCall>(&sight)) {
    return environment_error(ErrorCode::kRefused, "the program " + unknown->why);
  }
  call_ = std::get<Matters>(sight).call;
  if (call_.op == Op::kExit) {
    const std::string wrong = hearing_.exit(call_.flags & 0xff, said_);
    if (!wrong.empty()) return environment_error(ErrorCode::kDoesNotRun, "the program " + wrong);
  }
  return std::optional<RunningTracee>();
}

Result<std::optional<RunningTracee>> Pupil::own_call(StoppedTracee tracee) {
  if (is(raw_, OwnCall::kReady)) {
    gate_ = Gate(Ground{command_->directory, device_of_ground(tracee.pid(), *command_)},
                 hearing_.launches());
    return std::optional(std::move(tracee).answer(0));
  }
  if (is(raw_, OwnCall::kLost)) {
    std::string why(std::min<std::uint64_t>(raw_.arguments[1], kMostWhyBytes), '\0');
    tracee.read(raw_.arguments[0], why.data(), why.size());
    tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
    return usage_error(ErrorCode::kDoesNotRun, why);
  }
  if (!is(raw_, OwnCall::kOwner)) return std::optional(std::move(tracee).answer(-ENOSYS));
  hearing_.owner(said_);
  call_ = Call{.op = Op::kHold};
  tracee_ = std::make_unique<StoppedTracee>(std::move(tracee));
  return std::optional<RunningTracee>();
}

Result<> Pupil::answer(const Answer& answer) {
  begun_ = begun_ || !is_about_itself(call_.op);
  hearing_.caught(answer.caught, to_say_);
  put_offsets(tracee_->pid(), offsets_);
  auto gone = go_on(answer);
  if (!gone.ok()) return gone.error();
  return arrive(std::move(*gone));
}

Result<RunningTracee> Pupil::go_on(const Answer& answer) {
  const bool done = answer.result >= 0;
  gate_.told_time(call_, answer);
  switch (call_.op) {
    case Op::kHold:
      return give_up(answer);
    case Op::kOpenat:
      if (done) return open(answer);
      break;
    case Op::kClose:
    case Op::kDup:
    case Op::kDup2:
    case Op::kDupAbove:
    case Op::kCloseOnExec:
      if (done) return change_descriptors(answer);
      break;
    case Op::kFork:
      if (done) return fork(answer);
      break;
    case Op::kExecvp:
      if (done) return execute();
      break;
    case Op::kSigaction:
      if (done && !make(raw_)) return has_ended(SIGKILL);
      if (done) return proceed(answer);
      break;
    case Op::kAlarm: {
      Answer told = answer;
      told.result = tell_alarm(*tracee_, raw_, answer);
      return leave(told);
    }
    default:
      if (!write_answer(*tracee_, raw_, call_, answer, *texts_)) {
        return environment_error(ErrorCode::kNotFollowed,
                                 "the program wants an answer where it has no memory");
      }
  }
  if (raw_.number == SYS_time) {
    Answer seconds = answer;
    seconds.result = result_of_time(raw_, told_by(CLOCK_REALTIME, answer.value));
    return leave(seconds);
  }
  return leave(answer);
}

// The call is not made; it returns this.
Result<RunningTracee> Pupil::leave(const Answer& answer) {
  if (answer.caught == 0) {
    RunningTracee running = std::move(*tracee_).answer(answer.result);
    tracee_.reset();
    return running;
  }
  if (!make({SYS_getppid, {}})) return has_ended(SIGKILL);
  // The kernel makes it again then, behind the handler.
  if (answer.result == kCallIsMadeAgain) tracee_->change(entered_);
  tracee_->put_result(answer.result);
  return proceed(answer);
}

// From behind the call; a handler that ran before it returned runs now.
Result<RunningTracee> Pupil::proceed(const Answer& answer) {
  int signal = 0;
  for (unsigned i = 0; i < std::size(kMaskable); ++i) {
    if (answer.caught >> i == 1) signal = kMaskable[i];
  }
  if (answer.caught != 0 && answer.caught != signal_bit(signal)) {
    return environment_error(ErrorCode::kNotFollowed, "two handlers of the program run at once");
  }
  const bool by_timer = signal == SIGALRM;
  if (by_timer) send_alarm(tracee_->pid());
  RunningTracee running = std::move(*tracee_).go_on(by_timer ? 0 : signal);
  tracee_.reset();
  return running;
}

bool Pupil::make(const KernelCall& call) {
  tracee_->change(call);
  RunningTracee running = std::move(*tracee_).make_call();
  tracee_.reset();
  Stop stop = std::move(running).wait();
  auto* const behind = std::get_if<BehindCall>(&stop);
  if (behind == nullptr) return false;
  tracee_ = std::make_unique<StoppedTracee>(std::move(behind->tracee));
  tracee_->put_arguments(entered_);
  return true;
}

// A file without a name and without content takes the number: close, dup and exec do by themselves
// then what they should.
Result<RunningTracee> Pupil::open(const Answer& answer) {
  const std::uint64_t path = tracee_->stack() - kBelowStack;
  const std::string directory = command_->directory;
  tracee_->write(path, directory.c_str(), directory.size() + 1);
  const auto flags = static_cast<std::uint64_t>(O_TMPFILE | O_RDWR | (call_.flags & O_CLOEXEC));
  const auto cwd = static_cast<std::uint64_t>(static_cast<std::int64_t>(AT_FDCWD));
  if (!make({SYS_openat, {cwd, path, flags, 0600}})) return has_ended(SIGKILL);
  const std::int64_t fd = tracee_->result();
  if (fd < 0)
    return environment_error(ErrorCode::kNotWritten,
                             fmt::format("O_TMPFILE in {}: {}", directory, fd));
  gate_.descriptors().follow(raw_, call_, fd, answer.result);
  return proceed(answer);
}

Result<RunningTracee> Pupil::change_descriptors(const Answer& answer) {
  if (!make(raw_)) return has_ended(SIGKILL);
  gate_.descriptors().follow(raw_, call_, tracee_->result(), answer.result);
  return proceed(answer);
}

// It is both: this process goes on as the one whose answer it is.
Result<RunningTracee> Pupil::fork(const Answer& answer) {
  if (answer.result > 0) {
    hearing_.forks();
    return leave(answer);
  }
  hearing_.is_child();
  gate_.is_child();
  spoken_ = {};  // what its parent said, it has not said
  const bool own_stack = raw_.number == SYS_clone && raw_.arguments[1] != 0;
  if (own_stack) tracee_->put_stack(raw_.arguments[1]);
  return leave(answer);
}

Result<RunningTracee> Pupil::execute() {
  RunningTracee running = std::move(*tracee_).make_call();
  tracee_.reset();
  return running;
}

Result<RunningTracee> Pupil::give_up(const Answer& answer) {
  hearing_.gives_up(to_say_);
  if (raw_.number >= static_cast<long>(OwnCall::kReady)) return leave(answer);
  // Who looked for input finds the end of it.
  if (!make(raw_)) return has_ended(SIGKILL);
  return proceed(answer);
}

}  // namespace lockproof
