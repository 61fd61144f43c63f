// SPDX-License-Identifier: Apache-2.0
#include "check/left_behind.h"

#include <fmt/format.h>

#include <algorithm>

#include "program/native.h"
#include "sim/home.h"

namespace lockproof {
namespace {

constexpr int kMostCalls = 10'000;

bool owns(const Program& program, Node node) {
  const auto said = program.said(node);
  return std::any_of(said.begin(), said.end(),
                     [](const Said& word) { return word.kind == Kind::kOwns; });
}

// What a file holds when one process of the subject, alone and with that pid, owns.
Result<LeftBehind> held_by_one(const Builtin& subject, std::string_view name, int pid) {
  Texts texts;
  sim::Tables tables(texts);
  NativeProgram program(subject.verbs.front().act, std::string(sim::kHomePath), texts);
  sim::Kernel kernel = sim::boot_with_home(tables);
  kernel.next_pid = static_cast<std::uint8_t>(pid - sim::kPidBase);
  const std::uint8_t slot = sim::spawn(kernel, sim::kHomeInode);
  Node node = 0;
  for (int i = 0; i < kMostCalls && !owns(program, node); ++i) {
    const Call call = program.call(node);
    if (call.op == Op::kExit) break;
    const Answer answer = sim::step(kernel, tables, slot, call);
    if (answer.outcome != Outcome::kDone) break;
    const auto next = program.next(node, answer);
    if (!next.ok()) return next.error();
    node = *next;
  }
  if (!owns(program, node)) {
    return usage_error(ErrorCode::kNothingToSearch,
                       fmt::format("alone, '{}' does not come to own", subject.name));
  }
  const std::uint8_t inode = sim::file_at(kernel, tables, sim::kHomeInode, name);
  LeftBehind left;
  left.clock_read = kernel.clock_read != 0;
  if (inode != sim::kNone) left.content = texts[kernel.inodes[inode].content];
  return left;
}

}  // namespace

Result<LeftBehind> left_behind(const Builtin& subject, std::string_view name,
                               std::string_view state, int self) {
  if (state == "absent") return LeftBehind{};
  if (state == "empty") return LeftBehind{""};
  if (state == "garbage") return LeftBehind{std::string("\xff\x00\x7fgarbage", 10)};
  if (state.size() >= 2 && state.front() == '\'' && state.back() == '\'') {
    return LeftBehind{std::string(state.substr(1, state.size() - 2))};
  }
  const bool of_dead = state == "dead" || state == "recycled" || state == "torn";
  if (!of_dead && state != "self") {
    return usage_error(
        ErrorCode::kStartFiles,
        fmt::format(
            "\"{}\": expected absent, dead, recycled, self, torn, empty, garbage, or 'text'",
            state));
  }
  auto left = held_by_one(subject, name, of_dead ? kFormerPid : self);
  if (left.ok() && left->content && state == "torn") {
    left->content->resize(left->content->size() / 2);
  }
  return left;
}

}  // namespace lockproof
