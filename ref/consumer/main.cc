// SPDX-License-Identifier: Apache-2.0
// Owns "demo" in the directory that is given, and says so: 0; another one does: 1.
#include <solo/control.h>
#include <solo/fork_guard.h>
#include <solo/instance.h>
#include <solo/launch.h>
#include <solo/parent_watch.h>
#include <solo/probe.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto& sys = solo::port::linux_sys();
  auto dir = solo::StateDir::open(sys, argv[1], solo::StateDir::IfMissing::kCreate);
  const auto name = solo::Name::parse("demo");
  if (!dir.ok() || !name.ok()) return 2;
  auto claimed = solo::claim(sys, std::move(dir).value(), name.value());
  auto* const lock = std::get_if<solo::InstanceLock>(&claimed);
  if (lock == nullptr) return 1;
  const bool held = std::holds_alternative<solo::Held>(solo::probe(sys, argv[1], name.value()));
  std::printf("owns as generation %llu\n",
              static_cast<unsigned long long>(lock->record().generation));
  return held && !lock->give_up() ? 0 : 2;
}
