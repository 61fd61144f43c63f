// SPDX-License-Identifier: Apache-2.0
// Session: what a built-in subject is given, and what it must say.
//
// A built-in subject is the code of one contender's life, written against the port (every call
// through sys()). Who owns is never read from the subject's files: the subject says it here, and
// only here. One attempt is
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
#pragma once

#include <string>
#include <string_view>

#include "port/sys.h"

namespace lockproof {

class Session {
 public:
  virtual ~Session() = default;

  virtual solo::port::Sys& sys() = 0;
  // Is this a process of the host? Then what a subject leaves to libc (a handler that runs at fork)
  // means something; else a descriptor is a number of a simulated kernel, and nothing of libc's.
  virtual bool on_host() const = 0;
  virtual const std::string& dir()
      const = 0;  // the run's private directory; absolute, exists, 0700

  virtual void claims() = 0;
  virtual void busy() = 0;
  virtual void failed(std::string_view why) = 0;
  virtual void owns() = 0;
  virtual void hold() = 0;
  virtual void gives_up() = 0;
  virtual void released() = 0;

  // A loop begins anew here, and nothing of its earlier rounds is remembered: what is asked from
  // here on depends on the answers to come alone. Rounds become one place of the program, so that
  // a search can see what goes on for ever. Who remembers after all is found out. On the host it
  // means nothing.
  virtual void repeats() {}

  // A side-effect-free status query begins and ends; for verbs that probe.
  virtual void probes() = 0;
  virtual void probed() = 0;
};

}  // namespace lockproof
