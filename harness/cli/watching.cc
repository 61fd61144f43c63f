// SPDX-License-Identifier: Apache-2.0
#include "cli/watching.h"

#include <csignal>
#include <cstdint>
#include <utility>

namespace lockproof {
namespace {

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

void end_on_interruption() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool is_interrupted() { return interrupted != 0; }

template <class Progress>
bool Watching::look(const Progress& progress) {
  line_.show(view_.line(progress), static_cast<std::int64_t>(progress.seconds * 1000));
  return !is_interrupted();
}

Watching::Watching(std::string name, CheckOptions& options) : view_(std::move(name)) {
  options.watch = [this](const SearchProgress& progress) { return look(progress); };
  options.watch_runs = [this](const RunsProgress& progress) { return look(progress); };
  options.watch_learning = [this](const LearningProgress& progress) { return look(progress); };
}

}  // namespace lockproof
