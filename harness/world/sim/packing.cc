// SPDX-License-Identifier: Apache-2.0
#include "sim/packing.h"

#include <cstring>

#include "sim/state_words.h"

namespace lockproof::sim {
namespace {

static_assert(sizeof(Situation) % 8 == 0);
using Words = std::array<std::uint64_t, sizeof(Situation) / 8>;

constexpr std::uint32_t kFirstOfProgram = 0xffffffff;  // in place of where a node came from
constexpr NodeRef kAbout = kGivenError - 1;            // the bits of a NodeRef that name a node

Error not_ours() { return usage_error(ErrorCode::kCheckpoint, "states of another search"); }

}  // namespace

std::uint32_t Packing::text(Text text) {
  const auto [found, fresh] = texts_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (fresh) text_bytes_.put_text(tables_.texts[text]);
  return found->second;
}

// Where it came from gets the lower number.
std::uint32_t Packing::node(NodeRef ref) {
  ref &= kAbout;
  if (const auto known = node_numbers_.find(ref); known != node_numbers_.end())
    return known->second;
  std::vector<NodeRef> way;
  for (NodeRef at = ref; !node_numbers_.contains(at);) {
    way.push_back(at);
    const Nodes::Came* const came = nodes_.came(at);
    if (came == nullptr) break;
    at = came->from;
  }
  for (; !way.empty(); way.pop_back()) {
    const Nodes::Came* const came = nodes_.came(way.back());
    if (came == nullptr) {
      node_bytes_.put(kFirstOfProgram);
      node_bytes_.put(std::uint32_t{way.back() >> kNodeBits});
    } else {
      Answer answer = came->answer;
      node_bytes_.put(node_numbers_.at(came->from));
      node_bytes_.put(text(answer.text));
      answer.text = kEmptyText;
      node_bytes_.put(answer);
      node_bytes_.put(came->answer_hash);
    }
    node_numbers_.emplace(way.back(), static_cast<std::uint32_t>(node_numbers_.size()));
  }
  return node_numbers_.at(ref);
}

// Most of its words are zero: a mask says which are not.
std::uint32_t Packing::situation(SituationId id) {
  const auto number = static_cast<std::uint32_t>(situations_.size());
  const auto [found, fresh] = situations_.try_emplace(id, number);
  if (!fresh) return found->second;
  Situation situation = store_.get(id);
  for (auto& inode : situation.kernel.inodes) {
    inode.content = static_cast<Text>(text(inode.content));
  }
  for (auto& name : situation.kernel.names) name.text = static_cast<Text>(text(name.text));
  Words words;
  std::memcpy(words.data(), &situation, sizeof situation);
  for (std::size_t i = 0; i < words.size(); i += 64) {
    std::uint64_t mask = 0;
    for (std::size_t k = i; k < std::min(i + 64, words.size()); ++k) {
      if (words[k] != 0) mask |= std::uint64_t{1} << (k - i);
    }
    situation_bytes_.put(mask);
    for (std::size_t k = i; k < std::min(i + 64, words.size()); ++k) {
      if (words[k] != 0) situation_bytes_.put(words[k]);
    }
  }
  return number;
}

void Packing::pack(std::span<const State> states, ByteWriter& out) {
  ByteWriter packed;
  for (const State& state : states) {
    auto words = state.words;
    words[kSituation] = situation(state.words[kSituation]);
    for (unsigned slot = 0; slot < kProcesses; ++slot) {
      const NodeRef ref = state.words[kNodes + slot];
      if (!Nodes::is_node(ref)) continue;
      words[kNodes + slot] = ref & ~kAbout;
      words[kNodes + slot] |= node(ref);
    }
    packed.put(words);
  }
  out.put(std::uint64_t{texts_.size()});
  out.put_text(text_bytes_.bytes());
  out.put(std::uint64_t{node_numbers_.size()});
  out.put_text(node_bytes_.bytes());
  out.put(std::uint64_t{situations_.size()});
  out.put_text(situation_bytes_.bytes());
  out.put(std::uint64_t{states.size()});
  out.put_text(packed.bytes());
}

void Unpacking::take_texts(ByteReader& in) {
  const std::uint64_t count = in.get_count(sizeof(std::uint64_t));
  ByteReader bytes(in.get_text());
  for (std::uint64_t i = 0; i < count && bytes.ok(); ++i) {
    const Text text = tables_.texts.intern(bytes.get_text());
    if (text == kNoText) in.fail();
    texts_.push_back(text);
  }
  if (!bytes.ok()) in.fail();
}

Result<> Unpacking::take_nodes(ByteReader& in) {
  const std::uint64_t count = in.get_count(2 * sizeof(std::uint32_t));
  ByteReader bytes(in.get_text());
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto from = bytes.get<std::uint32_t>();
    const auto what = bytes.get<std::uint32_t>();
    if (from == kFirstOfProgram && what < nodes_.programs()) {
      node_refs_.push_back(Nodes::first_of(what));
      continue;
    }
    auto answer = bytes.get<Answer>();
    const auto hash = bytes.get<std::uint64_t>();
    if (!bytes.ok() || from >= node_refs_.size() || what >= texts_.size()) return not_ours();
    answer.text = texts_[what];
    const auto next = nodes_.next(node_refs_[from], answer, hash);
    if (!next.ok()) return next.error();
    node_refs_.push_back(*next);
  }
  return Nothing{};
}

void Unpacking::take_situations(ByteReader& in) {
  const std::uint64_t count = in.get_count(sizeof(std::uint64_t));
  ByteReader bytes(in.get_text());
  for (std::uint64_t n = 0; n < count && bytes.ok(); ++n) {
    Words words{};
    for (std::size_t i = 0; i < words.size(); i += 64) {
      const auto mask = bytes.get<std::uint64_t>();
      for (std::size_t k = i; k < std::min(i + 64, words.size()); ++k) {
        if ((mask >> (k - i) & 1) != 0) words[k] = bytes.get<std::uint64_t>();
      }
    }
    Situation situation;
    std::memcpy(&situation, words.data(), sizeof situation);
    const auto is_text = [&](Text& text) {
      if (text >= texts_.size()) return bytes.fail();
      text = texts_[text];
    };
    for (auto& inode : situation.kernel.inodes) is_text(inode.content);
    for (auto& name : situation.kernel.names) is_text(name.text);
    if (bytes.ok()) situations_.push_back(store_.put(situation));
  }
  if (!bytes.ok()) in.fail();
}

State Unpacking::take_state(ByteReader& in) const {
  State state;
  state.words = in.get<decltype(State::words)>();
  std::uint32_t& situation = state.words[kSituation];
  if (situation >= situations_.size()) in.fail();
  if (in.ok()) situation = situations_[situation];
  for (unsigned slot = 0; slot < kProcesses; ++slot) {
    NodeRef& ref = state.words[kNodes + slot];
    if (!Nodes::is_node(ref)) continue;
    if ((ref & kAbout) >= node_refs_.size()) in.fail();
    if (in.ok()) ref = (ref & ~kAbout) | node_refs_[ref & kAbout];
  }
  return state;
}

Result<std::vector<State>> Unpacking::unpack(ByteReader& in) {
  take_texts(in);
  if (!in.ok()) return not_ours();
  if (auto taken = take_nodes(in); !taken.ok()) return taken.error();
  take_situations(in);
  const std::uint64_t count = in.get_count(sizeof(State));
  ByteReader bytes(in.get_text());
  std::vector<State> states;
  for (std::uint64_t i = 0; i < count && bytes.ok(); ++i) states.push_back(take_state(bytes));
  if (!in.ok() || !bytes.ok()) return not_ours();
  return states;
}

}  // namespace lockproof::sim
