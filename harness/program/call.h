// SPDX-License-Identifier: Apache-2.0
// Call and Answer: what a process asks of the kernel, and what it is told. Data only.
//
// One call is one system call of the port (port/sys.h), typed and without addresses: strings are
// numbers of a table of Texts. Both are small, trivially copyable and without padding, so that they
// can be compared, hashed and stored as bytes; members that an op does not use are zero. The list
// of ops is closed: calls.def.
//
// As text, both ways (docs/MODEL.md has the grammar):
//   open cwd "lock" O_RDWR|O_CREAT|O_EXCL 0600 -> 3
//   stat cwd "lock" 0 -> 0 ino=2 mode=0100600 nlink=1
//   flock 3 LOCK_EX|LOCK_NB -> EAGAIN
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/result.h"
#include "program/texts.h"

namespace lockproof {

enum class Op : std::uint8_t {
#define LOCKPROOF_CALL(identifier, name, arguments) identifier,
#include "program/calls.def"
#undef LOCKPROOF_CALL
};

enum class Refusal : std::uint8_t {
#define LOCKPROOF_REFUSAL(identifier, name, sentence) identifier,
#include "program/refusals.def"
#undef LOCKPROOF_REFUSAL
};

// kRestarted: handled, with SA_RESTART.
enum class Disposition : std::uint8_t { kDefault, kIgnored, kHandled, kRestarted };

// calls.def says which members an op uses, and for what.
struct Call {
  Op op = Op::kGetpid;
  std::uint8_t zero = 0;
  Text text = kEmptyText;
  Text text2 = kEmptyText;
  std::uint16_t zeros = 0;
  std::int32_t fd = 0;
  std::int32_t fd2 = 0;
  std::int32_t flags = 0;
  std::int32_t extra = 0;
  std::int64_t size = 0;
  std::int64_t offset = 0;

  bool operator==(const Call&) const = default;
};

enum class Outcome : std::uint8_t {
  kDone,     // the call is over
  kWaits,    // it waits in the kernel: it is still the process's pending call
  kRefused,  // the world does not know what Linux would answer: `refusal` says why
};

struct Answer {
  std::int64_t result = 0;  // as the kernel: >= 0, or the negated errno
  // stat: size; waitpid: status; clock_gettime: nanoseconds; read of a signal descriptor: the
  // signal; poll: revents, a byte each; fstatfs: type; fcntl_lock queries: l_pid
  std::int64_t value = 0;
  std::uint32_t ino = 0;    // stat
  std::uint32_t uid = 0;    // stat
  Text text = kEmptyText;   // read, pread, readlink: the bytes
  std::uint16_t mode = 0;   // stat: st_mode; fcntl_lock queries: l_type
  std::uint16_t nlink = 0;  // stat
  std::uint8_t caught = 0;  // signals whose handlers ran before the call returned: sim/signals.h
  Outcome outcome = Outcome::kDone;
  Refusal refusal = Refusal::kNothing;
  std::uint8_t zero[7] = {};

  bool operator==(const Answer&) const = default;
};

static_assert(std::has_unique_object_representations_v<Call> && sizeof(Call) == 40);
static_assert(std::has_unique_object_representations_v<Answer> && sizeof(Answer) == 40);

inline Answer done(std::int64_t result) {
  Answer answer;
  answer.result = result;
  return answer;
}
inline Answer fail(int error) { return done(-error); }
inline Answer waits() {
  Answer answer;
  answer.outcome = Outcome::kWaits;
  return answer;
}
inline Answer refuse(Refusal refusal) {
  Answer answer;
  answer.outcome = Outcome::kRefused;
  answer.refusal = refusal;
  return answer;
}

// It waits for time to pass, or is the work of an owner (hold): who repeats it burns no processor.
bool pauses(const Call& call);

std::string_view name(Op op);
std::optional<Op> op_named(std::string_view name);
std::string_view name(Refusal refusal);
std::string_view sentence(Refusal refusal);

std::string format(const Call& call, const Texts& texts);
std::string format(const Answer& answer, const Texts& texts);
// What format() gives, and nothing else; the error says at which word.
Result<Call> parse_call(std::string_view line, Texts& texts);
Result<Answer> parse_answer(std::string_view line, Texts& texts);

}  // namespace lockproof
