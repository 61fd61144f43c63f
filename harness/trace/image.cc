// SPDX-License-Identifier: Apache-2.0
#include "trace/image.h"

#include <elf.h>

#include <array>

namespace lockproof {
namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kMostWords = 1 << 20;
constexpr char kRandomBytes[] = "as good as any.";
static_assert(sizeof kRandomBytes == 16);  // all that the kernel gives

// Words of its memory, read by the page: there are some hundred of them in a row.
class Words {
 public:
  explicit Words(const StoppedTracee& tracee) : tracee_(tracee) {}

  // 0: there is no memory.
  std::uint64_t operator[](std::uint64_t address) {
    const std::uint64_t page = address / sizeof page_ * sizeof page_;
    if (page != at_ && !tracee_.read(at_ = page, page_.data(), sizeof page_)) page_.fill(0);
    return page_[(address - page) / kWord];
  }

 private:
  const StoppedTracee& tracee_;
  std::uint64_t at_ = 0;
  std::array<std::uint64_t, 4096 / kWord> page_{};
};

}  // namespace

// The stack of a new program: the number of arguments, these, 0, the environment, 0, and pairs of
// a type and a value (getauxval(3)).
ClockPage make_image_constant(const StoppedTracee& tracee, const std::optional<ShownTimes>& times) {
  ClockPage clocks;
  Words words(tracee);
  std::uint64_t at = tracee.stack();
  at += (words[at] + 2) * kWord;
  for (std::uint64_t i = 0; i < kMostWords && words[at] != 0; ++i) at += kWord;
  for (at += kWord;; at += 2 * kWord) {
    const std::uint64_t type = words[at];
    if (type == AT_NULL) return clocks;
    if (type == AT_SYSINFO_EHDR) {
      if (times) clocks = ClockPage::put(tracee.pid(), words[at + kWord], *times);
      const std::uint64_t ignored = AT_IGNORE;
      if (!clocks.is_there()) tracee.write(at, &ignored, sizeof ignored);
    } else if (type == AT_RANDOM) {
      tracee.write(words[at + kWord], kRandomBytes, sizeof kRandomBytes);
    }
  }
}

}  // namespace lockproof
