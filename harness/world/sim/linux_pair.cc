// SPDX-License-Identifier: Apache-2.0
#include "sim/linux_pair.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sim/signals.h"

namespace lockproof::sim {
namespace {

constexpr int kPatienceMs = 10'000;         // a worker that takes longer has gone wrong
constexpr std::int64_t kNoPid = 4'190'000;  // for pids that never were
constexpr const char* kProcPrefix = "/proc/";
constexpr std::uint32_t kNamespaceInodes = 0xEFFF0000;  // from there on

// The same request in the form that does not wait.
void make_non_blocking(Call& call) {
  if (call.op == Op::kFlock) call.flags |= LOCK_NB;
  if (call.op == Op::kWaitpid) call.flags |= WNOHANG;
  if (call.op == Op::kPoll) call.size = 0;
  if (call.op == Op::kFcntlLock && call.flags == F_SETLKW) call.flags = F_SETLK;
  if (call.op == Op::kFcntlLock && call.flags == F_OFD_SETLKW) call.flags = F_OFD_SETLK;
}

bool names_a_pid(Op op) { return op == Op::kWaitpid || op == Op::kKill || op == Op::kPidfdOpen; }
bool gives_a_pid(Op op) {
  return op == Op::kFork || op == Op::kGetpid || op == Op::kGetppid || op == Op::kSetsid ||
         op == Op::kWaitpid;
}

Kind kind_behind(const Kernel& kernel, std::uint8_t slot, const Call& call) {
  if (call.op != Op::kRead || call.fd < 0 || call.fd >= static_cast<int>(kDescriptors)) {
    return Kind::kFree;
  }
  const unsigned place = kernel.processes[slot].fds[static_cast<unsigned>(call.fd)] & 0x7fu;
  return place == 0 ? Kind::kFree : kernel.open_files[place - 1].kind;
}

char state_in(std::string_view stat) {
  const std::size_t end = stat.rfind(')');
  return end == stat.npos || end + 2 >= stat.size() ? '?' : stat[end + 2];
}

// What proc_pid_stat(5) has at its beginning.
struct StatLine {
  explicit StatLine(std::string_view line) : state(state_in(line)) {
    const std::string text(line);
    const std::size_t end = text.rfind(')');
    if (end == text.npos) return;
    std::sscanf(text.c_str(), "%" SCNd64, &pids[0]);
    std::sscanf(text.c_str() + end + 3, "%" SCNd64 " %" SCNd64 " %" SCNd64, &pids[1], &pids[2],
                &pids[3]);
  }

  char state;
  std::array<std::int64_t, 4> pids{};  // its own, its parent's, its group, its session
};

char state_of(pid_t pid) {
  char bytes[512];
  const int fd = ::open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : ::read(fd, bytes, sizeof bytes);
  if (fd >= 0) ::close(fd);
  return size <= 0 ? '?' : state_in({bytes, static_cast<std::size_t>(size)});
}

bool wait_until_stopped(pid_t pid) {
  for (int i = 0; i < kPatienceMs * 20; ++i) {
    if (state_of(pid) == 'T') return true;
    ::usleep(50);
  }
  return false;
}

void move_fd(int from, int to) {
  [[maybe_unused]] const int moved = ::dup2(from, to);
  assert(moved == to);
  ::close(from);
}

// A network of this process's own, its loopback up; entered once, and left by nobody.
bool enter_own_network() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq loopback {};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  [[maybe_unused]] const int up = ::ioctl(fd, SIOCSIFFLAGS, &loopback);
  assert(up == 0);
  ::close(fd);
  return true;
}

bool has_own_network() {
  static const bool entered = enter_own_network();
  return entered;
}

// One of those that the model knows, and that nobody has. The same is not given twice.
int free_port() {
  static int last = 20'000 + ::getpid() % 10'000;
  for (;;) {
    last = last >= 32'000 ? 20'000 : last + 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(last));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
    if (bound == 0) return last;
  }
}

}  // namespace

LinuxPair::LinuxPair(const std::vector<unsigned>& spaces) {
  const bool alone = spaces == std::vector<unsigned>{0};
  if (!alone) LinuxNamespace::become_root();
  has_own_network();
  char path[] = "/dev/shm/lockproof-model-XXXXXX";
  [[maybe_unused]] const char* const made = ::mkdtemp(path);
  assert(made != nullptr);
  directory_ = path;
  tables_.user = ::geteuid() == 0 ? 0 : 1;
  if (tables_.user != 0) tables_.uids[1] = ::geteuid();
  kernel_.inodes[kRoot].nlink = 3;
  kernel_.inodes[1] = {S_IFDIR | 0700, kEmptyText, tables_.user, 2};
  kernel_.names[0] = {kRoot, 1, tables_.texts.intern("home")};
  open_channels();
  for (const unsigned space : spaces) start_worker(space);
}

void LinuxPair::open_channels() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const int on = 1;
  for (int i = 0; i < static_cast<int>(kProcesses); ++i) {
    int ends[2];
    [[maybe_unused]] const int made = ::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
    assert(made == 0);
    move_fd(ends[0], kControllerChannels + i);
    move_fd(ends[1], kWorkerChannels + i);
    const struct timeval patience { kPatienceMs / 1000, 0 };
    ::setsockopt(kControllerChannels + i, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(kControllerChannels + i, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  }
}

void LinuxPair::start_worker(unsigned space) {
  const std::uint8_t slot = spawn(kernel_, 1, space);
  if (space != 0) {
    auto& below = below_[space];
    if (!below) {
      below = std::make_unique<LinuxNamespace>(directory_);
      real_pids_[0][kPidBase + kPidBlock * space] = below->init();
    }
    const pid_t own = below->start(slot);
    return adopt(slot, pid_behind(slot), own);
  }
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::syscall(SYS_close_range, 0, kWorkerChannels - 1, 0);
    ::syscall(SYS_close_range, kControllerChannels, ~0u, 0);
    for (int fd = 0; fd < 3; ++fd) ::open("/dev/null", O_RDWR);
    ::umask(022);
    // What this process does at a signal (a fuzzer's handler) is none of theirs.
    for (int number = 1; number < SIGRTMIN; ++number) std::signal(number, SIG_DFL);
    if (::chdir(directory_.c_str()) != 0) ::_exit(4);
    serve(slot);
  }
  adopt(slot, pid, pid);
}

pid_t LinuxPair::pid_behind(std::uint8_t slot) const {
  Reply reply{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))] = {};
  struct iovec bytes {
    &reply, sizeof reply
  };
  struct msghdr message {};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  [[maybe_unused]] const ssize_t got = ::recvmsg(kControllerChannels + slot, &message, 0);
  assert(got > 0);
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  assert(header != nullptr && header->cmsg_type == SCM_CREDENTIALS);
  ucred who{};
  std::memcpy(&who, CMSG_DATA(header), sizeof who);
  return who.pid;
}

LinuxPair::~LinuxPair() {
  for (const pid_t pid : unreaped_) ::kill(pid, SIGKILL);
  for (const pid_t pid : unreaped_) ::waitpid(pid, nullptr, 0);  // parents come before children
  below_ = {};
  for (const Worker& worker : workers_) {
    if (worker.pidfd >= 0) ::close(worker.pidfd);
  }
  for (int i = 0; i < static_cast<int>(kProcesses); ++i) {
    ::close(kControllerChannels + i);
    ::close(kWorkerChannels + i);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

void LinuxPair::adopt(std::uint8_t slot, pid_t pid, pid_t own) {
  assert(pid > 0 && own > 0);
  Worker& worker = workers_[slot];
  if (worker.pidfd >= 0) ::close(worker.pidfd);
  worker.pid = pid;
  worker.pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  const int named = pid_of(kernel_.processes[slot]);
  const unsigned space = space_of(slot);
  if (space == 0) unreaped_.push_back(pid);
  real_pids_[0][named] = pid;
  real_pids_[space][own_pid(kernel_, named)] = own;
}

std::int64_t LinuxPair::real_port(std::int64_t port) {
  if (has_own_network()) return port;
  const auto [known, fresh] = real_ports_.try_emplace(port, 0);
  if (fresh) known->second = free_port();
  return known->second;
}

std::int64_t LinuxPair::real_pid(unsigned space, std::int64_t pid) const {
  if (pid < -1) return -real_pid(space, -pid);
  if (pid < kPidBase) return pid;
  const auto known = real_pids_[space].find(pid);
  return known == real_pids_[space].end() ? kNoPid : known->second;
}

// This process is the root namespace's init.
std::int64_t LinuxPair::model_pid(unsigned space, std::int64_t pid) const {
  if (space == 0 && pid == ::getpid()) return 1;
  const auto& pids = real_pids_[space];
  for (auto known = pids.rbegin(); known != pids.rend(); ++known) {
    if (known->second == pid) return known->first;
  }
  return pid;
}

// Whether both sides can do it; the state and the answer that follow.
bool LinuxPair::fits(std::uint8_t slot, Call& call, Kernel& after, Answer& answer) {
  if (kernel_.processes[slot].life != Life::kRunning) return false;
  for (int attempt = 0; attempt < 2; ++attempt) {
    after = kernel_;
    answer = step(after, tables_, slot, call);
    // Whether a handler ran before the call or inside it is a race on the real side.
    const bool would_wait = answer.outcome == Outcome::kWaits || answer.result == -EINTR;
    if (!would_wait) break;
    make_non_blocking(call);
  }
  const bool stops_itself = after.processes[slot].life == Life::kStopped;
  return answer.outcome == Outcome::kDone && answer.result != -EINTR && !stops_itself;
}

Request LinuxPair::request_of(unsigned space, const Call& call, std::uint8_t child) {
  Request request{};
  request.call = call;
  request.next_slot = child;
  request.hello = space != 0;
  if (names_a_pid(call.op)) request.call.size = real_pid(space, call.size);
  if (call.op == Op::kBind || call.op == Op::kConnect) request.call.size = real_port(call.size);
  const Text texts[] = {call.text, call.text2};
  for (unsigned i = 0; i < 2; ++i) {
    std::string text(tables_.texts[texts[i]]);
    if (text.starts_with(kProcPrefix) && text.size() > 10 && text[6] == '1') {
      text = fmt::format("/proc/{}/stat", real_pid(space, std::atoi(text.c_str() + 6)));
    }
    assert(text.size() < sizeof request.text[i]);
    std::memcpy(request.text[i], text.data(), text.size());
    request.size[i] = static_cast<std::uint32_t>(text.size());
  }
  return request;
}

bool LinuxPair::exchange(std::uint8_t slot, const Request& request, Reply& reply) const {
  const int channel = kControllerChannels + slot;
  if (::send(channel, &request, sizeof request, MSG_NOSIGNAL) < 0) return false;
  struct pollfd ends[] = {{channel, POLLIN, 0}, {workers_[slot].pidfd, POLLIN, 0}};
  // A fuzzer's clock may ring meanwhile.
  if (TEMP_FAILURE_RETRY(::poll(ends, 2, kPatienceMs)) < 1 || (ends[0].revents & POLLIN) == 0)
    return false;
  return ::recv(channel, &reply, sizeof reply, 0) >= static_cast<ssize_t>(offsetof(Reply, text));
}

// What is two files there is not one here: 0 then.
std::uint32_t LinuxPair::model_inode(std::uint32_t real, std::uint32_t expected) {
  const auto known = inodes_.find(real);
  if (known != inodes_.end()) return known->second;
  for (const auto& [other, model] : inodes_) {
    if (model == expected) return 0;
  }
  return inodes_[real] = expected;
}

// Two lines of /proc/PID/stat: the pid, whether it is dead or stopped, parent, group and session.
bool LinuxPair::alike(unsigned space, std::string_view ours, std::string_view theirs) const {
  const StatLine model(ours);
  const StatLine real(theirs);
  for (unsigned i = 0; i < model.pids.size(); ++i) {
    std::int64_t pid = model_pid(space, real.pids[i]);
    // The group and the session that this process is in are those of the model's init.
    const bool ours_too = real.pids[i] == ::getpgrp() || real.pids[i] == ::getsid(0);
    if (space == 0 && i >= 2 && ours_too) pid = 1;
    if (pid != model.pids[i]) return false;
  }
  return (model.state == 'Z') == (real.state == 'Z') && (model.state == 'T') == (real.state == 'T');
}

// The real answer in the model's words.
Answer LinuxPair::translate(unsigned space, const Call& call, const Reply& reply,
                            const Answer& expected, Kind kind) {
  Answer answer = reply.answer;
  const std::string_view bytes(reply.text, reply.size);
  if (gives_a_pid(call.op) && answer.result > 0) answer.result = model_pid(space, answer.result);
  if (call.op == Op::kFcntlLock && answer.value > 0) answer.value = model_pid(space, answer.value);
  if (answer.ino > kNamespaceInodes) answer.uid = expected.uid;  // in a user namespace: nobody's
  if (answer.ino != 0) answer.ino = model_inode(answer.ino, expected.ino);
  if (kind == Kind::kSignals && answer.result > 0) {
    std::uint32_t signal = 0;
    std::memcpy(&signal, reply.text, sizeof signal);
    answer.value = signal;
  } else if (kind == Kind::kFree || kind == Kind::kInode) {
    answer.text = tables_.texts.intern(bytes);
  } else if (answer.result > 0 && expected.result > 0) {
    // Special files: that there is something, and what the stat of a process says of it.
    const bool same = kind != Kind::kProcStat || alike(space, tables_.texts[expected.text], bytes);
    answer.result = same ? expected.result : answer.result;
    answer.text = same ? expected.text : tables_.texts.intern(bytes);
  }
  return answer;
}

std::string LinuxPair::perform(std::uint8_t slot, Call call) {
  Kernel after;
  Answer expected;
  if (!fits(slot, call, after, expected)) {
    ++refused_;
    return "";
  }
  ++performed_;
  const Kind kind = kind_behind(kernel_, slot, call);
  const std::uint8_t child =
      call.op == Op::kFork ? slot_meant(after, slot, expected.result) : kNone;
  const std::string line =
      fmt::format("{}: {} -> {}", pid_of(kernel_.processes[slot]), format(call, tables_.texts),
                  format(expected, tables_.texts));
  log_ += line + "\n";
  const unsigned space = space_of(slot);
  const Request request = request_of(space, call, child);
  kernel_ = after;
  if (kernel_.processes[slot].life == Life::kDying) {
    ::send(kControllerChannels + slot, &request, sizeof request, MSG_NOSIGNAL);
    return settle();
  }
  Reply reply{};
  if (!exchange(slot, request, reply)) {
    // Whom it killed may have been its parent, and its end what it asked to be told by.
    const std::string difference = settle();
    const bool died = kernel_.processes[slot].life != Life::kRunning;
    return died ? difference : line + ", but Linux does not answer";
  }
  if (child != kNone && reply.answer.result > 0) {
    const auto own = static_cast<pid_t>(reply.answer.result);
    adopt(child, space == 0 ? own : pid_behind(child), own);
  }
  Answer answer = translate(space, call, reply, expected, kind);
  answer.caught |= expected.caught & std::exchange(perhaps_told_[slot], std::uint8_t{0});
  const auto early = static_cast<std::uint8_t>(answer.caught & ~expected.caught);
  answer.caught &= expected.caught;
  const bool sends = call.op == Op::kKill || call.op == Op::kPidfdSendSignal;
  if (sends) {
    // Likewise, the other one may stop or go on only after the call has returned.
    const auto late =
        static_cast<std::uint8_t>(expected.caught & ~answer.caught & signal_bit(SIGCHLD));
    answer.caught |= late;
    kernel_.processes[slot].caught |= late;
  }
  if (answer != expected) return line + ", but Linux: " + format(answer, tables_.texts);
  forget_dead_inodes();
  const std::string difference = settle();
  // Or a second SIGCHLD came with one that was to be told anyway: they are one then.
  if (sends) {
    perhaps_told_[slot] = kernel_.processes[slot].caught & answer.caught & signal_bit(SIGCHLD);
  }
  return difference.empty() ? take_early(slot, early, line) : difference;
}

// Another process may be dead, and its SIGCHLD here, before the call that killed it returns.
std::string LinuxPair::take_early(std::uint8_t slot, std::uint8_t signals,
                                  const std::string& line) {
  Process& process = kernel_.processes[slot];
  if ((signals & ~process.caught) != 0) return fmt::format("{}, but Linux: caught", line);
  process.caught &= static_cast<std::uint8_t>(~signals);
  return "";
}

// Both sides run until nobody is half dead or half stopped.
std::string LinuxPair::settle() {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
      if (!can_advance_death(kernel_, slot)) continue;
      changed = true;
      const std::string difference = settle_death(slot);
      if (!difference.empty()) return difference;
    }
  }
  // Only now: a death may have ended a stopped process, or let it go on.
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const bool stopped = kernel_.processes[slot].life == Life::kStopped;
    if (stopped && !wait_until_stopped(workers_[slot].pid)) {
      return fmt::format("{} does not stop", pid_of(kernel_.processes[slot]));
    }
  }
  forget_dead_inodes();
  return "";
}

std::string LinuxPair::settle_death(std::uint8_t slot) {
  const Process& process = kernel_.processes[slot];
  const int pid = pid_of(process);
  struct pollfd end {
    workers_[slot].pidfd, POLLIN, 0
  };
  if (TEMP_FAILURE_RETRY(::poll(&end, 1, kPatienceMs)) != 1)
    return fmt::format("{} does not die", pid);
  if (process.life == Life::kZombie) {
    const std::optional<int> status = reap_as_init(slot);
    if (!status) return fmt::format("{} is no child of init", pid);
    if (*status != process.status) {
      return fmt::format("{} ended with {}, but Linux: {}", pid, process.status, *status);
    }
  }
  advance_death(kernel_, slot);
  return "";
}

std::optional<int> LinuxPair::reap_as_init(std::uint8_t slot) {
  const unsigned space = space_of(slot);
  if (space != 0) {
    const std::int64_t own = own_pid(kernel_, pid_of(kernel_.processes[slot]));
    return below_[space]->reap(static_cast<pid_t>(real_pids_[space].at(own)));
  }
  int status = 0;
  const pid_t real = workers_[slot].pid;
  if (::waitpid(real, &status, 0) != real) return std::nullopt;
  std::erase(unreaped_, real);
  return status;
}

// Namespaces have inode numbers, too, and stay.
void LinuxPair::forget_dead_inodes() {
  std::erase_if(inodes_, [&](const auto& pair) {
    return pair.second == 0 ||
           (pair.second <= kInodes && kernel_.inodes[pair.second - 1].mode == 0);
  });
}

}  // namespace lockproof::sim
