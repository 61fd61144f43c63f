// SPDX-License-Identifier: Apache-2.0
// A wrapper holds its lock while it runs {critical}. The process behind {critical} is the owner,
// with a life of its own: it may outlive the wrapper (and rightly owns on, if the lock was left to
// it), or be the same process (if the wrapper became it).
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "program/command.h"
#include "stress/output_sink.h"
#include "stress/player.h"
#include "subject/expand_command.h"

namespace lockproof {
namespace {

constexpr int kDieOneIn = 20;
constexpr std::size_t kMostEnds = 256;

class WrapperPlayer final : public Player {
 public:
  explicit WrapperPlayer(const Stage& stage) : stage_(stage) {}

  void prepare(Member& member) override {
    member.critical = stage_.witness.new_life();
    stage_.ledger.introduce(member.critical, {member.life, "contender"});
    by_critical_[member.critical] = &member;
  }

  [[noreturn]] void play(Member& member) override {
    ::dup2(sink_.write_end(), STDOUT_FILENO);
    ::dup2(sink_.write_end(), STDERR_FILENO);
    const std::vector<std::string> critical = {
        stage_.helper,
        "own",
        stage_.cage.dir + "/witness",
        std::to_string(member.critical),
        std::to_string(stage_.seed),
        std::to_string(stage_.self_kill ? kDieOneIn : 0),
    };
    stage_.witness.append({Kind::kStart, Phase::kPoint, Object::kNone, member.life, ::getpid()});
    stage_.witness.append({Kind::kClaim, Phase::kPoint, Object::kNone, member.life});
    become(expand_command(stage_.scenario, stage_.run_dir, critical));
  }

  void hear(const Event& event) override {
    const auto found = by_critical_.find(event.life);
    if (found == by_critical_.end()) {
      if (event.kind == Kind::kStart && left_.erase(event.life) > 0) {
        follow(static_cast<pid_t>(event.value), event.life);
      }
      return;
    }
    Member& member = *found->second;
    if (event.kind == Kind::kStart) member.critical_pid = static_cast<pid_t>(event.value);
    if (event.kind == Kind::kReleased) member.critical_done = true;
    if (event.kind == Kind::kFault) member.critical_done = member.critical_died = true;
  }

  bool ended(Member& member, int status) override {
    by_critical_.erase(member.critical);
    // A kill may come when it has ended by itself.
    const bool was_killed = member.killed && WIFSIGNALED(status);
    if (is_daemon() && !was_killed) return start_ended(member, status);
    if (member.critical_pid == -1) {
      if (is_daemon()) left_.insert(member.critical);
      return ended_without_owning(member, status);
    }
    const bool gone = member.critical_done || !member.killed || member.critical_pid == member.pid;
    if (gone) {
      const int critical_status = member.critical_pid == member.pid ? status
                                  : member.critical_died            ? SIGKILL
                                                                    : 0;
      note_end(member.critical, critical_status);
    } else {
      follow(member.critical_pid, member.critical);
    }
    return status == 0 || member.critical_died || member.killed;
  }

  void orphan_ended(pid_t pid, int status) override {
    const auto found = orphans_.find(pid);
    if (found == orphans_.end()) {
      ends_.emplace_back(pid, status);
      if (ends_.size() > kMostEnds) ends_.pop_front();
      return;
    }
    note_end(found->second, status);
    orphans_.erase(found);
  }

  void tend(std::int64_t) override { sink_.empty(); }

  std::string remark() const override {
    if (sink_.bytes() == 0) return "";
    return fmt::format("the subject printed {} bytes: {}", sink_.bytes(),
                       sink_.kept().substr(0, 160));
  }

 private:
  bool is_daemon() const {
    return stage_.scenario.subject.command->type == CommandSubject::Type::kDaemon;
  }

  // Its owner lives on, has ended, or is still to begin: it is followed by its own events and end.
  bool start_ended(Member& member, int status) {
    if (member.critical_pid != -1) {
      follow(member.critical_pid, member.critical);
      return status == 0 || member.critical_died;
    }
    left_.insert(member.critical);
    return status == 0 || ended_without_owning(member, status);
  }

  // Its end may be known before its beginning is heard of.
  void follow(pid_t pid, Life life) {
    const auto end = std::find_if(ends_.begin(), ends_.end(),
                                  [&](const auto& known) { return known.first == pid; });
    if (end == ends_.end()) {
      orphans_[pid] = life;
      return;
    }
    note_end(life, end->second);
    ends_.erase(end);
  }

  bool ended_without_owning(Member& member, int status) {
    const auto& busy = stage_.scenario.subject.command->busy_exit;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const bool is_busy = busy.empty() ? code > 0 && !could_not_run(code)
                                      : std::find(busy.begin(), busy.end(), code) != busy.end();
    if (WIFEXITED(status)) {
      stage_.ledger.note({.life = member.life, .kind = is_busy ? Kind::kBusy : Kind::kFailed});
    }
    return is_busy || member.killed;
  }

  void note_end(Life life, int status) {
    stage_.ledger.note({.life = life, .kind = Kind::kEnded, .value = status, .detail = "expected"});
  }

  Stage stage_;
  OutputSink sink_;
  std::map<Life, Member*> by_critical_;
  std::map<pid_t, Life> orphans_;           // critical sections whose wrapper, or start, has ended
  std::set<Life> left_;                     // of starts that have ended, and have not begun yet
  std::deque<std::pair<pid_t, int>> ends_;  // the latest of orphans that are not known
};

}  // namespace

std::unique_ptr<Player> make_wrapper_player(const Stage& stage) {
  return std::make_unique<WrapperPlayer>(stage);
}

}  // namespace lockproof
