// SPDX-License-Identifier: Apache-2.0
// The reference implementation as a subject: the library's own code, nothing re-expressed.
#include <optional>
#include <variant>

#include "solo/fork_guard.h"
#include "solo/instance.h"
#include "solo/probe.h"
#include "subject/builtin.h"

namespace {

using lockproof::Session;

solo::Name name() { return solo::Name::parse("it").value(); }

void run(Session& session) {
  session.claims();
  auto dir = solo::StateDir::open(session.sys(), session.dir(), solo::StateDir::IfMissing::kFail);
  if (!dir.ok()) return session.failed(dir.error().what);
  auto claimed = solo::claim(session.sys(), std::move(dir).value(), name());
  if (std::holds_alternative<solo::Busy>(claimed)) return session.busy();
  if (auto* error = std::get_if<solo::Error>(&claimed)) return session.failed(error->what);
  auto& lock = std::get<solo::InstanceLock>(claimed);
  std::optional<solo::Result<solo::ForkGuard>> guard;
  if (session.on_host()) guard.emplace(solo::ForkGuard::watch(lock.fd()));
  session.owns();
  session.hold();
  session.gives_up();
  lock.give_up();
  session.released();
}

void status(Session& session) {
  session.probes();
  solo::probe(session.sys(), session.dir(), name());
  session.probed();
}

std::int64_t read_record(std::string_view content) {
  if (content.empty()) return lockproof::seen::kEmpty;
  const auto record = solo::parse_record(content);
  if (!record) return lockproof::seen::kTorn;
  return record->pid;
}

const lockproof::BuiltinRegistration registration{{
    .name = "solo",
    .summary = "the reference implementation",
    .verbs = {{"run", run}, {"status", status}},
    .record = "it.record",
    .lock = "it.lock",
    .read_record = read_record,
}};

}  // namespace
