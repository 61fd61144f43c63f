// SPDX-License-Identifier: Apache-2.0
#include "learned/learned.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>

#include "core/clock.h"
#include "trace/no_time_stamps.h"
#include "trace/one_core.h"

namespace lockproof {
namespace {

constexpr double kLookEvery = 0.1;  // seconds of learning

}  // namespace

Result<std::unique_ptr<LearnedProgram>> LearnedProgram::start(Command command, Texts& texts,
                                                              const Limits& limits) {
  std::unique_ptr<LearnedProgram> program(new LearnedProgram(std::move(command), texts, limits));
  const OneCore here(program->core_);
  const NoTimeStamps none;
  auto first = Pupil::begin(*program->command_, texts);
  if (!first.ok()) return first.error();
  ++program->starts_;
  program->known_place(*first, 0);
  program->tree_.plant(first->call(), first->said());
  program->keep(0, std::move(*first));
  return program;
}

Result<Node> LearnedProgram::next(Node node, const Answer& answer) {
  assert(tree_.call(node).op != Op::kExit);
  if (const auto known = tree_.find(node, answer)) return *known;
  if (broken_) return *broken_;
  if (const Reason why = enough(); !why.empty()) return stopped_error(why.code, why);
  // Only while it learns: a search may make threads between two answers.
  const OneCore here(core_);
  const NoTimeStamps none;
  const auto begin = Clock::now();
  auto learned = learn(node, answer);
  seconds_ += std::chrono::duration<double>(Clock::now() - begin).count();
  return learned;
}

Reason LearnedProgram::enough() {
  if (tree_.size() >= limits_.nodes) {
    return {ErrorCode::kBound, fmt::format("the program has more than {} nodes", limits_.nodes)};
  }
  if (seconds_ > limits_.seconds || (limits_.deadline && Clock::now() > *limits_.deadline)) {
    return {ErrorCode::kTimeBudget,
            fmt::format("the program is not learned within {:.4g} s: it has more than {} nodes",
                        seconds_, tree_.size())};
  }
  if (!limits_.watch || seconds_ < next_look_) return {};
  next_look_ = seconds_ + kLookEvery;
  if (limits_.watch({tree_.size(), seconds_})) return {};
  return {ErrorCode::kInterrupted, "interrupted"};
}

Result<Node> LearnedProgram::learn(Node node, const Answer& answer) {
  auto pupil = at(node);
  if (!pupil.ok()) return pupil.error();
  if (auto told = pupil->answer(answer); !told.ok()) {
    broken_ = Error{told.error().kind, told.error().code,
                    fmt::format("{}, after '{} -> {}'", told.error().sentence,
                                format(tree_.call(node), texts_), format(answer, texts_))};
    return *broken_;
  }
  if (const auto place = known_place(*pupil, static_cast<Node>(tree_.size()))) {
    tree_.join(node, answer, *place);
    ++merged_;
    return *place;
  }
  const Node fresh = tree_.grow(node, answer, pupil->call(), pupil->said());
  if (limits_.by == By::kCopies && pupil->call().op != Op::kExit) keep(fresh, std::move(*pupil));
  return fresh;
}

std::optional<Node> LearnedProgram::known_place(const Pupil& pupil, Node node) {
  if (!limits_.merges) return std::nullopt;
  const auto likeness = pupil.likeness();
  if (!likeness) return std::nullopt;
  const auto [place, fresh] = by_likeness_.try_emplace(*likeness, node);
  return fresh ? std::nullopt : std::optional(place->second);
}

Result<Pupil> LearnedProgram::at(Node node) {
  const std::vector<Tree::Turn> path = tree_.path_to(node);
  // From the nearest one who stands on the way.
  std::size_t done = path.size();
  for (;; --done) {
    const Node here = done == path.size() ? node : path[done].node;
    if (auto copied = copy_of(here)) {
      auto led = lead(*copied, std::span(path).subspan(done));
      if (!led.ok()) return led.error();
      return std::move(*copied);
    }
    if (done == 0) break;
  }
  auto fresh = from_the_beginning();
  if (!fresh.ok()) return fresh.error();
  if (auto led = lead(*fresh, path); !led.ok()) return led.error();
  return fresh;
}

std::optional<Pupil> LearnedProgram::copy_of(Node node) {
  const auto found = places_.find(node);
  if (found == places_.end() || limits_.by == By::kStarts) return std::nullopt;
  Pupil& standing = found->second->second;
  if (standing.generation() >= limits_.generations) return std::nullopt;
  auto copied = standing.copy();
  if (!copied) {  // it has ended
    standing_.erase(found->second);
    places_.erase(found);
    return std::nullopt;
  }
  ++copies_;
  standing_.splice(standing_.begin(), standing_, found->second);
  return copied;
}

Result<Pupil> LearnedProgram::from_the_beginning() {
  auto pupil = Pupil::begin(*command_, texts_);
  if (!pupil.ok()) return pupil.error();
  ++starts_;
  if (auto same = compare(*pupil, 0); !same.ok()) return same.error();
  return pupil;
}

Result<> LearnedProgram::lead(Pupil& pupil, std::span<const Tree::Turn> turns) {
  for (const Tree::Turn& turn : turns) {
    if (auto told = pupil.answer(turn.answer); !told.ok()) return told;
    const Node there = *tree_.find(turn.node, turn.answer);
    if (auto same = compare(pupil, there); !same.ok()) return same;
  }
  return Nothing{};
}

Result<> LearnedProgram::compare(const Pupil& pupil, Node node) {
  const bool same =
      pupil.call() == tree_.call(node) && std::ranges::equal(pupil.said(), tree_.said(node));
  if (same) return Nothing{};
  broken_ = environment_error(
      ErrorCode::kNotDeterministic,
      fmt::format("the program is not deterministic: after the same answers it asked "
                  "'{}' once, and '{}' later",
                  format(tree_.call(node), texts_), format(pupil.call(), texts_)));
  return *broken_;
}

void LearnedProgram::keep(Node node, Pupil pupil) {
  standing_.emplace_front(node, std::move(pupil));
  places_[node] = standing_.begin();
  if (standing_.size() <= limits_.standing) return;
  places_.erase(standing_.back().first);
  standing_.pop_back();
}

}  // namespace lockproof
