// SPDX-License-Identifier: Apache-2.0
#include "explore/shrink.h"

#include <algorithm>
#include <map>

namespace lockproof {
namespace {

// Where the claim is broken; nothing: it holds.
std::optional<std::size_t> broken_after(Execution& run, const std::string& claim, bool at_rest) {
  for (const Finding& finding : run.judge(at_rest)) {
    if (finding.invariant == claim) return run.steps_until(finding);
  }
  return std::nullopt;
}

// As many of the choices as are possible, in their order.
Result<> take_possible(Execution& run, const std::vector<Choice>& choices) {
  if (auto begun = run.begin(); !begun) return begun;
  for (const Choice choice : choices) {
    if (!run.moves().possible(choice)) continue;
    if (auto taken = run.take(choice); !taken) return taken;
  }
  return Nothing{};
}

// What is left of them up to the breach; nothing when the claim holds.
std::optional<std::vector<Choice>> still_breaks(const Problem& problem,
                                                const std::vector<Choice>& choices,
                                                const std::string& claim) {
  Execution run(problem);
  if (!take_possible(run, choices)) return std::nullopt;
  const auto length = broken_after(run, claim, run.moves().steps().empty());
  if (!length) return std::nullopt;
  std::vector<Choice> rest = run.choices();
  rest.resize(*length);
  return rest;
}

// Without one of `parts` equal parts; nothing when each of them is needed.
std::optional<std::vector<Choice>> without_a_part(const Problem& problem,
                                                  const std::vector<Choice>& choices,
                                                  const std::string& claim, std::size_t parts) {
  for (std::size_t part = 0; part < parts; ++part) {
    const auto from = static_cast<std::ptrdiff_t>(choices.size() * part / parts);
    const auto to = static_cast<std::ptrdiff_t>(choices.size() * (part + 1) / parts);
    std::vector<Choice> fewer(choices.begin(), choices.begin() + from);
    fewer.insert(fewer.end(), choices.begin() + to, choices.end());
    auto broken = still_breaks(problem, fewer, claim);
    if (broken && broken->size() < choices.size()) return broken;
  }
  return std::nullopt;
}

// Without all choices of one letter; nothing when each is needed.
std::optional<std::vector<Choice>> without_an_actor(const Problem& problem,
                                                    const std::vector<Choice>& choices,
                                                    const std::string& claim) {
  for (const Choice one : choices) {
    std::vector<Choice> fewer = choices;
    std::erase_if(fewer, [&](Choice choice) { return choice.actor == one.actor; });
    if (auto broken = still_breaks(problem, fewer, claim)) return broken;
  }
  return std::nullopt;
}

// The same run by the first of those who are alike: whoever acts first is A. Children keep their
// places.
class Renaming {
 public:
  explicit Renaming(const Problem& problem) : problem_(problem) {}

  Choice renamed(Choice choice) {
    const unsigned alternative = choice.alternative;
    const auto letter = static_cast<Letter>(choice.actor);
    if (choice.actor < kFirstFault) return {name(choice.actor), choice.alternative};
    switch (letter) {
      case Letter::kKill:
      case Letter::kTerm:
      case Letter::kExecChild:
      case Letter::kPidReuse:
        return {choice.actor, name(alternative)};
      case Letter::kStop: {
        const unsigned base = alternative < kGoOn ? 0u : kGoOn;
        return {choice.actor, static_cast<std::uint16_t>(base + name(alternative - base))};
      }
      case Letter::kErrno:
        return {choice.actor,
                static_cast<std::uint16_t>(name(alternative / 16) * 16 + alternative % 16)};
      default:
        return choice;
    }
  }

 private:
  bool is_late(unsigned place) const {
    const auto& late = problem_.rules.late;
    return place < late.size() && late[place];
  }

  std::uint8_t name(unsigned place) {
    const std::vector<Program*>& cast = problem_.start.cast;
    if (place >= cast.size()) return static_cast<std::uint8_t>(place);
    if (names_.contains(place)) return names_[place];
    for (unsigned other = 0;; ++other) {
      const bool alike = cast[other] == cast[place] && is_late(other) == is_late(place);
      if (!alike || ((taken_ >> other) & 1u) != 0) continue;
      taken_ |= 1u << other;
      return names_[place] = static_cast<std::uint8_t>(other);
    }
  }

  const Problem& problem_;
  std::map<unsigned, std::uint8_t> names_;
  std::uint32_t taken_ = 0;
};

// Whether the claim holds in the run of these choices, of which the two at `pair` have to be
// possible, and the rest as far as they are. It goes on to its end, so that it does not hold only
// because it was cut short.
bool holds_to_its_end(const Problem& problem, const std::vector<Choice>& choices, std::size_t pair,
                      const std::string& claim) {
  constexpr std::size_t kMostSteps = 10'000;
  Execution run(problem);
  const auto until = choices.begin() + static_cast<std::ptrdiff_t>(pair) + 2;
  if (!take_possible(run, {choices.begin(), until}) || run.depth() != pair + 2) return false;
  for (auto choice = until; choice != choices.end(); ++choice) {
    if (run.moves().possible(*choice) && !run.take(*choice)) return false;
  }
  while (run.depth() < kMostSteps) {
    const std::vector<Choice> steps = run.moves().steps();
    if (steps.empty()) return !broken_after(run, claim, true);
    if (!run.take(steps.front())) return false;
  }
  return false;
}

}  // namespace

Result<std::vector<Choice>> shrink(const Problem& problem, const std::vector<Choice>& choices,
                                   const std::string& claim) {
  auto best = still_breaks(problem, choices, claim);
  if (!best) return usage_error(ErrorCode::kInternal, "these choices do not break " + claim);
  while (auto fewer = without_an_actor(problem, *best, claim)) best = std::move(fewer);
  std::size_t parts = 2;
  while (parts <= best->size()) {
    if (auto fewer = without_a_part(problem, *best, claim, parts)) {
      best = std::move(fewer);
      parts = std::max<std::size_t>(parts - 1, 2);
    } else if (parts == best->size()) {
      break;
    } else {
      parts = std::min(parts * 2, best->size());
    }
  }
  Renaming renaming(problem);
  std::vector<Choice> renamed;
  for (const Choice choice : *best) renamed.push_back(renaming.renamed(choice));
  const auto same = still_breaks(problem, renamed, claim);
  return same && same->size() == best->size() ? *same : *best;
}

std::optional<CriticalPair> critical_pair(const Problem& problem,
                                          const std::vector<Choice>& choices,
                                          const std::string& claim) {
  Execution run(problem);
  if (!take_possible(run, choices) || run.depth() != choices.size()) return std::nullopt;
  const std::vector<Step> steps = run.steps();
  for (std::size_t first = choices.size(); first-- > 1;) {
    if (steps[first - 1].process == steps[first].process) continue;
    std::vector<Choice> swapped = choices;
    std::swap(swapped[first - 1], swapped[first]);
    if (holds_to_its_end(problem, swapped, first - 1, claim)) return CriticalPair{first - 1};
  }
  return std::nullopt;
}

}  // namespace lockproof
