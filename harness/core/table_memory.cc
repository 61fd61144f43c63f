// SPDX-License-Identifier: Apache-2.0
#include "core/table_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>

#include "core/fd.h"
#include "core/text.h"
#include "core/verdict.h"

namespace lockproof {
namespace {

constexpr std::size_t kSmall = std::size_t{2} << 20;
constexpr std::size_t kLargest = std::size_t{64} << 30;  // that a table may ask for

Fd& spill_folder() {
  static Fd folder;
  return folder;
}

// Sparse: a table has room for much of which it uses little.
Fd make_file(std::size_t bytes) {
  Fd file(::openat(spill_folder().get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file && ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) file.reset();
  return file;
}

// Only what may be called in a handler.
void say_that_there_is_no_room(int) {
  constexpr char kSentence[] =
      "\nlockproof: error[LP0406]: the folder of --spill is full, or cannot be read any more\n";
  if (::write(STDERR_FILENO, kSentence, sizeof kSentence - 1) < 0) ::_exit(kExitInternal);
  ::_exit(kExitInconclusive);
}

}  // namespace

Result<> spill_tables_to(const std::string& folder) {
  spill_folder() = Fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!spill_folder() || !make_file(kLargest)) {
    const std::string why = std::strerror(errno);
    spill_folder().reset();
    return usage_error(ErrorCode::kNotWritten,
                       fmt::format("{}: expected a folder on a disk on which files of 64 GiB with "
                                   "holes can be made: {}",
                                   escape(folder), why));
  }
  struct sigaction action {};
  action.sa_handler = say_that_there_is_no_room;
  ::sigaction(SIGBUS, &action, nullptr);
  return Nothing{};
}

std::optional<std::uint64_t> room_to_spill() {
  if (!spill_folder()) return std::nullopt;
  struct statvfs disk {};
  if (::fstatvfs(spill_folder().get(), &disk) != 0) return 0;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  std::size_t of_files = 0;
  statm >> size >> resident >> of_files;
  const std::size_t pages = spill_folder() ? resident - of_files : resident;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void* map_table(std::size_t bytes) {
  // Of those that stay small there is nothing to spill.
  const bool spills = spill_folder() && bytes > kSmall;
  const Fd file = spills ? make_file(bytes) : Fd();
  if (spills && !file) throw std::bad_alloc();
  const int flags = spills ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const table = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, file.get(), 0);
  if (table == MAP_FAILED) throw std::bad_alloc();
  if (spills) {
    ::madvise(table, bytes, MADV_DONTFORK);
    // What is asked for lies anywhere: the kernel would read megabytes around it.
    ::madvise(table, bytes, MADV_RANDOM);
  }
  // Random access to a gigabyte in pages of 4 KiB would miss the TLB each time; but what stays
  // small should not have to clear a huge page. Only a hint.
  if (!spills && bytes > kSmall) {
    ::madvise(static_cast<char*>(table) + kSmall, bytes - kSmall, MADV_HUGEPAGE);
  }
  return table;
}

void unmap_table(void* table, std::size_t bytes) { ::munmap(table, bytes); }

}  // namespace lockproof
