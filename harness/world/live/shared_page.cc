// SPDX-License-Identifier: Apache-2.0
#include "live/shared_page.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

namespace lockproof::live {

struct SharedPage::Content {
  static constexpr std::uint32_t kMostWords = 8;
  // Written by one process and read by another, never at a time: the compiler has to know, too.
  std::atomic<std::uint32_t> count;
  std::array<Said, kMostWords> words;
  alignas(16) char room[kRoomBytes];
};

namespace {

constexpr std::size_t kPageBytes = 4096;

void* shared_memory() {
  void* const page =
      ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) std::abort();
  return page;
}

}  // namespace

SharedPage::SharedPage() : content_(new (shared_memory()) Content{}) {
  static_assert(sizeof(Content) <= kPageBytes);
}
SharedPage::~SharedPage() { ::munmap(content_, kPageBytes); }

char* SharedPage::bytes() const { return content_->room; }

void SharedPage::say(const Said& word) const {
  const std::uint32_t count = content_->count.load();
  if (count < Content::kMostWords) content_->words[count] = word;
  content_->count.store(count + 1);
}

bool SharedPage::take_words(std::vector<Said>& words) const {
  const std::uint32_t count = content_->count.exchange(0);
  const auto* const first = content_->words.data();
  words.assign(first, first + std::min(count, Content::kMostWords));
  return count <= Content::kMostWords;
}

}  // namespace lockproof::live
