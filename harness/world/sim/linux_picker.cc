// SPDX-License-Identifier: Apache-2.0
#include "sim/linux_picker.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/signals.h"

namespace lockproof::sim {
namespace {

constexpr unsigned kMaxLive = 3;
constexpr unsigned kMaxLiveOfNamespaces = 5;

}  // namespace

std::uint8_t Picker::slot() const {
  const Kernel& kernel = pair_.kernel();
  for (unsigned i = 0; i < kProcesses; ++i) {
    const unsigned slot = (pick_.process % most_live() + i) % kProcesses;
    if (kernel.processes[slot].life == Life::kRunning) return static_cast<std::uint8_t>(slot);
  }
  return kNone;
}

Call Picker::call() const {
  static constexpr Op kWeighted[] = {Op::kOpenat,
                                     Op::kOpenat,
                                     Op::kOpenat,
                                     Op::kOpenat,
                                     Op::kOpenat,
                                     Op::kOpenat,
                                     Op::kClose,
                                     Op::kClose,
                                     Op::kFlock,
                                     Op::kFlock,
                                     Op::kFlock,
                                     Op::kFcntlLock,
                                     Op::kFcntlLock,
                                     Op::kFcntlLock,
                                     Op::kFcntlLock,
                                     Op::kFork,
                                     Op::kFork,
                                     Op::kWaitpid,
                                     Op::kWaitpid,
                                     Op::kKill,
                                     Op::kKill,
                                     Op::kKill,
                                     Op::kWrite,
                                     Op::kWrite,
                                     Op::kRead,
                                     Op::kRead,
                                     Op::kUnlinkat,
                                     Op::kUnlinkat,
                                     Op::kRenameat,
                                     Op::kRenameat,
                                     Op::kLinkat,
                                     Op::kSymlinkat,
                                     Op::kReadlinkat,
                                     Op::kFstatat,
                                     Op::kFstatat,
                                     Op::kMkdirat,
                                     Op::kDupAbove,
                                     Op::kDup,
                                     Op::kDup2,
                                     Op::kCloseOnExec,
                                     Op::kSeek,
                                     Op::kAccess,
                                     Op::kTouch,
                                     Op::kPread,
                                     Op::kPwrite,
                                     Op::kFtruncate,
                                     Op::kFchmod,
                                     Op::kFsync,
                                     Op::kFstat,
                                     Op::kFstat,
                                     Op::kFstatfs,
                                     Op::kGetpid,
                                     Op::kGetppid,
                                     Op::kGeteuid,
                                     Op::kExit,
                                     Op::kSetsid,
                                     Op::kSetParentDeathSignal,
                                     Op::kSigaction,
                                     Op::kPidfdOpen,
                                     Op::kPidfdOpen,
                                     Op::kPidfdSendSignal,
                                     Op::kPidfdSendSignal,
                                     Op::kSignalFd,
                                     Op::kSocket,
                                     Op::kBind,
                                     Op::kListen,
                                     Op::kConnect,
                                     Op::kPoll,
                                     Op::kPoll};
  Call call;
  static constexpr Op kOfLocks[] = {Op::kOpenat, Op::kOpenat,    Op::kFlock,     Op::kFlock,
                                    Op::kFlock,  Op::kFcntlLock, Op::kFcntlLock, Op::kFork,
                                    Op::kClose,  Op::kDupAbove,  Op::kKill,      Op::kWaitpid,
                                    Op::kDup2};
  if (theme_ == Theme::kLocks) {
    call.op = one_of(kOfLocks, pick_.op);
    fill(call);
    if (call.op == Op::kOpenat) open_lock_file(call);
    return call;
  }
  if (theme_ == Theme::kPorts) {
    static constexpr Op kOfPorts[] = {
        Op::kSocket,  Op::kSocket, Op::kSocket, Op::kReuseAddress, Op::kReuseAddress, Op::kBind,
        Op::kBind,    Op::kBind,   Op::kListen, Op::kListen,       Op::kListen,       Op::kConnect,
        Op::kConnect, Op::kClose,  Op::kFork,   Op::kDupAbove,     Op::kKill,         Op::kWaitpid};
    call.op = one_of(kOfPorts, pick_.op);
    if (pick_.op >= 253) call.op = Op::kExecvp;
    fill(call);
    return call;
  }
  call.op = one_of(kWeighted, pick_.op);
  if (theme_ == Theme::kContainers) {
    static constexpr Op kOfNamespaces[] = {Op::kGetpid,
                                           Op::kGetppid,
                                           Op::kFork,
                                           Op::kFork,
                                           Op::kFork,
                                           Op::kKill,
                                           Op::kKill,
                                           Op::kKill,
                                           Op::kWaitpid,
                                           Op::kWaitpid,
                                           Op::kPidfdOpen,
                                           Op::kPidfdOpen,
                                           Op::kOpenat,
                                           Op::kOpenat,
                                           Op::kOpenat,
                                           Op::kOpenat,
                                           Op::kRead,
                                           Op::kRead,
                                           Op::kRead,
                                           Op::kFstatat,
                                           Op::kFcntlLock,
                                           Op::kFcntlLock,
                                           Op::kFcntlLock,
                                           Op::kClose,
                                           Op::kSetsid,
                                           Op::kExit,
                                           Op::kPidfdSendSignal,
                                           Op::kSetParentDeathSignal,
                                           Op::kSigaction,
                                           Op::kPoll,
                                           Op::kWrite,
                                           Op::kFlock};
    call.op = one_of(kOfNamespaces, pick_.op);
  }
  if (pick_.op >= 253) call.op = Op::kExecvp;
  if (call.op == Op::kExit && live() == 1) call.op = Op::kGeteuid;
  fill(call);
  return call;
}

Text Picker::name(unsigned pick) const {
  static constexpr const char* kPaths[] = {"a", "b",   "a", "b",   "d",   "d/a", "d/b",
                                           "l", "l/a", "",  "d/e", "./a", "d/"};
  return pair_.tables().texts.intern(one_of(kPaths, pick));
}

Text Picker::opened(unsigned pick) const {
  if (pick % 11 != 10) return name(pick);
  static constexpr const char* kSpecial[] = {"/proc/self/stat", "/proc/1001/stat",
                                             "/proc/1002/stat", "/dev/null",
                                             "/dev/urandom",    "/proc/sys/kernel/random/boot_id"};
  return pair_.tables().texts.intern(one_of(kSpecial, pick / 11));
}

Text Picker::opened_by_namespaces(unsigned pick) const {
  const std::string process = pick % 8 == 1 ? "self" : std::to_string(pid(pick / 2));
  return pair_.tables().texts.intern(pick % 2 == 0 ? "a" : "/proc/" + process + "/stat");
}

Text Picker::content(unsigned pick) const {
  static constexpr const char* kContents[] = {"x", "hello", "4711\n", ""};
  return pair_.tables().texts.intern(one_of(kContents, pick));
}

int Picker::descriptor(unsigned pick) {
  static constexpr int kFds[] = {3, 3, 3, 4, 4, 5, 6, 0, 7, 9, -1};
  return one_of(kFds, pick);
}

int Picker::directory(unsigned pick) {
  static constexpr int kDirs[] = {AT_FDCWD, AT_FDCWD, AT_FDCWD, AT_FDCWD, AT_FDCWD, 3, 4, 9};
  return one_of(kDirs, pick);
}

int Picker::open_flags(unsigned access, unsigned bits) {
  static constexpr int kAccess[] = {O_RDWR, O_RDWR, O_RDONLY, O_WRONLY};
  static constexpr int kMore[] = {O_CREAT,
                                  O_CREAT,
                                  O_CREAT | O_EXCL,
                                  0,
                                  O_CREAT | O_TRUNC,
                                  O_CREAT | O_APPEND,
                                  O_NOFOLLOW | O_NONBLOCK,
                                  O_DIRECTORY,
                                  O_PATH,
                                  O_PATH | O_DIRECTORY | O_NOFOLLOW,
                                  O_CREAT | O_CLOEXEC,
                                  O_TRUNC,
                                  O_DIRECTORY | O_NOFOLLOW,
                                  O_CREAT | O_NOFOLLOW | O_NOCTTY,
                                  O_CREAT | O_DIRECTORY};
  const int more = one_of(kMore, bits);
  if ((more & O_DIRECTORY) != 0 && access % 3 != 0) return more;
  return one_of(kAccess, access) | more;
}

int Picker::signal(unsigned pick) {
  static constexpr int kSome[] = {0,       0,       SIGTERM, SIGUSR1, SIGKILL,
                                  SIGSTOP, SIGCONT, SIGCONT, SIGCHLD, SIGHUP};
  return one_of(kSome, pick);
}

std::int64_t Picker::pid(unsigned pick) const {
  static constexpr int kPids[] = {1002, 1001, 1003, 1002, 1003, 1004, 1005, 1002, 1003, 1249, 0, 1};
  static constexpr int kOfNamespaces[] = {1001, 1002, 1065, 1003, 1066, 1129,
                                          1001, 1002, 1067, 1003, 1130, 1193};
  return theme_ == Theme::kContainers ? one_of(kOfNamespaces, pick) : one_of(kPids, pick);
}

void Picker::fill(Call& call) const {
  if (call.op <= Op::kFstatat) return fill_names(call);
  if (call.op <= Op::kFcntlLock) return fill_files(call);
  if (call.op <= Op::kConnect) return fill_sockets(call);
  fill_processes(call);
}

void Picker::fill_names(Call& call) const {
  static constexpr int kModes[] = {0644, 0600, 0755, 01777};
  call.fd = directory(pick_.b);
  call.text = call.op == Op::kOpenat ? opened(pick_.a) : name(pick_.a);
  switch (call.op) {
    case Op::kOpenat:
      call.flags = open_flags(pick_.c, pick_.d);
      call.extra = one_of(kModes, pick_.b);
      if (theme_ == Theme::kContainers) {
        call.fd = AT_FDCWD;
        call.text = opened_by_namespaces(pick_.a);
        call.flags = pick_.a % 2 == 0 ? O_RDWR | O_CREAT : O_RDONLY;
      }
      break;
    case Op::kMkdirat: {
      static constexpr const char* kDirectories[] = {"d", "d", "a", "d/e", "l", ".", "d/.."};
      call.text = pair_.tables().texts.intern(one_of(kDirectories, pick_.a));
      call.extra = one_of(kModes, pick_.c | 2u);
      break;
    }
    case Op::kUnlinkat:
      call.flags = pick_.c % 3 == 0 ? AT_REMOVEDIR : 0;
      break;
    case Op::kLinkat:
      call.flags = pick_.d % 4 == 0 ? AT_SYMLINK_FOLLOW : 0;
      [[fallthrough]];
    case Op::kRenameat:
      call.fd2 = directory(pick_.d);
      call.text2 = name(pick_.c);
      break;
    case Op::kSymlinkat: {
      static constexpr const char* kTargets[] = {"a", "d", "l", "b", "d/a", ""};
      call.text2 = pair_.tables().texts.intern(one_of(kTargets, pick_.c));
      if (pick_.d % 2 == 0) call.text = pair_.tables().texts.intern("l");
      break;
    }
    case Op::kAccess:
      call.flags = one_of({F_OK, R_OK, W_OK, X_OK, R_OK | X_OK, 8}, pick_.c);
      break;
    case Op::kTouch:
      break;
    case Op::kReadlinkat:
      call.size = pick_.c % 4 == 0 ? pick_.c % 3 : 100;
      break;
    default:
      call.flags = pick_.c % 2 == 0 ? AT_SYMLINK_NOFOLLOW : 0;
      if (theme_ == Theme::kContainers) {
        call.fd = AT_FDCWD;
        call.text = pair_.tables().texts.intern("/proc/self/ns/pid");
        call.flags = 0;
      }
  }
}

void Picker::open_lock_file(Call& call) const {
  call.fd = AT_FDCWD;
  call.text = pair_.tables().texts.intern(pick_.a % 4 == 0 ? "b" : "a");
  call.flags = one_of({O_RDWR, O_RDWR, O_RDONLY}, pick_.c) | O_CREAT;
  if (pick_.d % 4 == 0) call.flags |= O_CLOEXEC;
}

void Picker::fill_files(Call& call) const {
  static constexpr int kSizes[] = {0, 1, 3, 128, 1024};
  call.fd = descriptor(pick_.a);
  switch (call.op) {
    case Op::kDupAbove:
    case Op::kDup:
      call.flags = one_of({0, 3, 5, -1}, pick_.b);
      break;
    case Op::kDup2:
      call.fd2 = one_of({3, 4, 5, 6, 1, -1}, pick_.b);
      call.flags = one_of({0, 0, O_CLOEXEC, O_APPEND}, pick_.c);
      break;
    case Op::kCloseOnExec:
      call.flags = pick_.b % 2;
      break;
    case Op::kSeek:
      call.offset = one_of({0, 1, 3, -1, 100}, pick_.b);
      call.flags = one_of({SEEK_SET, SEEK_CUR, SEEK_END}, pick_.c);
      break;
    case Op::kPread:
      call.offset = one_of({0, 1, 7, -1}, pick_.c);
      [[fallthrough]];
    case Op::kRead:
      call.size = one_of(kSizes, pick_.b);
      break;
    case Op::kPwrite:
      call.offset = one_of({0, 1, 7, -1}, pick_.c);
      [[fallthrough]];
    case Op::kWrite:
      call.text = content(pick_.b);
      break;
    case Op::kFtruncate:
      call.size = one_of({0, 2, 8, -1}, pick_.b);
      break;
    case Op::kFchmod:
      call.extra = one_of({0600, 0644, 0700}, pick_.b);
      break;
    case Op::kFlock: {
      static constexpr int kOperations[] = {LOCK_EX, LOCK_SH, LOCK_UN};
      call.flags = one_of(kOperations, pick_.b) | (pick_.c % 2 == 0 ? LOCK_NB : 0);
      break;
    }
    case Op::kFcntlLock: {
      static constexpr int kCommands[] = {F_SETLK,     F_OFD_SETLK, F_GETLK,
                                          F_OFD_GETLK, F_SETLKW,    F_OFD_SETLKW};
      static constexpr int kTypes[] = {F_WRLCK, F_RDLCK, F_UNLCK};
      call.flags = one_of(kCommands, pick_.b);
      call.extra = one_of(kTypes, pick_.c);
      if (pick_.d % 2 == 0) {  // a part
        call.offset = one_of({0, 1, 2, 6, 7}, pick_.d / 2);
        call.size = call.offset == 7 ? 0 : pick_.d / 16 % 3;
      }
      if (theme_ == Theme::kContainers) {  // who has it
        call.offset = call.size = 0;
        call.fd = one_of({3, 3, 3, 4}, pick_.a);
        call.flags = one_of({F_SETLK, F_GETLK, F_SETLK, F_GETLK, F_OFD_GETLK}, pick_.b);
        call.extra = one_of({F_WRLCK, F_WRLCK, F_RDLCK, F_UNLCK}, pick_.c);
      }
      break;
    }
    default:
      break;
  }
}

void Picker::fill_sockets(Call& call) const {
  static constexpr int kFds[] = {3, 3, 4, 4, 5, 6, 0, 9};
  call.fd = call.op == Op::kSocket ? 0 : one_of(kFds, pick_.a);
  switch (call.op) {
    case Op::kSocket:
      call.flags = pick_.b % 3 == 0 ? SOCK_CLOEXEC : 0;
      break;
    case Op::kReuseAddress:
      call.flags = pick_.b % 4 != 0 ? 1 : 0;
      break;
    case Op::kListen:
      call.flags = one_of({0, 1, 5}, pick_.b);
      break;
    default:
      call.size = one_of({4711, 4711, 4711, 4712}, pick_.b);
  }
}

void Picker::fill_processes(Call& call) const {
  switch (call.op) {
    case Op::kFork:
      if (live() >= most_live()) call.op = Op::kGetppid;
      break;
    case Op::kExit:
      call.flags = pick_.a;
      break;
    case Op::kWaitpid:
      call.size = pick_.b % 2 == 0 ? -1 : pick_.b % 3 == 0 ? -pid(pick_.a) : pid(pick_.a);
      call.flags = pick_.c % 2 == 0 ? WNOHANG : 0;
      break;
    case Op::kSetParentDeathSignal:
      call.flags = signal(pick_.a);
      break;
    case Op::kKill:
      call.size = pid(pick_.a);
      call.flags = signal(pick_.b);
      break;
    case Op::kSigaction:
      call.flags = one_of({SIGTERM, SIGUSR1, SIGCHLD, SIGHUP, SIGKILL}, pick_.a);
      call.extra = pick_.b % 3;
      break;
    case Op::kPidfdOpen:
      call.size = pid(pick_.a);
      break;
    case Op::kPidfdSendSignal:
      call.fd = descriptor(pick_.a);
      call.flags = signal(pick_.b);
      break;
    case Op::kSignalFd:
      call.size = (1 << (SIGTERM - 1)) | (pick_.a % 2 == 0 ? 1 << (SIGCHLD - 1) : 0);
      break;
    case Op::kPoll:
      call.fd = descriptor(pick_.a);
      call.fd2 = descriptor(pick_.b);
      call.extra = -1;
      break;
    default:
      call.text = kEmptyText;
  }
}

unsigned Picker::most_live() const {
  return theme_ == Theme::kContainers ? kMaxLiveOfNamespaces : kMaxLive;
}

unsigned Picker::live() const {
  unsigned count = 0;
  for (const Process& process : pair_.kernel().processes) count += process.life != Life::kAbsent;
  return count;
}

}  // namespace lockproof::sim
