// SPDX-License-Identifier: Apache-2.0
#include "report/course.h"

#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <sstream>

namespace lockproof {
namespace {

// Which descriptors of a process hold a lock, by what its calls say.
class Locks {
 public:
  // "flock 3 LOCK_EX|LOCK_NB -> 0", "fcntl_lock 3 F_SETLK F_WRLCK 0 0 -> 0", "close 3 -> 0"
  void see(Life life, const std::string& call) {
    std::istringstream words(call);
    std::string name, fd, how, type;
    words >> name >> fd >> how >> type;
    if (!call.ends_with("-> 0")) return;
    const auto has = [](const std::string& text, const char* part) {
      return text.find(part) != std::string::npos;
    };
    if (name == "close" || (name == "flock" && has(how, "LOCK_UN")) ||
        (name == "fcntl_lock" && has(how, "SETLK") && type == "F_UNLCK")) {
      held_[life].erase(fd);
    } else if (name == "flock" || (name == "fcntl_lock" && has(how, "SETLK"))) {
      held_[life].insert(fd);
    }
  }
  void forget(Life life) { held_.erase(life); }

  std::vector<Life> holders() const {
    std::vector<Life> lives;
    for (const auto& [life, fds] : held_) {
      if (!fds.empty()) lives.push_back(life);
    }
    return lives;
  }

 private:
  std::map<Life, std::set<std::string>> held_;
};

// What is so, event by event.
class State {
 public:
  explicit State(const Cast& cast) : cast_(cast) {}

  void see(const Event& event) {
    switch (event.kind) {
      case Kind::kOwns:
        owners_.insert(event.life);
        break;
      case Kind::kGivesUp:
        owners_.erase(event.life);
        break;
      case Kind::kEnded:
        end(event.life);
        break;
      case Kind::kFault:
        if (event.value == SIGKILL) end(event.target);
        break;
      case Kind::kCall:
        if (event.phase == Phase::kPoint) locks_.see(event.life, event.detail);
        break;
      case Kind::kLook:
        if (event.object == Object::kRecord && event.phase != Phase::kBegin) {
          record_ = seen_in_words(event, cast_);
        }
        break;
      default:
        break;
    }
  }
  void write_to(Moment& moment) const {
    moment.owners.assign(owners_.begin(), owners_.end());
    moment.holders = locks_.holders();
    moment.record = record_;
  }

 private:
  // What a dead process holds goes with it, sooner or later; it does nothing with it any more.
  void end(Life life) {
    owners_.erase(life);
    locks_.forget(life);
  }

  const Cast& cast_;
  std::set<Life> owners_;
  Locks locks_;
  std::string record_;
};

}  // namespace

std::vector<Moment> moments_of(std::vector<Row> rows, const History& history, const Cast& cast) {
  std::vector<Moment> moments;
  State state(cast);
  auto event = history.events.begin();
  for (Row& row : rows) {
    Moment& moment = moments.emplace_back();
    for (; event != history.events.end() && event->seq <= row.last; ++event) {
      state.see(*event);
      moment.fault = moment.fault || event->kind == Kind::kFault;
      moment.events.push_back(*event);
    }
    moment.row = std::move(row);
    state.write_to(moment);
  }
  return moments;
}

Course course_of(const RunResult& result) {
  const Finding finding = result.findings.empty() ? Finding{} : result.findings.front();
  const bool steps = !result.run.empty();
  Cast cast =
      steps ? Cast::of_run(finding, result.history, result.run) : Cast(finding, result.history);
  std::vector<Row> rows = steps ? rows_of_steps(finding, result.history, result.run, cast)
                                : rows_of_all_events(finding, result.history, cast);
  std::vector<Moment> moments = moments_of(std::move(rows), result.history, cast);
  return {steps, std::move(cast), std::move(moments)};
}

}  // namespace lockproof
