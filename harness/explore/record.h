// SPDX-License-Identifier: Apache-2.0
// Recorder: writes the history of a run that is driven by choices, so that the invariants judge it
// as they judge any other. It looks at the run from outside: choices, calls, answers, what
// processes say, states, and contents of the files that matter.
//
// Each step writes its events in this order: the start of a process that begins with it, with what
// that said before its first call; the acts that begin with its call; a fault or a signal; the
// call; changes of watched files, each with a look at a changed record or side file; ends (a
// process ends when it begins to die); what was said then. Where somebody says that it owns, these
// files are looked at, too. All are points: a step is one.
//
// Life = place + 1. Looks are the harness's. At the end each process that lives gives a sign of
// life (the beginning of the call that it is in). A run at rest ends in a quiet window, with such
// signs after it; and if a process depends on its parent, the clock goes on for ever before them:
// at rest nothing else would happen.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/history.h"
#include "explore/moves.h"

namespace lockproof {

// What an outsider knows of the subject.
struct Outside {
  struct Watched {
    std::string path;  // from the world's directory()
    Object object = Object::kNone;
  };
  std::vector<Watched> files;      // of a path that is there twice, the first counts
  std::string lock;                // the file that is locked; "": not known
  ReadPid read_record{};           // null: as read_pid_text()
  ReadPid read_side{};             // likewise
  std::vector<std::string> roles;  // by place of the cast; "" or shorter: contender
  bool texts = true;               // calls are written out, for people
  // They are programs of somebody else: what a loser's exit status is, or a child's, is their own
  // matter.
  bool of_somebody_else = false;
};

class Recorder {
 public:
  // All outlive this.
  Recorder(Moves& moves, const Outside& outside) : moves_(moves), outside_(outside) {}

  // After Moves::reset().
  void begin();
  // The setup is done: what happened until now is no step of the run.
  void setup_is_over() { ends_.clear(); }
  // Before and after Moves::apply(), around each step.
  void before(Choice choice);
  void after(const Step& step);
  // The signs of life. Nothing can be added then but by going back.
  void finish(bool at_rest);

  const std::vector<Event>& events() const { return events_; }
  // The number of steps with which the event `seq` had happened.
  std::size_t steps_until(std::uint64_t seq) const;
  // Whether the order of the last step among the others counts for the claims that read who owns
  // and what is recorded; and for any claim. See dependence.h.
  bool visible() const { return visible_; }
  bool audible() const;

  // Who was ever told that it owns, by place.
  std::uint32_t owned() const { return state_.owned; }

  // To go back: with the world and the moves.
  struct State {
    std::size_t events = 0, steps = 0;
    std::uint32_t started = 0, ended = 0, owns = 0, owned = 0;  // by place
    std::vector<std::optional<World::File>> files;
    std::optional<World::Locked> locked;                  // as last looked at
    std::uint32_t quiet = 0;                              // by place: a window of its own is open
    std::map<std::pair<unsigned, int>, unsigned> pidfds;  // of a place -> a place
    std::uint32_t about_to_start = 0, about_to_destroy = 0;  // by place: with its next call
    std::int64_t tick_ms = 0;
    std::map<unsigned, std::uint32_t> sent;  // signals to a place, by their numbers
    bool dependants = false;                 // there was one
    bool picks = false;                      // somebody has begun to look at whom it will signal
    std::uint32_t lost = 0;                  // by place: was told that another one owns
    std::uint32_t claimed = 0;               // by place
  };
  State mark() const;
  void back_to(const State& state);

 private:
  void add(Life life, Kind kind, Phase phase, std::int64_t value = 0, Life target = kHarness,
           std::string detail = {}, Object object = Object::kNone);
  void start(unsigned place, Life parent);
  void say(unsigned place);
  void begin_acts(unsigned place, bool start, bool destroy);
  void write_fault(Choice choice);
  void write_errno(unsigned place, unsigned which);
  void write_call(const Step& step);
  void write_signal(const Step& step);
  void write_changes(const Step& step);
  void write_ends();
  void look(Object object);
  void look_at_lock();
  void write_signs_of_life();
  std::string role_at(unsigned place, Life parent);
  void open_windows(unsigned late);
  void close_windows();

  Moves& moves_;
  const Outside& outside_;
  std::vector<Event> events_;
  std::vector<std::size_t> ends_;  // events after each step
  State state_;
  unsigned places_ = 0;         // before the step
  std::size_t step_begin_ = 0;  // in events_
  bool visible_ = false;
};

}  // namespace lockproof
