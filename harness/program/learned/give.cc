// SPDX-License-Identifier: Apache-2.0
#include "learned/give.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "program/clock_call.h"
#include "program/command.h"

namespace lockproof {
namespace {

constexpr dev_t kDevice = 7;
constexpr blksize_t kBlock = 4096;

class Giver {
 public:
  Giver(const StoppedTracee& tracee, const KernelCall& asked, const Answer& answer)
      : tracee_(tracee), asked_(asked), answer_(answer) {}

  bool bytes(unsigned at, std::string_view text) const {
    return text.empty() || tracee_.write(asked_.arguments[at], text.data(), text.size());
  }

  bool stat(unsigned at) const {
    struct stat info {};
    info.st_dev = kDevice;
    info.st_ino = answer_.ino;
    info.st_mode = answer_.mode;
    info.st_nlink = answer_.nlink;
    info.st_uid = answer_.uid;
    info.st_gid = answer_.uid;
    info.st_size = answer_.value;
    info.st_blksize = kBlock;
    info.st_atim = info.st_mtim = info.st_ctim = {kFileSeconds, 0};
    return put(at, info);
  }

  bool lock() const {
    struct flock lock {};
    if (!tracee_.read(asked_.arguments[2], &lock, sizeof lock)) return false;
    lock.l_type = static_cast<short>(answer_.mode);
    if (lock.l_type != F_UNLCK) lock.l_pid = static_cast<pid_t>(answer_.value);
    return put(2, lock);
  }

  bool wait() const {
    const auto status = static_cast<int>(answer_.value);
    const bool told = asked_.arguments[1] == 0 || put(1, status);
    return told && (asked_.arguments[3] == 0 || put(3, rusage{}));
  }

  bool poll() const {
    for (std::uint64_t i = 0; i < asked_.arguments[1]; ++i) {
      const auto revents = static_cast<short>((answer_.value >> (8 * i)) & 0xff);
      const std::uint64_t at = asked_.arguments[0] + i * sizeof(pollfd) + offsetof(pollfd, revents);
      if (!tracee_.write(at, &revents, sizeof revents)) return false;
    }
    return true;
  }

  bool file_system() const {
    struct statfs info {};
    info.f_type = answer_.value;
    info.f_bsize = kBlock;
    info.f_namelen = 255;
    return put(1, info);
  }

 private:
  template <class T>
  bool put(unsigned at, const T& value) const {
    return tracee_.write(asked_.arguments[at], &value, sizeof value);
  }

  const StoppedTracee& tracee_;
  const KernelCall& asked_;
  const Answer& answer_;
};

}  // namespace

bool write_answer(const StoppedTracee& tracee, const KernelCall& asked, const Call& call,
                  const Answer& answer, const Texts& texts) {
  const Giver give(tracee, asked, answer);
  if (answer.result < 0) return true;
  switch (call.op) {
    case Op::kRead:
    case Op::kPread:
      return give.bytes(1, texts[answer.text]);
    case Op::kReadlinkat:
      return give.bytes(2, texts[answer.text]);
    case Op::kFstatat:
      return give.stat(2);
    case Op::kFstat:
      return give.stat(asked.number == SYS_fstat ? 1 : 2);
    case Op::kFstatfs:
      return give.file_system();
    case Op::kFcntlLock: {
      const bool asks = call.flags == F_GETLK || call.flags == F_OFD_GETLK;
      return !asks || give.lock();
    }
    case Op::kWaitpid:
      return answer.result == 0 || give.wait();
    case Op::kPoll:
      return give.poll();
    case Op::kClockGettime:
      return put_time(tracee, asked, told_by(call.flags, answer.value));
    default:
      return true;
  }
}

}  // namespace lockproof
