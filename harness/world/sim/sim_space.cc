// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_space.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <map>
#include <utility>

#include "sim/home.h"
#include "sim/packing.h"

namespace lockproof::sim {

Result<std::unique_ptr<SimSpace>> SimSpace::make(SpaceStart start, Tables& tables) {
  std::unique_ptr<SimSpace> space(new SimSpace(std::move(start), tables));
  if (auto begun = space->begin(); !begun.ok()) return begun.error();
  return space;
}

SimSpace::SimSpace(SpaceStart start, Tables& tables)
    : start_(std::move(start)),
      tables_(tables),
      naming_(tables.texts),
      store_(tables, naming_, start_.roles),
      steps_(tables, naming_, store_, nodes_, start_.rules) {}

Result<> SimSpace::begin() {
  cast_.size = static_cast<unsigned>(start_.cast.size());
  cast_.time = start_.rules.time;
  cast_.pids = start_.rules.pids;
  cast_.launches = start_.rules.launches;
  Situation situation{};
  situation.kernel = boot_with_home(tables_);
  for (const auto& [name, content] : start_.files) {
    if (auto put = put_file(situation.kernel, tables_, name, content); !put.ok()) return put;
  }
  set_uptime(situation.kernel, start_.uptime_ns);
  // To who lives below, a number in a file is another one's name.
  if (!start_.namespaces.empty() && start_.rules.pids == Pids::kSymbolic) {
    return usage_error(ErrorCode::kNamespaces, "pid namespaces are searched with pids as they are");
  }
  std::map<const Program*, unsigned> programs;
  for (unsigned slot = 0; slot < kProcesses; ++slot) put(first_, slot, kNoProcess, nodes_);
  std::array<std::uint8_t, kProcesses> kinds{};
  Steps::Beginning beginning{};
  for (const Contender& contender : start_.cast) {
    const auto place = static_cast<std::size_t>(&contender - start_.cast.data());
    const unsigned space = place < start_.namespaces.size() ? start_.namespaces[place] : 0;
    const std::uint8_t slot = spawn(situation.kernel, kHomeInode, space);
    if (slot == kNone)
      return usage_error(ErrorCode::kTooMany, "more processes than the model holds");
    auto [program, fresh] = programs.try_emplace(contender.program, 0);
    if (fresh) program->second = nodes_.add(*contender.program);
    NodeRef node = Nodes::first_of(program->second);
    if (start_.rules.pids == Pids::kSymbolic) {
      situation.views[slot] = {{situation.kernel.processes[slot].pid}, 1};
    }
    if (auto opened = steps_.open(situation, slot, node); !opened.ok()) return opened;
    put(first_, slot, node, nodes_);
    if (contender.late) cast_.late |= bit(slot);
    if (start_.rules.remember.roles) {
      situation.remembered.role[slot] = static_cast<std::uint8_t>(contender.role);
    }
    note_birth(slot, situation.kernel.processes[slot].pid);
    beginning[slot] = Nodes::first_of(program->second);
    const bool exchangeable = start_.symmetry && start_.rules.pids == Pids::kSymbolic &&
                              !contender.late && slot >= start_.setup;
    kinds[slot] = exchangeable ? static_cast<std::uint8_t>(program->second + 1) : std::uint8_t{0};
  }
  // Nobody has begun: what they say before their first call is said with it.
  first_.words[kTouchedOwnsClaimingBusy] = first_.words[kGivesUpProbingOthersBegun] = 0;
  for (const int pid : start_.strangers) {
    const std::uint8_t slot = spawn_stranger(situation.kernel, kHomeInode, pid);
    if (slot == kNone)
      return usage_error(ErrorCode::kTooMany,
                         fmt::format("no place for a stranger with pid {}", pid));
    put(first_, slot, kStranger, nodes_);
    note_birth(slot, pid - kPidBase);
  }
  // What a file says of the clock outlives a boot, and the clock begins anew: then it counts from
  // the beginning what time it is, though nobody has looked yet.
  if (start_.faults[static_cast<unsigned>(FaultLeft::kReboot)] > 0) situation.kernel.clock_read = 1;
  if (!canonicalize(situation, kSameOrder, start_.rules.pids, tables_, naming_)) {
    return usage_error(ErrorCode::kTooMany, "the start mentions more pids than the model holds");
  }
  first_.words[kSituation] = store_.put(situation);
  // No faults come during the setup, and nobody changes places.
  if (auto ready = set_up(); !ready.ok()) return ready;
  for (unsigned i = 0; i < start_.faults.size(); ++i) {
    first_.words[kFaults] |= std::uint32_t{std::min<std::uint8_t>(start_.faults[i], 15)} << (4 * i);
  }
  cast_.kind = kinds;
  cast_.exchangeable = kinds != std::array<std::uint8_t, kProcesses>{};
  steps_.set_beginning(beginning);
  return Nothing{};
}

void SimSpace::note_birth(unsigned slot, int pid) {
  numbers_.of_pid[static_cast<std::uint8_t>(pid)] = numbers_.born;
  numbers_.of[slot] = numbers_.born++;
}

// Which of the dead had which number, only pids say.
bool SimSpace::pids_are_numbers() const {
  const auto asked = [&](FaultLeft fault) {
    return start_.faults[static_cast<unsigned>(fault)] > 0;
  };
  return steps_.pids_are_numbers() || asked(FaultLeft::kPidReuse) || asked(FaultLeft::kReboot);
}

// As Moves::setup_step() says. What symbolic pids cannot say ends it: pids_are_numbers() then.
Result<> SimSpace::set_up() {
  std::vector<Successor> successors;
  for (std::uint8_t place = 0; place < start_.setup;) {
    const Facts now = facts(first_);
    unsigned at = 0;  // a child may have the slot of who is gone
    while (at < kProcesses && !(has(now.present, at) && numbers_.of[at] == place)) ++at;
    const bool gone = at == kProcesses;
    if ((gone && !cast_.launches) || (!gone && has(now.owns, at))) {
      ++place;
      continue;
    }
    successors.clear();
    if (auto expanded = expand(first_, 0, successors); !expanded.ok()) return expanded;
    const Successor* const next = next_of_setup(place, successors);
    if (next == nullptr && gone && refusals().empty()) {  // whom it has started has come to rest
      ++place;
      continue;
    }
    if (next == nullptr) {
      if (start_.rules.pids == Pids::kSymbolic && steps_.pids_are_numbers()) return Nothing{};
      return usage_error(ErrorCode::kSetup,
                         refusals().empty()
                             ? fmt::format("setup: process {} neither owns nor ends, but waits",
                                           static_cast<char>('A' + place))
                             : "setup: " + refusals().front());
    }
    each_of(facts(next->state).present & ~now.present,
            [&](unsigned slot) { note_birth(slot, next->step.born); });
    first_ = next->state;
  }
  return Nothing{};
}

// The process itself, else the first of the children, else the clock.
const Successor* SimSpace::next_of_setup(unsigned place,
                                         const std::vector<Successor>& successors) const {
  const Successor* next = nullptr;
  unsigned best = kNone;
  for (const Successor& successor : successors) {
    const bool clock = successor.step.kind == Transition::Kind::kClock;
    const unsigned number = clock ? kNone - 1u : numbers_.of[successor.step.place];
    const unsigned rank = number == place ? 0 : number;
    const bool may = number == place || number >= start_.cast.size();
    if (!may || rank >= best) continue;
    best = rank;
    next = &successor;
  }
  return next;
}

Rest SimSpace::rest(const State& state) const {
  const SituationId id = state.words[kSituation];
  const About& about = store_.about(id);
  const Remembered remembered = store_.get(id).remembered;
  Rest rest;
  rest.left_behind = remembered.left_behind;
  rest.started = remembered.started != 0;
  rest.on_purpose = remembered.on_purpose != 0 || state.words[kFaults] != first_.words[kFaults];
  rest.launched = cast_.launches && cast_.late != 0;
  rest.calm = (remembered.stopping | remembered.starting | remembered.destroying) == 0;
  each_of((about.running | about.stopped) & begun(state), [&](unsigned slot) {
    const NodeRef node = state.words[kNodes + slot];
    if (!Nodes::is_node(node)) return;
    const NodeAbout& process = nodes_.about(node);
    const auto role = static_cast<Role>(remembered.role[slot]);
    const bool owns = process.attempt == Attempt::kOwns;
    // A child that owns, and a launcher that does, has become one.
    const bool became = owns && (role == Role::kChild || role == Role::kLauncher);
    const bool instance = became || role == Role::kInstance || role == Role::kUserInstance;
    const bool counts = !process.has_claimed || owns;
    if (instance && counts) rest.instances |= bit(slot);
    const bool moves =
        process.attempt == Attempt::kClaiming || process.attempt == Attempt::kGivesUp;
    rest.calm = rest.calm && !moves;
  });
  return rest;
}

// What most states need: what calls and kills lead to.
void SimSpace::prefetch(const State& state) const {
  const SituationId from = state.words[kSituation];
  lockproof::prefetch(&store_.about(from));
  if (left(state, FaultLeft::kKill) != 0) steps_.prefetch_kills(from);
  for (std::uint8_t slot = 0; slot < cast_.size; ++slot) {
    const NodeRef node = node_of(state, slot);
    if (Nodes::is_node(node)) steps_.prefetch({from, node, slot, Act::kCall});
  }
}

Result<> SimSpace::expand(const State& state, Places asleep, std::vector<Successor>& out) {
  const auto done = Expansion(cast_, store_, nodes_, steps_, &steps_, out).run(state, asleep);
  if (!done.ok()) return done.error();
  return Nothing{};
}

bool SimSpace::expand_known(const State& state, Places asleep, std::vector<Successor>& out) const {
  const std::size_t before = out.size();
  const auto all = Expansion(cast_, store_, nodes_, steps_, nullptr, out).run(state, asleep);
  if (all.ok() && *all) return true;
  out.resize(before);
  return false;
}

namespace {

template <class Bytes>
Fingerprint fingerprint_of(const Bytes& bytes) {
  const XXH128_hash_t hash = XXH3_128bits(&bytes, sizeof bytes);
  return {hash.high64, hash.low64};
}

bool is_fault(const Transition& step, Letter letter) {
  return step.choice.actor == static_cast<std::uint8_t>(letter);
}

// Its own, or an error in its place.
bool is_call(const Transition& step) {
  return step.kind == Transition::Kind::kCall || is_fault(step, Letter::kErrno);
}

}  // namespace

Reach SimSpace::reach(const State& from, const Successor& next) const {
  const Transition& step = next.step;
  const Kernel kernel = store_.get(from.words[kSituation]).kernel;
  if (step.kind == Transition::Kind::kDeath) return reach_of_death(kernel, step.place);
  if (is_call(step)) return reach_of(kernel, tables_, step.place, call(from, step.place));
  if (is_fault(step, Letter::kKill)) return 0;
  return is_fault(step, Letter::kTerm) || is_fault(step, Letter::kStop) ? kReachProcesses
                                                                        : kReachAll;
}

// All but calls is asked of the kernel alone. Who starts after a reboot is who has not begun.
Questions SimSpace::questions(const State& from, const Successor& next) const {
  const Transition& step = next.step;
  const Situation situation = store_.get(from.words[kSituation]);
  struct {
    Kernel within;
    View view;  // calls name pids by it
    std::array<std::uint32_t, 4> what;
  } asked{within(situation.kernel, step.place, reach(from, next)), situation.views[step.place], {}};
  asked.what = {std::uint32_t{step.choice.actor} << 16 | step.choice.alternative, step.place};
  if (!is_call(step)) {
    asked.what[2] = is_fault(step, Letter::kReboot) ? begun(from) : 0;
    const Fingerprint alone = fingerprint_of(asked);
    return {alone, alone};
  }
  const NodeRef at = node_of(from, step.place);
  // Where the numbers of calls are used up, places of programs are one each.
  const std::uint32_t call = nodes_.about(at & ~kNotBegun).call;
  asked.what[2] = call == 0 ? ~at : call | (at & kNotBegun);
  const auto order = std::find(next.order.begin(), next.order.end(), step.place);
  const auto place = static_cast<unsigned>(order - next.order.begin());
  const std::array<std::uint32_t, 2> goes_on = {at, next.state.words[kNodes + place]};
  return {fingerprint_of(asked), fingerprint_of(goes_on)};
}

void SimSpace::pack(std::span<const State> states, ByteWriter& out) const {
  Packing(tables_, store_, nodes_).pack(states, out);
}

Result<std::vector<State>> SimSpace::unpack(ByteReader& in) {
  return Unpacking(tables_, store_, nodes_).unpack(in);
}

std::size_t SimSpace::bytes() const {
  return store_.bytes() + steps_.bytes() + nodes_.size() * 150;
}

}  // namespace lockproof::sim
