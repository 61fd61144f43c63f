// SPDX-License-Identifier: Apache-2.0
#include "core/sealed_file.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <utility>

#include "core/fd.h"
#include "core/text.h"

namespace lockproof {
namespace {

std::string header_of(std::string_view kind) { return fmt::format("lockproof {} 1\n", kind); }

}  // namespace

struct SealedWriter::Hash {
  XXH3_state_t state;
};

SealedWriter::SealedWriter(std::string file, std::string_view kind)
    : file_(std::move(file)),
      temporary_(fmt::format("{}.{}.tmp", file_, ::getpid())),
      hash_(std::make_unique<Hash>()) {
  XXH3_64bits_reset(&hash_->state);
  // Who dies leaves it behind, and its pid may come again.
  ::unlink(temporary_.c_str());
  const int fd = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  out_ = fd >= 0 ? ::fdopen(fd, "we") : nullptr;
  if (out_ == nullptr) error_ = errno;
  write(header_of(kind));
}

SealedWriter::~SealedWriter() {
  if (out_ == nullptr) return;
  std::fclose(out_);
  ::unlink(temporary_.c_str());
}

void SealedWriter::write(std::string_view bytes) {
  if (error_ != 0) return;
  XXH3_64bits_update(&hash_->state, bytes.data(), bytes.size());
  if (std::fwrite(bytes.data(), 1, bytes.size(), out_) != bytes.size()) error_ = errno;
}

Result<> SealedWriter::close() {
  const std::uint64_t seal = XXH3_64bits_digest(&hash_->state);
  write({reinterpret_cast<const char*>(&seal), sizeof seal});
  if (error_ == 0 && std::fflush(out_) != 0) error_ = errno;
  if (error_ == 0 && ::fsync(::fileno(out_)) != 0) error_ = errno;
  if (error_ == 0 && ::rename(temporary_.c_str(), file_.c_str()) != 0) error_ = errno;
  if (error_ != 0) {
    return environment_error(
        ErrorCode::kNotWritten,
        fmt::format("{} could not be written: {}", escape(file_, 1024), strerror(error_)));
  }
  std::fclose(std::exchange(out_, nullptr));
  return Nothing{};
}

SealedFile::SealedFile(SealedFile&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)),
      size_(other.size_),
      content_(other.content_) {}

SealedFile::~SealedFile() {
  if (mapped_ != nullptr) ::munmap(mapped_, size_);
}

Result<SealedFile> SealedFile::open(const std::string& file, std::string_view kind) {
  const std::string shown = escape(file, 1024);
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return usage_error(ErrorCode::kUnreadable, fmt::format("{}: {}", shown, strerror(errno)));
  }
  if (!S_ISREG(status.st_mode))
    return usage_error(ErrorCode::kUnreadable, shown + ": not a regular file");
  const std::string header = header_of(kind);
  SealedFile opened;
  opened.size_ = static_cast<std::size_t>(status.st_size);
  const auto no = [&](const char* why) {
    return usage_error(ErrorCode::kCheckpoint,
                       fmt::format("{}: {}; expected a {} of this version", shown, why, kind));
  };
  if (opened.size_ < header.size() + sizeof(std::uint64_t)) return no("too short");
  void* const mapped = ::mmap(nullptr, opened.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (mapped == MAP_FAILED)
    return usage_error(ErrorCode::kUnreadable, fmt::format("{}: {}", shown, strerror(errno)));
  opened.mapped_ = mapped;
  const std::string_view all(static_cast<const char*>(mapped), opened.size_);
  if (!all.starts_with(header)) return no("it begins otherwise");
  const std::string_view sealed = all.substr(0, all.size() - sizeof(std::uint64_t));
  std::uint64_t seal = 0;
  std::memcpy(&seal, all.data() + sealed.size(), sizeof seal);
  if (XXH3_64bits(sealed.data(), sealed.size()) != seal) return no("it is damaged");
  opened.content_ = sealed.substr(header.size());
  return opened;
}

}  // namespace lockproof
