// SPDX-License-Identifier: Apache-2.0
#include "check/left_behind.h"

#include <fmt/format.h>

#include <algorithm>

#include "program/native.h"
#include "sim/home.h"

namespace lockproof {
namespace {

constexpr std::uint8_t kDeadPid = 251;  // one that no process of a run is given
constexpr int kMostCalls = 10'000;

bool owns(const Program& program, Node node) {
  const auto said = program.said(node);
  return std::any_of(said.begin(), said.end(),
                     [](const Said& word) { return word.kind == Kind::kOwns; });
}

// What a file holds when one process of the subject, alone, owns.
Result<std::optional<std::string>> held_by_one(const Builtin& subject, std::string_view name) {
  Texts texts;
  sim::Tables tables(texts);
  NativeProgram program(subject.verbs.front().act, std::string(sim::kHomePath), texts);
  sim::Kernel kernel = sim::boot_with_home(tables);
  kernel.next_pid = kDeadPid;
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
    return usage_error(fmt::format("alone, '{}' does not come to own", subject.name));
  }
  const std::uint8_t inode = sim::file_at(kernel, tables, sim::kHomeInode, name);
  if (inode == sim::kNone) return std::optional<std::string>();
  return std::optional<std::string>(texts[kernel.inodes[inode].content]);
}

}  // namespace

Result<std::optional<std::string>> left_behind(const Builtin& subject, std::string_view name,
                                               std::string_view state) {
  using Content = std::optional<std::string>;
  if (state == "absent") return Content();
  if (state == "empty") return Content("");
  if (state == "garbage") return Content(std::string("\xff\x00\x7fgarbage", 10));
  if (state.size() >= 2 && state.front() == '\'' && state.back() == '\'') {
    return Content(state.substr(1, state.size() - 2));
  }
  if (state != "dead" && state != "torn") {
    return usage_error(fmt::format(
        "\"{}\": expected absent, dead, torn, empty, garbage, or 'text' in a search", state));
  }
  auto content = held_by_one(subject, name);
  if (!content.ok() || !*content || state == "dead") return content;
  (*content)->resize((*content)->size() / 2);
  return content;
}

}  // namespace lockproof
