// SPDX-License-Identifier: Apache-2.0
// Session: what a built-in subject is given, and what it must say.
//
// A built-in subject is the code of one process's life, written against the port (every call
// through sys()). Who owns, and what else a promise is about, is never read from the subject's
// files: the subject says it here, and only here. One attempt is
//
//     claims() -> busy() | failed(why) | owns() -> hold() -> gives_up() -> released()
//
// 1. owns() comes after the last call that makes it the owner; gives_up() before the first one that
// ends it. So the
//    interval between them lies inside the true one, and two that overlap are two owners.
// 2. hold() is where an owner does its work: it returns when the harness wants the owner to give
// up. It may block for long.
// 3. A run may be abandoned in the middle: then sys() throws through the subject, except from
// close() and getpid(). So it
//    catches nothing that it does not know, and its destructors ask for nothing else.
// 4. The subject keeps no state outside the attempt: no globals, no threads, no libc call that
// enters the kernel behind
//    the port's back. The same answers must give the same calls.
// 5. What is said is true from the answer on that the subject got last; decides() and destroys()
// belong to the call that follows. A process does one act of a kind at a time, and ends it before
// it begins the next one.
#pragma once

#include <string>
#include <string_view>

#include "core/event.h"
#include "port/sys.h"

namespace lockproof {

class Session {
 public:
  virtual ~Session() = default;

  virtual solo::port::Sys& sys() = 0;
  // Is this a process of the host that nobody steps? Then what a subject leaves to libc (a handler
  // that runs at fork) means something; else its calls are what it does, and nothing else.
  virtual bool on_host() const = 0;
  virtual const std::string& dir()
      const = 0;  // the run's private directory; absolute, exists, 0700

  void claims() { say(Kind::kClaim); }
  void busy() { say(Kind::kBusy); }
  void failed(std::string_view) { say(Kind::kFailed); }  // why: for who reads the code
  void owns() { say(Kind::kOwns); }
  virtual void hold() = 0;
  void gives_up() { say(Kind::kGivesUp); }
  void released() { say(Kind::kReleased); }

  // A loop begins anew here, and nothing of its earlier rounds is remembered: what is asked from
  // here on depends on the answers to come alone. Rounds become one place of the program, so that
  // a search can see what goes on for ever. Who remembers after all is found out. On the host it
  // means nothing.
  virtual void repeats() {}

  // Work that has no end of its own: it returns when a SIGTERM comes. A daemon that nobody stops
  // serves for ever. On the host also when the run is over.
  virtual void serves() = 0;

  // In a forked child, before its first call: what it is, and that it speaks for itself from now
  // on. Else it is a child, with no life of its own in the eyes of a promise.
  void begins_as(Role role) { say(Kind::kStart, Phase::kPoint, static_cast<std::int8_t>(role)); }

  // A side-effect-free status query begins and ends; for verbs that probe.
  void probes() { say(Kind::kProbe, Phase::kBegin); }
  void probed() { say(Kind::kProbe, Phase::kEnd); }

  // An instance can be used by others from now on.
  void ready() { say(Kind::kReady); }

  // Whom it will signal as the owner is settled by what it asks from here on: what it asked before
  // is not enough for that.
  void picks() { say(Kind::kPick); }

  // A stop that a user asked for is under way: from when its announcement can be seen by who would
  // start an instance, to before the first call that withdraws it.
  void stops() { say(Kind::kStop, Phase::kBegin); }
  void stopped() { say(Kind::kStop, Phase::kEnd); }

  // A start that nobody asked for: decides() after the last look at whether one is needed and
  // allowed, before the first call that starts it; spawned() when a process was started for it. So
  // what happened between look and start is judged. Or refrained(), instead of both.
  void decides() { say(Kind::kAutoStart, Phase::kBegin); }
  void spawned() { say(Kind::kAutoStart, Phase::kEnd, 1); }
  void refrained() {
    decides();
    say(Kind::kAutoStart, Phase::kEnd, 0);
  }

  // A destructive command: destroys() after its last look at whether it may, before the first call
  // that cannot be undone; destroyed() after that call. Or refused(), instead of both.
  void destroys() { say(Kind::kDestroy, Phase::kBegin); }
  void destroyed() { say(Kind::kDestroy, Phase::kEnd, 1); }
  void refused() {
    destroys();
    say(Kind::kDestroy, Phase::kEnd, 0);
  }

 protected:
  // `value`: as core/events.def has it.
  virtual void say(Kind kind, Phase phase = Phase::kPoint, std::int8_t value = 0) = 0;
};

}  // namespace lockproof
