// SPDX-License-Identifier: Apache-2.0
// A checkpoint: what is known, which of it waits, and what has come of it so far, between two
// chunks of a level. States are numbered as they are in the file, so that any number of threads can
// go on.
#include "core/sealed_file.h"
#include "explore/searching.h"

namespace lockproof::searching {
namespace {

constexpr std::string_view kKind = "checkpoint";
constexpr std::size_t kBatch = 1 << 16;  // states that are written at once
constexpr std::uint32_t kNoNumber = 0xffffffff;

// A state's number in the file.
class Numbers {
 public:
  explicit Numbers(const Visited& visited) : visited_(visited) {
    std::uint32_t first = 0;
    for (unsigned share = 0; share < visited.shares(); ++share) {
      first_.push_back(first);
      first += static_cast<std::uint32_t>(visited.prints(share).size());
    }
  }
  std::uint32_t operator()(Visited::Ref ref) const {
    if (ref == kNobody) return kNoNumber;
    const auto [share, id] = visited_.place(ref);
    return first_[share] + id;
  }

 private:
  const Visited& visited_;
  std::vector<std::uint32_t> first_;  // by share
};

}  // namespace

Result<> Search::leave_checkpoint() const {
  SealedWriter file(aids_.checkpoint->file, kKind);
  const Numbers number(visited_);
  ByteWriter out;
  out.put_text(aids_.checkpoint->of_what);
  out.put(depth_);
  out.put(std::uint64_t{left_});
  out.put(transitions());
  bool owned = false;
  for (const Part& part : parts_) owned = owned || part.owned;
  out.put(std::uint8_t{owned});
  out.put(learned());
  const std::vector<std::string> refused = refusals();
  out.put(std::uint64_t{refused.size()});
  for (const std::string& refusal : refused) out.put_text(refusal);
  out.put_text(found_ ? found_->claim->invariant : "");
  out.put(found_ ? number(found_->from) : kNoNumber);
  out.put(found_ ? found_->to : Fingerprint{});
  out.put(std::uint8_t{found_ && found_->at_rest});
  out.put(visited_.size());
  for (unsigned share = 0; share < visited_.shares(); ++share) {
    const Fingerprints& prints = visited_.prints(share);
    for (Fingerprints::Id id = 0; id < prints.size(); ++id) {
      out.put(prints[id]);
      out.put(number(visited_.from(visited_.ref(share, id))));
      if (id % kBatch != 0) continue;
      file.write(out);
      out.clear();
    }
  }
  out.put(std::uint64_t{waiting_.size()});
  std::vector<State> states;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    states.push_back(waiting_[i].state);
    out.put(number(waiting_[i].ref));
    out.put(waiting_[i].asleep);
    if (states.size() < kBatch && i + 1 < waiting_.size()) continue;
    space_.pack(states, out);
    states.clear();
    file.write(out);
    out.clear();
  }
  if (graph_) graph_->save(number, out);
  file.write(out);
  return file.close();
}

Result<> Search::resume() {
  const std::string& name = aids_.checkpoint->resume;
  const auto file = SealedFile::open(name, kKind);
  if (!file.ok()) return file.error();
  ByteReader in = file->reader();
  if (in.get_text() != aids_.checkpoint->of_what) {
    return usage_error(ErrorCode::kCheckpoint,
                       name +
                           ": of another search, or of another version; expected a checkpoint of " +
                           aids_.checkpoint->of_what);
  }
  if (auto taken = take_checkpoint(in); !taken.ok())
    return usage_error(taken.error().code, name + ": " + taken.error().sentence);
  if (!in.ok() || !in.at_end())
    return usage_error(ErrorCode::kCheckpoint, name + ": it is damaged");
  return Nothing{};
}

Result<> Search::take_checkpoint(ByteReader& in) {
  depth_ = in.get<unsigned>();
  left_ = in.get<std::uint64_t>();
  parts_[0].transitions = in.get<std::uint64_t>();
  parts_[0].owned = in.get<std::uint8_t>() != 0;
  learned_before_ = in.get<unsigned>();
  refused_before_.resize(in.get_count(sizeof(std::uint64_t)));
  for (std::string& refusal : refused_before_) refusal = in.get_text();
  const std::string_view broken = in.get_text();
  const auto found_from = in.get<std::uint32_t>();
  const auto found_to = in.get<Fingerprint>();
  const bool at_rest = in.get<std::uint8_t>() != 0;
  std::vector<Ref> refs;
  std::vector<std::uint32_t> froms;
  for (std::uint64_t left = in.get_count(sizeof(Fingerprint) + 4); left > 0; --left) {
    const auto print = in.get<Fingerprint>();
    froms.push_back(in.get<std::uint32_t>());
    refs.push_back(visited_.insert(visited_.share_of(print), print, kNobody).first);
  }
  const auto ref_of = [&](std::uint32_t number) {
    return number < refs.size() ? refs[number] : kNobody;
  };
  for (std::size_t i = 0; i < refs.size(); ++i) visited_.set_from(refs[i], ref_of(froms[i]));
  if (visited_.size() != refs.size())
    return usage_error(ErrorCode::kCheckpoint, "a state is there twice");
  const std::uint64_t waiting = in.get_count(1);
  while (waiting_.size() < waiting && in.ok()) {
    const std::size_t first = waiting_.size();
    const std::size_t size = std::min<std::uint64_t>(kBatch, waiting - first);
    for (std::size_t i = 0; i < size && in.ok(); ++i) {
      const Ref ref = ref_of(in.get<std::uint32_t>());
      waiting_.push_back({{}, ref, in.get<Places>()});
      if (ref == kNobody) in.fail();
    }
    const auto states = space_.unpack(in);
    if (!states.ok()) return states.error();
    for (std::size_t i = 0; i < size; ++i) {
      const bool same = states->size() == size && space_.fingerprint((*states)[i]) ==
                                                      visited_.fingerprint(waiting_[first + i].ref);
      if (!same) return usage_error(ErrorCode::kCheckpoint, "states of another search");
      waiting_[first + i].state = (*states)[i];
    }
  }
  if (left_ > waiting_.size()) in.fail();
  if (left_ == 0) {  // it was left at the end of a level
    ++depth_;
    if (broken.empty()) left_ = waiting_.size();
  }
  if (graph_ && in.ok()) graph_->load(ref_of, in);
  if (broken.empty() || !in.ok()) return Nothing{};
  const auto is_it = [&](const Claim* claim) { return claim->invariant == broken; };
  const auto claim = std::ranges::find_if(claims_, is_it);
  const Ref from = ref_of(found_from);
  if (claim == claims_.end() || from == kNobody)
    return usage_error(ErrorCode::kCheckpoint, "of other invariants");
  found_ = Found{*claim, from, visited_.fingerprint(from), found_to, at_rest};
  return Nothing{};
}

}  // namespace lockproof::searching

namespace lockproof {

Result<std::string> checkpoint_of(const std::string& file) {
  const auto opened = SealedFile::open(file, searching::kKind);
  if (!opened.ok()) return opened.error();
  return std::string(opened->reader().get_text());
}

}  // namespace lockproof
