// SPDX-License-Identifier: Apache-2.0
// A worker prints a word when it has acquired, waits for the end of its input, gives up, prints a
// word.
//
// What a worker says is noted by the engine on its behalf, so it is noted only while it is
// certainly true: `owns` when the word has been read and the worker is still alive, `gives_up` when
// it is still alive and about to be told. A worker that gives up without being told makes all of
// this guesswork; that is trouble, not evidence.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "core/random.h"
#include "stress/output_sink.h"
#include "stress/player.h"
#include "subject/expand_command.h"

namespace lockproof {
namespace {

constexpr std::size_t kLineBytes = 4096;  // of a line longer than that, the rest is dropped
constexpr int kEventsATurn = 256;

class WorkerPlayer final : public Player {
 public:
  explicit WorkerPlayer(const Stage& stage)
      : stage_(stage), random_(stage.seed, 1), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  void prepare(Member& member) override {
    std::array<int, 2> in{-1, -1};
    std::array<int, 2> out{-1, -1};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
      trouble_ = fmt::format("cannot make pipes for a worker: {}", strerror(errno));
      return;
    }
    child_in_ = Fd(in[0]);
    member.in = Fd(in[1]);
    member.out = Fd(out[0]);
    child_out_ = Fd(out[1]);
    ::fcntl(member.out.get(), F_SETFL, O_NONBLOCK);
    struct epoll_event event {};
    event.events = EPOLLIN;
    event.data.ptr = &member;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, member.out.get(), &event);
  }

  [[noreturn]] void play(Member& member) override {
    ::dup2(child_in_.get(), STDIN_FILENO);
    ::dup2(child_out_.get(), STDOUT_FILENO);
    ::dup2(sink_.write_end(), STDERR_FILENO);
    stage_.witness.append({Kind::kStart, Phase::kPoint, Object::kNone, member.life, ::getpid()});
    stage_.witness.append({Kind::kClaim, Phase::kPoint, Object::kNone, member.life});
    become(expand_command(stage_.scenario, stage_.run_dir, {}));
  }

  void about_to_signal(Member& member, int signal) override {
    if (signal == SIGTERM) note_give_up(member);
  }

  void tend(std::int64_t now_ms) override {
    now_ms_ = now_ms;
    child_in_.reset();  // the worker has its own copies by now
    child_out_.reset();
    sink_.empty();
    std::array<struct epoll_event, kEventsATurn> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsATurn, 0);
    for (int i = 0; i < count; ++i)
      listen(*static_cast<Member*>(events[static_cast<std::size_t>(i)].data.ptr));
    for (auto at = holding_.begin(); at != holding_.end();) {
      Member& member = **at;
      if (member.give_up_at_ms > now_ms) {
        ++at;
        continue;
      }
      at = holding_.erase(at);
      give_up(member);
    }
  }

  bool ended(Member& member, int status) override {
    listen(member);
    stop_listening(member);
    holding_.erase(&member);
    const auto& busy = stage_.scenario.subject.command->busy_exit;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const bool busy_code = code > 0 && std::find(busy.begin(), busy.end(), code) != busy.end();
    if (busy_code && !member.said_busy) note(member, Kind::kBusy);
    if (code > 0 && !busy_code) note(member, Kind::kFailed);
    return code == 0 || busy_code || member.killed;
  }

  void close() override {
    while (!holding_.empty()) {
      Member& member = **holding_.begin();
      holding_.erase(holding_.begin());
      give_up(member);
    }
    closing_ = true;
  }

  std::string trouble() const override { return trouble_; }

  std::string remark() const override {
    if (sink_.bytes() == 0) return "";
    return fmt::format("the subject printed {} bytes on standard error: {}", sink_.bytes(),
                       sink_.kept().substr(0, 160));
  }

 private:
  void note(const Member& member, Kind kind) {
    stage_.ledger.note({.life = member.life, .kind = kind});
  }
  void note_give_up(Member& member) {
    if (member.owns && alive(member)) note(member, Kind::kGivesUp);
    member.owns = false;
    member.told = true;
  }
  static bool alive(const Member& member) {
    siginfo_t info{};
    return !member.killed &&
           ::waitid(P_PIDFD, static_cast<id_t>(member.pidfd.get()), &info,
                    WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }
  void give_up(Member& member) {
    note_give_up(member);
    member.in.reset();
  }

  // Closing alone does not take it out of the epoll set (epoll(7)): a process that was forked, and
  // does not execute its program yet, has the same pipe open, and events would name a member that
  // is gone.
  void stop_listening(Member& member) {
    if (!member.out) return;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, member.out.get(), nullptr);
    member.out.reset();
  }

  void listen(Member& member) {
    std::array<char, 4096> buffer;
    const ssize_t size = member.out ? ::read(member.out.get(), buffer.data(), buffer.size()) : -1;
    if (size == 0) stop_listening(member);
    for (ssize_t i = 0; i < size; ++i) {
      const char c = buffer[static_cast<std::size_t>(i)];
      if (c == '\n') {
        hear_line(member);
        member.line.clear();
      } else if (member.line.size() < kLineBytes) {
        member.line += c;
      }
    }
  }

  void hear_line(Member& member) {
    const CommandSubject& command = *stage_.scenario.subject.command;
    if (member.line == command.says_acquired) {
      hear_acquired(member);
    } else if (member.line == command.says_busy) {
      note(member, Kind::kBusy);
      member.said_busy = true;
      member.in.reset();
    } else if (member.line == command.says_released) {
      if (!member.told) {
        trouble_ = fmt::format("a worker printed '{}' before it was told to give up", member.line);
      } else if (alive(member)) {
        note(member, Kind::kReleased);
      }
    }
  }

  void hear_acquired(Member& member) {
    if (!alive(member) || member.told) return;
    note(member, Kind::kOwns);
    member.owns = true;
    const std::uint32_t hold_ms = random_.below(stage_.hold_us_max + 1) / 1000;
    member.give_up_at_ms = closing_ ? 0 : now_ms_ + hold_ms;
    holding_.insert(&member);
  }

  Stage stage_;
  Random random_;
  Fd epoll_;
  Fd child_in_, child_out_;
  OutputSink sink_;
  std::set<Member*> holding_;
  std::string trouble_;
  std::int64_t now_ms_ = 0;
  bool closing_ = false;
};

}  // namespace

std::unique_ptr<Player> make_worker_player(const Stage& stage) {
  return std::make_unique<WorkerPlayer>(stage);
}

}  // namespace lockproof
