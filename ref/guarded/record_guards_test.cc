// SPDX-License-Identifier: Apache-2.0
// Witnesses of the guards of the record, of side files, and of giving up.
#include "witness.h"

namespace solo::testing {

bool under_lock(Scene& scene) {
  const ClaimResult owner = claim_in(scene.temp);
  const std::string record = slurp(scene.temp.record());
  return is_busy(scene.claim()) && slurp(scene.temp.record()) == record;
}

bool fresh_file(Scene& scene) {
  spill(scene.temp.state() + "/web.record.new", std::string(kMaxRecordBytes, 'x'));
  const ClaimResult result = scene.claim();
  return owns(result) && parse_record(slurp(scene.temp.record()));
}

bool complete_first(Scene& scene) {
  bool torn = false;
  scene.relay.after = [&](std::string_view) {
    const bool there = std::filesystem::exists(scene.temp.record());
    torn = torn || (there && !parse_record(slurp(scene.temp.record())));
    return 0;
  };
  return owns(scene.claim()) && !torn;
}

bool next_generation(Scene& scene) {
  { const ClaimResult first = scene.claim(); }
  ClaimResult second = scene.claim();
  return lock_of(second).record().generation == 2;
}

bool still_my_record(Scene& scene) {
  ClaimResult result = scene.claim();
  Record foreign = lock_of(result).record();
  ++foreign.nonce;
  spill(scene.temp.record(), format_record(foreign));
  lock_of(result).give_up();
  return slurp(scene.temp.record()) == format_record(foreign);
}

bool released_first(Scene& scene) {
  ClaimResult result = scene.claim();
  bool free = false;
  scene.relay.before = [&](std::string_view call) {
    free = free || (call == "renameat" && std::holds_alternative<Free>(probe_in(scene.temp)));
    return 0;
  };
  lock_of(result).give_up();
  return !free;
}

namespace {

// A forked child has a copy of the lock, and gives it up.
void give_up_a_copy(ClaimResult& result) {
  Child child([&] {
    lock_of(result).give_up();
    ::_exit(0);
  });
  EXPECT_EQ(child.wait(), 0);
}

}  // namespace

bool claimer_only(Scene& scene) {
  ClaimResult result = scene.claim();
  give_up_a_copy(result);
  return parse_record(slurp(scene.temp.record())) == lock_of(result).record();
}

bool close_not_unlock(Scene& scene) {
  ClaimResult result = scene.claim();
  give_up_a_copy(result);
  return is_busy(claim_in(scene.temp));
}

bool sides_first(Scene& scene) {
  const std::string port = scene.temp.state() + "/web.port";
  spill(port, "of an earlier owner");
  bool old = false;
  scene.relay.after = [&](std::string_view) {
    const bool named = std::filesystem::exists(scene.temp.record());
    old = old || (named && std::filesystem::exists(port));
    return 0;
  };
  ClaimOptions options;
  options.side_files = {"web.port"};
  return owns(scene.claim(options)) && !old;
}

bool sides_under_lock(Scene& scene) {
  ClaimOptions options;
  options.side_files = {"web.port"};
  ClaimResult result = scene.claim(options);
  bool late = false;
  scene.relay.before = [&](std::string_view call) {
    late = late || (call == "unlinkat" && std::holds_alternative<Free>(probe_in(scene.temp)));
    return 0;
  };
  lock_of(result).give_up();
  return !late;
}

}  // namespace solo::testing
