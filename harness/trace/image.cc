// SPDX-License-Identifier: Apache-2.0
#include "trace/image.h"

#include <elf.h>

namespace lockproof {
namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kMostWords = 1 << 20;
constexpr char kRandomBytes[] = "as good as any.";
static_assert(sizeof kRandomBytes == 16);  // all that the kernel gives

std::uint64_t word_at(const StoppedTracee& tracee, std::uint64_t address) {
  std::uint64_t word = 0;
  tracee.read(address, &word, sizeof word);
  return word;
}

}  // namespace

// The stack of a new program: the number of arguments, these, 0, the environment, 0, and pairs of
// a type and a value (getauxval(3)).
ClockPage make_image_constant(const StoppedTracee& tracee, const std::optional<ShownTimes>& times) {
  ClockPage clocks;
  std::uint64_t at = tracee.stack();
  at += (word_at(tracee, at) + 2) * kWord;
  for (std::uint64_t i = 0; i < kMostWords && word_at(tracee, at) != 0; ++i) at += kWord;
  for (at += kWord;; at += 2 * kWord) {
    const std::uint64_t type = word_at(tracee, at);
    if (type == AT_NULL) return clocks;
    if (type == AT_SYSINFO_EHDR) {
      if (times) clocks = ClockPage::put(tracee.pid(), word_at(tracee, at + kWord), *times);
      const std::uint64_t ignored = AT_IGNORE;
      if (!clocks.is_there()) tracee.write(at, &ignored, sizeof ignored);
    } else if (type == AT_RANDOM) {
      tracee.write(word_at(tracee, at + kWord), kRandomBytes, sizeof kRandomBytes);
    }
  }
}

}  // namespace lockproof
