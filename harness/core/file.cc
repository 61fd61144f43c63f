// SPDX-License-Identifier: Apache-2.0
#include "core/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <optional>
#include <string_view>

#include "core/fd.h"
#include "core/text.h"

namespace lockproof {
namespace {

// A reader that went away is an error to report, not a signal to die of.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec now{};
    if (!was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_;
};

// Why it is not there; nothing: it is.
struct Failure {
  const char* done;
  int error;
};
using Attempt = std::optional<Failure>;

// 0 or an errno.
int write_all(int fd, std::string_view text) {
  const NoSigpipe guard;
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Attempt write_to_stdout(const std::string& text) {
  std::fflush(stdout);  // what was printed before comes before
  std::cout.flush();
  const int error = write_all(STDOUT_FILENO, text);
  return error != 0 ? Attempt(Failure{"written", error}) : std::nullopt;
}

// A pipe, a terminal, /dev/null: there is nothing to put in place of it.
Attempt write_to_device(const std::string& text, const std::string& file) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return Failure{"opened", errno};
  int error = write_all(fd.get(), text);
  if (error == 0) error = fd.close();
  return error != 0 ? Attempt(Failure{"written", error}) : std::nullopt;
}

// Beside `file`, because rename works within one file system only. A name that exists is never
// touched: it may be another file in the making, or a trap.
int open_beside(const std::string& file, std::string& path) {
  int fd = -1;
  for (int i = 0; i < 100 && fd < 0; ++i) {
    path = fmt::format("{}.{}-{}.tmp", file, ::getpid(), i);
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  return fd;
}

Attempt replace(const std::string& text, const std::string& file) {
  std::string temporary;
  Fd fd(open_beside(file, temporary));
  if (!fd) return Failure{"created", errno};
  int error = write_all(fd.get(), text);
  if (error == 0 && ::fsync(fd.get()) != 0 && errno != EINVAL) error = errno;
  if (error == 0) error = fd.close();
  if (error == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return std::nullopt;
  ::unlink(temporary.c_str());
  return Failure{"written", error};
}

Attempt write_to_file(const std::string& text, const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    if (errno != ENOENT) return Failure{"written", errno};
    return replace(text, file);
  }
  if (S_ISDIR(found.st_mode)) return Failure{"written", EISDIR};
  if (!S_ISREG(found.st_mode)) return write_to_device(text, file);
  // Through a symbolic link, as any program that opens the name would.
  char* resolved = ::realpath(file.c_str(), nullptr);
  if (resolved == nullptr) return Failure{"written", errno};
  const std::string target(resolved);
  std::free(resolved);
  return replace(text, target);
}

}  // namespace

Result<std::string> read_whole_file(const std::filesystem::path& file, std::size_t most) {
  const std::string shown = escape(file.string(), 1024);
  const auto failed = [&] {
    return usage_error(ErrorCode::kUnreadable, fmt::format("{}: {}", shown, strerror(errno)));
  };
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return failed();
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode))
    return usage_error(ErrorCode::kUnreadable, shown + ": not a regular file");

  std::string text;
  char block[16384];
  while (text.size() < most) {
    const ssize_t got = ::read(fd.get(), block, std::min(sizeof block, most - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  return text;
}

Result<> write_whole_file(const std::string& what, const std::string& text,
                          const std::string& file) {
  const bool to_stdout = file == "-";
  const Attempt failed = to_stdout ? write_to_stdout(text) : write_to_file(text, file);
  if (!failed) return Nothing{};
  return internal_error(
      ErrorCode::kNotWritten,
      fmt::format("{} could not be {}: {}: {}", what, failed->done,
                  to_stdout ? "standard output" : escape(file), std::strerror(failed->error)));
}

}  // namespace lockproof
