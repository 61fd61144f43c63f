// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <utility>

#include "core/fd.h"
#include "core/text.h"
#include "report/report.h"

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

Error could_not(const std::string& what, const std::string& file, int error) {
  return internal_error(
      fmt::format("the report could not be {}: {}: {}", what, escape(file), std::strerror(error)));
}

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

Result<> write_to_stdout(const std::string& text) {
  std::fflush(stdout);  // what was printed before comes before
  std::cout.flush();
  const int error = write_all(STDOUT_FILENO, text);
  if (error != 0) return could_not("written", "standard output", error);
  return Nothing{};
}

// A pipe, a terminal, /dev/null: there is nothing to put in place of it.
Result<> write_to_device(const std::string& text, const std::string& file) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return could_not("opened", file, errno);
  int error = write_all(fd.get(), text);
  if (error == 0) error = fd.close();
  if (error != 0) return could_not("written", file, error);
  return Nothing{};
}

// Beside `file`, because rename works within one file system only. A name that exists is never
// touched: it may be another report in the making, or a trap.
int open_beside(const std::string& file, std::string& path) {
  int fd = -1;
  for (int i = 0; i < 100 && fd < 0; ++i) {
    path = fmt::format("{}.{}-{}.tmp", file, ::getpid(), i);
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  return fd;
}

Result<> replace(const std::string& text, const std::string& file) {
  std::string temporary;
  Fd fd(open_beside(file, temporary));
  if (!fd) return could_not("created", file, errno);
  int error = write_all(fd.get(), text);
  if (error == 0 && ::fsync(fd.get()) != 0 && errno != EINVAL) error = errno;
  if (error == 0) error = fd.close();
  if (error == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return Nothing{};
  ::unlink(temporary.c_str());
  return could_not("written", file, error);
}

Result<> write_to_file(const std::string& text, const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    if (errno != ENOENT) return could_not("written", file, errno);
    return replace(text, file);
  }
  if (S_ISDIR(found.st_mode)) return could_not("written", file, EISDIR);
  if (!S_ISREG(found.st_mode)) return write_to_device(text, file);
  // Through a symbolic link, as any program that opens the name would.
  char* resolved = ::realpath(file.c_str(), nullptr);
  if (resolved == nullptr) return could_not("written", file, errno);
  const std::string target(resolved);
  std::free(resolved);
  return replace(text, target);
}

const std::vector<std::string> kReportKinds = {"json", "junit"};

}  // namespace

Result<ReportRequest> parse_report_request(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string kind = text.substr(0, equals);
  if (kind != kReportKinds[0] && kind != kReportKinds[1]) {
    return usage_error(fmt::format("report: '{}' is not a kind{}", escape(kind, 40),
                                   suggestion(kind, kReportKinds)));
  }
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return usage_error(
        fmt::format("report: expected {}=FILE, or {}=- for standard output", kind, kind));
  }
  return ReportRequest{kind, text.substr(equals + 1)};
}

Result<> write_report(const ReportRequest& request, const std::vector<RunResult>& results,
                      const std::string& version) {
  const std::string text =
      request.kind == "junit" ? junit_report(results, version) : json_report(results, version);
  return request.file == "-" ? write_to_stdout(text) : write_to_file(text, request.file);
}

}  // namespace lockproof
