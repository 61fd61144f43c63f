// SPDX-License-Identifier: Apache-2.0
#include "program/make_call.h"

#include <algorithm>
#include <cerrno>
#include <string>

namespace lockproof {
namespace {

using solo::port::Sys;

// Views of a table need not end in a zero byte for whoever reads them as C does.
std::string text_of(const Texts& texts, Text text) { return std::string(texts[text]); }

template <class Read>
Answer bytes(const Call& call, Texts& texts, Read read) {
  std::string buffer(static_cast<std::size_t>(std::max<std::int64_t>(call.size, 0)), '\0');
  const ssize_t size = read(buffer.data(), buffer.size());
  Answer answer = done(size);
  if (size > 0) answer.text = texts.intern({buffer.data(), static_cast<std::size_t>(size)});
  return answer.text == kNoText ? refuse(Refusal::kFileSize) : answer;
}

template <class Look>
Answer look(Look stat) {
  struct stat info {};
  Answer answer = done(stat(&info));
  if (answer.result < 0) return answer;
  answer.ino = static_cast<std::uint32_t>(info.st_ino);
  answer.uid = info.st_uid;
  answer.mode = static_cast<std::uint16_t>(info.st_mode);
  answer.nlink = static_cast<std::uint16_t>(info.st_nlink);
  if (!S_ISDIR(info.st_mode)) answer.value = info.st_size;
  return answer;
}

Answer on_names(const Call& call, Texts& texts, Sys& sys) {
  const std::string path = text_of(texts, call.text);
  const std::string other = text_of(texts, call.text2);
  const auto mode = static_cast<mode_t>(call.extra);
  switch (call.op) {
    case Op::kOpenat:
      return done(sys.openat(call.fd, path.c_str(), call.flags, mode));
    case Op::kMkdirat:
      return done(sys.mkdirat(call.fd, path.c_str(), mode));
    case Op::kUnlinkat:
      return done(sys.unlinkat(call.fd, path.c_str(), call.flags));
    case Op::kRenameat:
      return done(sys.renameat(call.fd, path.c_str(), call.fd2, other.c_str()));
    case Op::kLinkat:
      return done(sys.linkat(call.fd, path.c_str(), call.fd2, other.c_str(), call.flags));
    case Op::kSymlinkat:
      return done(sys.symlinkat(other.c_str(), call.fd, path.c_str()));
    case Op::kReadlinkat:
      return bytes(call, texts, [&](char* buffer, std::size_t size) {
        return sys.readlinkat(call.fd, path.c_str(), buffer, size);
      });
    default:
      return look(
          [&](struct stat* out) { return sys.fstatat(call.fd, path.c_str(), out, call.flags); });
  }
}

Answer record_lock(const Call& call, Sys& sys) {
  struct flock lock {};
  lock.l_type = static_cast<short>(call.extra);
  lock.l_len = call.size;
  lock.l_start = call.offset;
  Answer answer = done(sys.fcntl_lock(call.fd, call.flags, &lock));
  if (answer.result == 0 && (call.flags == F_GETLK || call.flags == F_OFD_GETLK)) {
    answer.mode = static_cast<std::uint16_t>(lock.l_type);
    if (lock.l_type != F_UNLCK) answer.value = lock.l_pid;
  }
  return answer;
}

Answer on_files(const Call& call, Texts& texts, Sys& sys) {
  switch (call.op) {
    case Op::kClose:
      return done(sys.close(call.fd));
    case Op::kDupAbove:
      return done(sys.dup_above(call.fd, call.flags));
    case Op::kRead:
      return bytes(call, texts,
                   [&](char* to, std::size_t size) { return sys.read(call.fd, to, size); });
    case Op::kPread:
      return bytes(call, texts, [&](char* to, std::size_t size) {
        return sys.pread(call.fd, to, size, call.offset);
      });
    case Op::kWrite:
      return done(sys.write(call.fd, texts[call.text].data(), texts[call.text].size()));
    case Op::kPwrite:
      return done(
          sys.pwrite(call.fd, texts[call.text].data(), texts[call.text].size(), call.offset));
    case Op::kFtruncate:
      return done(sys.ftruncate(call.fd, call.size));
    case Op::kFchmod:
      return done(sys.fchmod(call.fd, static_cast<mode_t>(call.extra)));
    case Op::kFsync:
      return done(sys.fsync(call.fd));
    case Op::kFstat:
      return look([&](struct stat* out) { return sys.fstat(call.fd, out); });
    case Op::kFstatfs: {
      struct statfs info {};
      Answer answer = done(sys.fstatfs(call.fd, &info));
      if (answer.result == 0) answer.value = info.f_type;
      return answer;
    }
    case Op::kFlock:
      return done(sys.flock(call.fd, call.flags));
    default:
      return record_lock(call, sys);
  }
}

Answer on_sockets(const Call& call, Sys& sys) {
  const auto port = static_cast<std::uint16_t>(call.size);
  switch (call.op) {
    case Op::kSocket:
      return done(sys.socket(call.flags));
    case Op::kReuseAddress:
      return done(sys.reuse_address(call.fd, call.flags != 0));
    case Op::kBind:
      return done(sys.bind(call.fd, port));
    case Op::kListen:
      return done(sys.listen(call.fd, call.flags));
    default:
      return done(sys.connect(call.fd, port));
  }
}

Answer on_processes(const Call& call, const Texts& texts, Sys& sys) {
  const auto pid = static_cast<pid_t>(call.size);
  switch (call.op) {
    case Op::kGetpid:
      return done(sys.getpid());
    case Op::kGetppid:
      return done(sys.getppid());
    case Op::kGeteuid:
      return done(sys.geteuid());
    case Op::kFork:
      return done(sys.fork());
    case Op::kExecvp: {
      const std::string file = text_of(texts, call.text);
      char* const words[] = {const_cast<char*>(file.c_str()), nullptr};
      return done(sys.execvp(file.c_str(), words));
    }
    case Op::kExit:
      sys.exit(call.flags);
      break;  // not reached; g++ forgets [[noreturn]] on a virtual call
    case Op::kWaitpid: {
      int status = 0;
      Answer answer = done(sys.waitpid(pid, &status, call.flags));
      if (answer.result > 0) answer.value = status;
      return answer;
    }
    case Op::kSetsid:
      return done(sys.setsid());
    case Op::kSetParentDeathSignal:
      return done(sys.set_parent_death_signal(call.flags));
    case Op::kKill:
      return done(sys.kill(pid, call.flags));
    case Op::kPidfdOpen:
      return done(sys.pidfd_open(pid));
    case Op::kPidfdSendSignal:
      return done(sys.pidfd_send_signal(call.fd, call.flags));
    case Op::kSignalFd:
      return done(sys.signal_fd(static_cast<std::uint64_t>(call.size)));
    default:
      break;
  }
  return fail(ENOSYS);
}

Answer on_time(const Call& call, Sys& sys) {
  if (call.op == Op::kSleep) return done(sys.sleep(call.size));
  if (call.op == Op::kClockGettime) {
    struct timespec now {};
    Answer answer = done(sys.clock_gettime(call.flags, &now));
    if (answer.result == 0) answer.value = now.tv_sec * 1'000'000'000 + now.tv_nsec;
    return answer;
  }
  struct pollfd fds[] = {{call.fd, POLLIN, 0}, {call.fd2, POLLIN, 0}, {call.extra, POLLIN, 0}};
  Answer answer = done(sys.poll(fds, 3, static_cast<int>(call.size)));
  for (unsigned i = 0; answer.result > 0 && i < 3; ++i) {
    answer.value |= static_cast<std::int64_t>(fds[i].revents) << (8 * i);
  }
  return answer;
}

bool is_of_the_port(Op op) {
  return op != Op::kAccess && op != Op::kTouch && op != Op::kDup && op != Op::kDup2 &&
         op != Op::kCloseOnExec && op != Op::kSeek && op != Op::kAlarm;
}

}  // namespace

Answer make_call(const Call& call, Texts& texts, Sys& sys) {
  if (!is_of_the_port(call.op)) return fail(ENOSYS);
  if (call.op <= Op::kFstatat) return on_names(call, texts, sys);
  if (call.op <= Op::kFcntlLock) return on_files(call, texts, sys);
  if (call.op <= Op::kConnect) return on_sockets(call, sys);
  const bool of_time =
      call.op == Op::kPoll || call.op == Op::kSleep || call.op == Op::kClockGettime;
  return of_time ? on_time(call, sys) : on_processes(call, texts, sys);
}

}  // namespace lockproof
