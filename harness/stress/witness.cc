// SPDX-License-Identifier: Apache-2.0
#include "stress/witness.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

namespace lockproof {

struct Witness::Page {
  alignas(64) std::atomic<std::uint64_t> tail;
  alignas(64) std::atomic<std::uint64_t> head;
  alignas(64) std::atomic<std::uint32_t> next_life;
  std::atomic<std::uint32_t> closed;
  std::atomic<std::uint32_t> hold_us_max;
  alignas(64) std::atomic<std::uint64_t> slots[kSlots];
};

namespace {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");

// A slot, from the top: lap 9, life 22, value 23, object 3, phase 2, kind + 1 in 5 bits. Kind 0 is
// "free in this lap"; the file begins as zeros, so all slots are free in lap 0.
constexpr int kLapBits = 9;
constexpr std::int64_t kValueBias = 8;  // negative values are seen::, down to -8

std::uint64_t lap_of(std::uint64_t position) {
  return ((position / Witness::kSlots) & ((1u << kLapBits) - 1)) << 55;
}

std::uint64_t pack(std::uint64_t position, const Mark& mark) {
  const auto value = static_cast<std::uint64_t>(mark.value + kValueBias);
  assert(value < (1u << 23) && mark.life < Witness::kLives);
  return lap_of(position) | std::uint64_t{mark.life} << 33 | value << 10 |
         static_cast<std::uint64_t>(mark.object) << 7 |
         static_cast<std::uint64_t>(mark.phase) << 5 | (static_cast<std::uint64_t>(mark.kind) + 1);
}

Mark unpack(std::uint64_t slot) {
  Mark mark;
  mark.kind = static_cast<Kind>((slot & 31) - 1);
  mark.phase = static_cast<Phase>((slot >> 5) & 3);
  mark.object = static_cast<Object>((slot >> 7) & 7);
  mark.value = static_cast<std::int64_t>((slot >> 10) & ((1u << 23) - 1)) - kValueBias;
  mark.life = static_cast<Life>((slot >> 33) & (Witness::kLives - 1));
  return mark;
}

bool is_free(std::uint64_t slot) { return (slot & 31) == 0; }

}  // namespace

Result<Witness> Witness::map(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
  if (fd < 0) {
    return environment_error(ErrorCode::kNotWritten,
                             "cannot open the witness page " + path + ": " + std::strerror(errno));
  }
  const bool sized = (flags & O_CREAT) == 0 || ::ftruncate(fd, sizeof(Page)) == 0;
  void* memory =
      sized ? ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  const int error = errno;
  ::close(fd);
  if (memory == MAP_FAILED) {
    return environment_error(ErrorCode::kNotWritten,
                             "cannot map the witness page " + path + ": " + std::strerror(error));
  }
  return Witness(static_cast<Page*>(memory));
}

Result<Witness> Witness::create(const std::string& path) {
  auto witness = map(path, O_CREAT | O_EXCL);
  if (witness) witness->page_->next_life = 1;  // 0 is the harness
  return witness;
}

Result<Witness> Witness::attach(const std::string& path) { return map(path, 0); }

bool Witness::try_append(const Mark& mark) {
  for (;;) {
    std::uint64_t position = page_->tail.load();
    if (position - page_->head.load() >= kSlots) return false;
    std::uint64_t free_slot = lap_of(position);
    const bool mine =
        page_->slots[position % kSlots].compare_exchange_strong(free_slot, pack(position, mark));
    std::uint64_t expected = position;
    page_->tail.compare_exchange_strong(expected, position + 1);  // fails: somebody helped
    if (mine) return true;
  }
}

void Witness::append(const Mark& mark) {
  while (!try_append(mark)) ::sched_yield();
}

std::size_t Witness::drain(std::size_t limit,
                           const std::function<void(std::uint64_t, const Mark&)>& sink) {
  std::size_t count = 0;
  std::uint64_t position = page_->head.load();
  for (; count < limit; ++count, ++position) {
    auto& slot = page_->slots[position % kSlots];
    const std::uint64_t content = slot.load();
    if (is_free(content)) break;
    // A writer that died before it moved `tail` is helped here, or `head` would overtake it.
    std::uint64_t expected = position;
    page_->tail.compare_exchange_strong(expected, position + 1);
    slot.store(lap_of(position + kSlots));
    page_->head.store(position + 1);
    sink(position + 1, unpack(content));
  }
  return count;
}

Life Witness::new_life() {
  for (;;) {
    const Life life = page_->next_life.fetch_add(1) % kLives;
    if (life != kHarness) return life;
  }
}

void Witness::close_run() { page_->closed = 1; }
bool Witness::run_closed() const { return page_->closed != 0; }
void Witness::set_hold_us_max(std::uint32_t us) { page_->hold_us_max = us; }
std::uint32_t Witness::hold_us_max() const { return page_->hold_us_max; }

}  // namespace lockproof
