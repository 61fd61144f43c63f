// SPDX-License-Identifier: Apache-2.0
// The model against Linux: generated sequences of calls over up to three processes, each answer
// compared. `make check-model` runs 20,000 of them; LOCKPROOF_SEQUENCES sets the number. And a
// quarter as many over up to five processes in different pid namespaces, which take longer to make.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>

#include <cstdlib>
#include <sstream>

#include "sim/linux_picker.h"

namespace lockproof::sim {

std::ostream& operator<<(std::ostream& out, const Pick& pick) {
  return out << '{' << +pick.process << ' ' << +pick.op << ' ' << +pick.a << ' ' << +pick.b << ' '
             << +pick.c << ' ' << +pick.d << '}';
}

namespace {

struct Totals {
  std::uint64_t calls = 0;
  std::uint64_t refused = 0;
};

// Empty, or what differs, after all that led to it.
std::string run(Theme theme, const std::vector<unsigned>& spaces, const std::vector<Pick>& picks,
                Totals& totals) {
  LinuxPair pair(spaces);
  std::string difference;
  for (const Pick& pick : picks) {
    const Picker picker(pair, theme, pick);
    const std::uint8_t slot = picker.slot();
    if (slot == kNone) break;
    difference = pair.perform(slot, picker.call());
    if (!difference.empty()) break;
  }
  totals.calls += pair.performed();
  totals.refused += pair.refused();
  return difference.empty() ? "" : pair.log() + "DIFFERENCE " + difference;
}

int sequences() {
  const char* const asked = std::getenv("LOCKPROOF_SEQUENCES");
  return asked == nullptr ? 1000 : std::max(1, std::atoi(asked));
}

rc::Gen<Pick> any_pick() {
  const auto byte = rc::gen::inRange<int>(0, 256);
  return rc::gen::map(rc::gen::container<std::array<int, 6>>(byte), [](std::array<int, 6> n) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(n[i]); };
    return Pick{at(0), at(1), at(2), at(3), at(4), at(5)};
  });
}

// A theme, and the pid namespaces that the first processes are in.
using Start = std::pair<Theme, std::vector<unsigned>>;

void compare(int sequences, Start (*draw)()) {
  Totals totals;
  rc::detail::TestMetadata metadata;
  metadata.id = "ModelAgainstLinux";
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = sequences;
  params.maxSize = 120;  // calls in a sequence, at most
  const auto property = [&] {
    const auto [theme, spaces] = draw();
    const auto picks = *rc::gen::container<std::vector<Pick>>(any_pick());
    const std::string difference = run(theme, spaces, picks, totals);
    if (!difference.empty()) RC_FAIL(difference);
  };
  const auto result = rc::detail::checkTestable(property, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << text.str();
  std::cout << "  " << sequences << " sequences, " << totals.calls << " calls compared, "
            << totals.refused << " refused by the model or not asked\n";
}

TEST(ModelAgainstLinux, GivesEachAnswerThatLinuxGives) {
  compare(sequences(), [] {
    const Theme theme = *rc::gen::element(Theme::kAll, Theme::kLocks, Theme::kPorts);
    return Start(theme, {0});
  });
}

// CMakeLists.txt: where the host permits pid namespaces.
#ifdef LOCKPROOF_PID_NAMESPACES
TEST(ModelAgainstLinux, GivesEachAnswerThatLinuxGivesInPidNamespaces) {
  compare(std::max(1, sequences() / 4), [] {
    using Spaces = std::vector<unsigned>;
    const Spaces spaces = *rc::gen::element(Spaces{1, 2}, Spaces{1, 1, 2}, Spaces{0, 1},
                                            Spaces{0, 1, 1}, Spaces{0, 1, 2}, Spaces{3});
    return Start(Theme::kContainers, spaces);
  });
}
#endif

}  // namespace
}  // namespace lockproof::sim
