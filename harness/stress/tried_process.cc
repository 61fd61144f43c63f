// SPDX-License-Identifier: Apache-2.0
#include "stress/tried_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/clock.h"
#include "stress/player.h"
#include "trace/cage.h"

namespace lockproof {
namespace {

constexpr std::size_t kKept = 2048;

Error cannot(const char* what) {
  return environment_error(ErrorCode::kNoProcesses,
                           fmt::format("cannot make {} for a trial: {}", what, strerror(errno)));
}

Result<Fd> fifo(const std::string& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) return cannot("a FIFO");
  Fd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return cannot("a FIFO");
  return fd;
}

bool make_pipe(Fd& read, Fd& write) {
  std::array<int, 2> fds{-1, -1};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return false;
  read = Fd(fds[0]);
  write = Fd(fds[1]);
  return true;
}

// What can be read now, at most `kKept` bytes of all in all; false: nothing will come any more.
bool read_into(const Fd& fd, std::string& text) {
  std::array<char, 4096> buffer;
  const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
  if (size > 0) {
    const auto room = kKept - std::min(kKept, text.size());
    text.append(buffer.data(), std::min(static_cast<std::size_t>(size), room));
  }
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

bool has_line(const std::string& text, const std::string& line) {
  return !line.empty() && ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

std::vector<std::string> TriedProcess::critical(const std::string& helper,
                                                const std::string& door) {
  return {helper, "try", door + ".says", door + ".go"};
}

Result<std::unique_ptr<TriedProcess>> TriedProcess::start(const Words& words,
                                                          const std::string& door) {
  auto process = std::make_unique<TriedProcess>();
  process->words_ = words;
  auto says = fifo(door + ".says");
  if (!says) return says.error();
  auto go = fifo(door + ".go");
  if (!go) return go.error();
  process->says_ = std::move(*says);
  process->go_ = std::move(*go);
  Fd its_in(::open("/dev/null", O_RDONLY | O_CLOEXEC)), its_out, its_err;
  if (!make_pipe(process->out_, its_out) || !make_pipe(process->err_, its_err)) {
    return cannot("a pipe");
  }
  if (!words.acquired.empty() && !make_pipe(its_in, process->in_)) return cannot("a pipe");
  for (const Fd* fd : {&process->out_, &process->err_}) ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  const pid_t pid = ::fork();
  if (pid < 0) return cannot("a process");
  if (pid == 0) {
    for (const int signal : {SIGTERM, SIGPIPE, SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
    ::dup2(its_in.get(), STDIN_FILENO);
    ::dup2(its_out.get(), STDOUT_FILENO);
    ::dup2(its_err.get(), STDERR_FILENO);
    become(words.command);
  }
  process->pid_ = pid;
  process->pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process->pidfd_) return cannot("a pidfd");
  return process;
}

void TriedProcess::let_go() {
  in_.reset();
  [[maybe_unused]] const ssize_t size = ::write(go_.get(), "g", 1);  // there is room for a byte
}

void TriedProcess::hear_output() {
  if (out_ && !read_into(out_, printed_)) out_.reset();
  if (err_ && !read_into(err_, complained_)) err_.reset();
  if (!words_.acquired.empty()) {
    owns_ = owns_ || has_line(printed_, words_.acquired);
    said_busy_ = said_busy_ || has_line(printed_, words_.busy);
    if (owns_) owner_ = pid_;
  }
  pid_t speaker = 0;  // the helper's word is its pid
  if (::read(says_.get(), &speaker, sizeof speaker) == sizeof speaker) {
    owns_ = true;
    owner_ = speaker;
  }
}

void TriedProcess::hear() {
  siginfo_t info{};
  const bool gone =
      !status_ &&
      ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid != 0;
  hear_output();  // after the look: of who has ended, all that it has printed
  int status = 0;
  if (gone && ::waitpid(pid_, &status, 0) == pid_) status_ = status;
}

bool TriedProcess::wait(const std::vector<TriedProcess*>& processes, int ms,
                        const std::function<bool()>& done) {
  const auto end = Clock::now() + std::chrono::milliseconds(ms);
  for (;;) {
    for (TriedProcess* process : processes) process->hear();
    if (done()) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0 || cage_end_requested()) return false;
    std::vector<struct pollfd> fds;
    for (const TriedProcess* process : processes) {
      for (const Fd* fd : {&process->out_, &process->err_, &process->says_}) {
        fds.push_back({fd->get(), POLLIN, 0});
      }
      fds.push_back({process->status_ ? -1 : process->pidfd_.get(), POLLIN, 0});
    }
    ::poll(fds.data(), fds.size(), static_cast<int>(left));
  }
}

}  // namespace lockproof
