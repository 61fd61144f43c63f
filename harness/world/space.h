// SPDX-License-Identifier: Apache-2.0
// Space: a world whose states are values, for a search that keeps each state once.
//
//  1. A state is a few words, opaque, and canonical: two that have equal futures are, as far as the
//     space can tell, one. What was renamed to get there (pids, places of identical contenders) is
//     renamed in all that the space says about it.
//  2. expand() gives everything that can happen next in a state: each is a Transition and the state
//     after it. Equal states have equal expansions. Nothing next: all is at rest. Kills that sleep
//     are left out if the caller says so: see Successor.
//  3. A fingerprint depends on what the state is, not on when or by which thread it was found: it
//     is the same in every run of the same version. Its high half is as good as random.
//  4. What the model does not know is counted in refusals() and leads nowhere: a search that met
//     one has not seen everything, and may not say so.
//
// Const functions may be called by several threads at once, while nobody calls another one. A State
// is valid as long as its space.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/event.h"
#include "core/result.h"
#include "core/schedule.h"

namespace lockproof {

inline constexpr unsigned kPlaces = 8;  // processes that exist at once

struct State {
  std::array<std::uint32_t, 12> words{};
  bool operator==(const State&) const = default;
};

struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Fingerprint&) const = default;
};

// Processes, one bit a place.
using Places = std::uint8_t;

inline constexpr std::int8_t kRecordAbsent = -1;
inline constexpr std::int8_t kRecordEmpty = -2;
inline constexpr std::int8_t kRecordTorn = -3;
inline constexpr std::int8_t kRecordOther = -4;  // the pid of no process that is there
inline constexpr std::int8_t kRecordNone = -5;   // the subject has no such file
inline constexpr std::int8_t kLockFree = 0;
inline constexpr std::int8_t kLockHeld = 1;
inline constexpr std::int8_t kLockOrphan = 2;  // held on a file that the name no longer reaches

// What can be asked about a state without knowing its processes' code.
struct Facts {
  Places present = 0;    // there at all, zombies included
  Places alive = 0;      // not dying: it can still act
  Places cast = 0;       // of those present: neither a forked child nor a stranger
  Places strangers = 0;  // has nothing to do with it
  Places claiming = 0;   // of those alive, by what it said last
  Places busy = 0;
  Places owns = 0;
  Places gives_up = 0;
  Places probing = 0;
  std::int8_t record = 0;          // who the record names: a place, or one of the kRecord...
  std::int8_t lock = 0;            // kLock...
  std::int8_t side = kRecordNone;  // whom the side file names; as `record`
  Places orphans = 0;              // of those alive, depends on its parent, which has ended
};
// What can be asked about a state in which nothing happens any more, besides its facts.
struct Rest {
  Places instances = 0;     // which live, and are owners or have never claimed
  Places left_behind = 0;   // instances whose start failed
  bool calm = false;        // nobody claims, gives up, or is in the middle of an act
  bool started = false;     // an instance or a launcher ever was
  bool on_purpose = false;  // something was stopped, failed, gave up, or was struck
  bool launched = false;    // the last one to begin was to start who owns
};

// Of a step: a promise about two processes that it broke.
using Breaks = std::uint8_t;
inline constexpr Breaks kStartsInAStop = 1;      // an automatic start, all of it during a stop
inline constexpr Breaks kDestroysTheOwned = 2;   // a destructive command, all of it while one owned
inline constexpr Breaks kSignalsUnasked = 4;     // an instance that a user started
inline constexpr Breaks kSignalsTheReady = 8;    // an instance that others use
inline constexpr Breaks kSignalsTheFormer = 16;  // one that had given up before it was picked
inline constexpr Breaks kStartsNeedlessly = 32;  // an automatic start, all of it while one owned

// What happened on the way from one state to the next. Places are those before the step.
struct Transition {
  // kContinue: one that a fault had stopped goes on.
  enum class Kind : std::uint8_t { kCall, kDeath, kFault, kContinue, kClock };
  Choice choice;  // with places for actors and victims; a pid for the dead one of a pid_reuse
  Kind kind = Kind::kCall;
  std::uint8_t place = 0;  // who acted, or the victim
  // 1 + Change, four bits each: of the record, the lock, the side file; the record's lowest
  std::uint16_t changed = 0;
  std::uint8_t signalled = 0xff;  // the place that it sent a signal to
  std::uint8_t born = 0;          // its pid, as the space numbers them, where one was born
  Breaks breaks = 0;
  bool tree_changed : 1 = false;  // any name or content
  bool probing : 1 = false;       // it asked who owns, also if that was its first step
  bool pauses : 1 = false;        // it waited for time to pass, or was the work of an owner
  bool exits_in_error : 1 = false;
  // In this attempt it has changed what was another's, while that one owned.
  bool touched : 1 = false;
  bool said_busy : 1 = false;  // it was told busy by this step
  bool said_failed : 1 = false;
  // The late contender ended, or was told busy, without having owned.
  bool late_lost : 1 = false;
};

struct Successor {
  State state;
  Fingerprint fingerprint;
  Transition step;
  // Who is where in `state`: the process that is at place i was at place order[i] before.
  std::array<std::uint8_t, kPlaces> order{};
  // Places in `state` whose kill sleeps: what it leads to is also met by the same kill before this
  // step, and then this step. So a search that tries the others meets every state, none of them
  // later (sleep sets: Godefroid, "Partial-Order Methods for the Verification of Concurrent
  // Systems", 1996; kept for kills alone, which are nearly half of all steps).
  Places asleep = 0;
};

// What a step asks. Steps whose questions are the same differ only in what neither the kernel nor
// the program that acts can know.
struct Questions {
  Fingerprint kernel;   // who asks what of it, and whatever the answer can depend on
  Fingerprint program;  // what it makes of the answer, at a place in it; as `kernel`: nothing
};

// Who is at which place, as people and other worlds number processes: by their births.
struct Numbers {
  std::array<std::uint8_t, kPlaces> of{};  // by place
  std::uint8_t born = 0;                   // the next one gets this
  // Who had it last since the last boot; only where the space has pids as they are.
  std::array<std::uint8_t, 256> of_pid{};
};

class Space {
 public:
  virtual ~Space() = default;

  virtual State first() const = 0;
  virtual Numbers numbers() const = 0;  // in first()
  virtual Fingerprint fingerprint(const State& state) const = 0;

  // Appends to `out`, and learns what it must to do so. Errors: as Program::next().
  // `asleep`: as the successor had it that was this state; 0: nothing is left out.
  virtual Result<> expand(const State& state, Places asleep, std::vector<Successor>& out) = 0;
  // The same where nothing has to be learned. False: something has, and `out` is as before.
  virtual bool expand_known(const State& state, Places asleep,
                            std::vector<Successor>& out) const = 0;
  // What `next`, one of the successors of `from`, asks.
  virtual Questions questions(const State& from, const Successor& next) const = 0;
  virtual Facts facts(const State& state) const = 0;
  // REQUIRES: nothing happens in it any more.
  virtual Rest rest(const State&) const { return {}; }
  // A hint: this state is expanded soon.
  virtual void prefetch(const State& state) const = 0;

  // The first few sentences, and how many there were in all.
  virtual const std::vector<std::string>& refusals() const = 0;

  // States in a form that means the same in another process, whose space has the same start and is
  // of the same version. unpack() gives them in the order of pack(); what is none of this space's
  // is an error (kUsage), as far as that can be told without its fingerprint.
  virtual void pack(std::span<const State> states, ByteWriter& out) const = 0;
  virtual Result<std::vector<State>> unpack(ByteReader& in) = 0;

  virtual std::size_t bytes() const = 0;  // of memory that it uses, roughly
  // Needed at once when something grows soon; 0 while that is far.
  virtual std::size_t bytes_to_grow() const = 0;
};

}  // namespace lockproof
