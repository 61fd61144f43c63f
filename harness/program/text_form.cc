// SPDX-License-Identifier: Apache-2.0
// Calls and answers as lines of text, driven by the letters of calls.def.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "program/call.h"
#include "program/caught.h"

namespace lockproof {
namespace {

constexpr std::string_view kArguments[] = {
#define LOCKPROOF_CALL(identifier, name, arguments) arguments,
#include "program/calls.def"
#undef LOCKPROOF_CALL
};

struct Word {
  std::int64_t value;
  std::string_view name;
};

// Flags of several bits stand before those that they contain.
constexpr Word kOpenFlags[] = {{O_CREAT, "O_CREAT"},       {O_EXCL, "O_EXCL"},
                               {O_TRUNC, "O_TRUNC"},       {O_APPEND, "O_APPEND"},
                               {O_NOFOLLOW, "O_NOFOLLOW"}, {O_CLOEXEC, "O_CLOEXEC"},
                               {O_PATH, "O_PATH"},         {O_DIRECTORY, "O_DIRECTORY"},
                               {O_NONBLOCK, "O_NONBLOCK"}, {O_NOCTTY, "O_NOCTTY"}};
constexpr Word kAtFlags[] = {{AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
                             {AT_REMOVEDIR, "AT_REMOVEDIR"},
                             {AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"}};
constexpr Word kFlockBits[] = {
    {LOCK_SH, "LOCK_SH"}, {LOCK_EX, "LOCK_EX"}, {LOCK_UN, "LOCK_UN"}, {LOCK_NB, "LOCK_NB"}};
constexpr Word kWaitFlags[] = {{WNOHANG, "WNOHANG"}};

constexpr Word kSocketFlags[] = {{SOCK_CLOEXEC, "SOCK_CLOEXEC"}};

constexpr Word kAccess[] = {{O_RDONLY, "O_RDONLY"}, {O_WRONLY, "O_WRONLY"}, {O_RDWR, "O_RDWR"}};
constexpr Word kCommands[] = {{F_SETLK, "F_SETLK"},           {F_SETLKW, "F_SETLKW"},
                              {F_GETLK, "F_GETLK"},           {F_OFD_SETLK, "F_OFD_SETLK"},
                              {F_OFD_SETLKW, "F_OFD_SETLKW"}, {F_OFD_GETLK, "F_OFD_GETLK"}};
constexpr Word kLockTypes[] = {{F_RDLCK, "F_RDLCK"}, {F_WRLCK, "F_WRLCK"}, {F_UNLCK, "F_UNLCK"}};
constexpr Word kClocks[] = {{CLOCK_REALTIME, "CLOCK_REALTIME"},
                            {CLOCK_MONOTONIC, "CLOCK_MONOTONIC"},
                            {CLOCK_BOOTTIME, "CLOCK_BOOTTIME"}};
constexpr Word kDispositions[] = {{0, "default"}, {1, "ignored"}, {2, "handled"}, {3, "restarted"}};
constexpr std::string_view kMadeAgain = "ERESTARTSYS";

template <std::size_t N>
std::string one_of(const Word (&words)[N], std::int64_t value) {
  for (const Word& word : words) {
    if (word.value == value) return std::string(word.name);
  }
  return std::to_string(value);
}

// The flags by name, what is left as a number, "0" when there is nothing.
template <std::size_t N>
std::string flags(const Word (&words)[N], std::int64_t value, std::string start = "") {
  std::string result = std::move(start);
  for (const Word& word : words) {
    if ((value & word.value) != word.value) continue;
    value &= ~word.value;
    result += (result.empty() ? "" : "|") + std::string(word.name);
  }
  if (value == 0) return result.empty() ? "0" : result;
  return result + (result.empty() ? "" : "|") + std::to_string(value);
}

std::string quote(std::string_view bytes) {
  std::string result = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::optional<std::string> unquote(std::string_view word) {
  if (word.size() < 2 || word.front() != '"' || word.back() != '"') return std::nullopt;
  word = word.substr(1, word.size() - 2);
  std::string result;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '\\') {
      result += word[i];
    } else if (++i == word.size()) {
      return std::nullopt;
    } else if (word[i] != 'x') {
      result += word[i];
    } else {
      unsigned byte = 0;
      if (i + 2 >= word.size()) return std::nullopt;
      const char* const end = word.data() + i + 3;
      if (std::from_chars(word.data() + i + 1, end, byte, 16).ptr != end) return std::nullopt;
      result += static_cast<char>(byte);
      i += 2;
    }
  }
  return result;
}

// Words end at spaces outside of quotes.
std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < line.size()) {
    std::size_t end = at;
    bool quoted = false;
    for (; end < line.size() && (quoted || line[end] != ' '); ++end) {
      if (quoted && line[end] == '\\') {
        ++end;
      } else if (line[end] == '"') {
        quoted = !quoted;
      }
    }
    end = std::min(end, line.size());
    if (end > at) words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::optional<std::int64_t> number(std::string_view word, int base = 10) {
  std::int64_t value = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (read.ec != std::errc() || read.ptr != word.data() + word.size()) return std::nullopt;
  return value;
}

template <std::size_t N>
std::optional<std::int64_t> word_value(const Word (&words)[N], std::string_view text) {
  for (const Word& word : words) {
    if (word.name == text) return word.value;
  }
  return number(text);
}

template <std::size_t N>
std::optional<std::int64_t> flag_value(const Word (&words)[N], std::string_view text) {
  std::int64_t result = 0;
  while (!text.empty()) {
    const std::size_t bar = std::min(text.find('|'), text.size());
    auto value = word_value(words, text.substr(0, bar));
    if (!value && &words[0].name == &kOpenFlags[0].name) {
      value = word_value(kAccess, text.substr(0, bar));
    }
    if (!value) return std::nullopt;
    result |= *value;
    text.remove_prefix(std::min(bar + 1, text.size()));
  }
  return result;
}

std::string directory(int fd) { return fd == AT_FDCWD ? "cwd" : std::to_string(fd); }
std::optional<std::int64_t> directory_value(std::string_view word) {
  return word == "cwd" ? AT_FDCWD : number(word);
}

std::string argument(char letter, const Call& call, const Texts& texts) {
  switch (letter) {
    case 'd':
      return directory(call.fd);
    case 'D':
      return directory(call.fd2);
    case 'f':
      return std::to_string(call.fd);
    case 'F':
      return std::to_string(call.fd2);
    case 'G':
      return std::to_string(call.extra);
    case 'p':
      return quote(texts[call.text]);
    case 'q':
      return quote(texts[call.text2]);
    case 's':
    case 'i':
      return std::to_string(call.size);
    case 't':
      return std::to_string(call.offset);
    case 'o':
      return flags(kOpenFlags, call.flags & ~O_ACCMODE, one_of(kAccess, call.flags & O_ACCMODE));
    case 'a':
      return flags(kAtFlags, call.flags);
    case 'l':
      return flags(kFlockBits, call.flags);
    case 'w':
      return flags(kWaitFlags, call.flags);
    case 'n':
      return flags(kSocketFlags, call.flags);
    case 'm':
      return fmt::format("{:#o}", call.extra);
    case 'c':
      return one_of(kCommands, call.flags);
    case 'y':
      return one_of(kLockTypes, call.extra);
    case 'k':
      return one_of(kClocks, call.flags);
    case 'h':
      return one_of(kDispositions, call.extra);
    default:
      return std::to_string(call.flags);  // g, x
  }
}

template <class Member>
bool set(Member& member, std::optional<std::int64_t> value) {
  if (!value || *value != static_cast<Member>(*value)) return false;
  member = static_cast<Member>(*value);
  return true;
}

bool set_text(Text& member, std::string_view word, Texts& texts) {
  const auto bytes = unquote(word);
  if (!bytes) return false;
  member = texts.intern(*bytes);
  return member != kNoText;
}

bool read_argument(char letter, std::string_view word, Call& call, Texts& texts) {
  switch (letter) {
    case 'd':
      return set(call.fd, directory_value(word));
    case 'D':
      return set(call.fd2, directory_value(word));
    case 'f':
      return set(call.fd, number(word));
    case 'F':
      return set(call.fd2, number(word));
    case 'G':
      return set(call.extra, number(word));
    case 'p':
      return set_text(call.text, word, texts);
    case 'q':
      return set_text(call.text2, word, texts);
    case 's':
    case 'i':
      return set(call.size, number(word));
    case 't':
      return set(call.offset, number(word));
    case 'o':
      return set(call.flags, flag_value(kOpenFlags, word));
    case 'a':
      return set(call.flags, flag_value(kAtFlags, word));
    case 'l':
      return set(call.flags, flag_value(kFlockBits, word));
    case 'w':
      return set(call.flags, flag_value(kWaitFlags, word));
    case 'n':
      return set(call.flags, flag_value(kSocketFlags, word));
    case 'm':
      return set(call.extra, number(word, 8));
    case 'c':
      return set(call.flags, word_value(kCommands, word));
    case 'y':
      return set(call.extra, word_value(kLockTypes, word));
    case 'k':
      return set(call.flags, word_value(kClocks, word));
    case 'h':
      return set(call.extra, word_value(kDispositions, word));
    default:
      return set(call.flags, number(word));  // g, x
  }
}

std::string result_word(std::int64_t result) {
  if (result == kCallIsMadeAgain) return std::string(kMadeAgain);
  const char* const error =
      result < 0 && result > -4096 ? strerrorname_np(static_cast<int>(-result)) : nullptr;
  return error != nullptr ? error : std::to_string(result);
}

std::optional<std::int64_t> result_value(std::string_view word) {
  if (word == kMadeAgain) return kCallIsMadeAgain;
  for (int error = 1; error < 134; ++error) {
    const char* const known = strerrorname_np(error);
    if (known != nullptr && word == known) return -error;
  }
  return number(word);
}

bool read_field(std::string_view word, Answer& answer, Texts& texts) {
  if (word.starts_with('"')) return set_text(answer.text, word, texts);
  const std::size_t equals = word.find('=');
  if (equals == word.npos) return false;
  const std::string_view field = word.substr(0, equals);
  const std::string_view value = word.substr(equals + 1);
  if (field == "value") return set(answer.value, number(value));
  if (field == "ino") return set(answer.ino, number(value));
  if (field == "uid") return set(answer.uid, number(value));
  if (field == "mode") return set(answer.mode, number(value, 8));
  if (field == "nlink") return set(answer.nlink, number(value));
  if (field == "caught") return set(answer.caught, number(value));
  return false;
}

}  // namespace

std::string format(const Call& call, const Texts& texts) {
  std::string line(name(call.op));
  for (const char letter : kArguments[static_cast<std::size_t>(call.op)]) {
    line += " " + argument(letter, call, texts);
  }
  return line;
}

std::string format(const Answer& answer, const Texts& texts) {
  if (answer.outcome == Outcome::kWaits) return "waits";
  if (answer.outcome == Outcome::kRefused) return "refused " + std::string(name(answer.refusal));
  std::string line = result_word(answer.result);
  if (answer.text != kEmptyText) line += " " + quote(texts[answer.text]);
  if (answer.value != 0) line += fmt::format(" value={}", answer.value);
  if (answer.ino != 0) line += fmt::format(" ino={}", answer.ino);
  if (answer.uid != 0) line += fmt::format(" uid={}", answer.uid);
  if (answer.mode != 0) line += fmt::format(" mode={:#o}", answer.mode);
  if (answer.nlink != 0) line += fmt::format(" nlink={}", answer.nlink);
  if (answer.caught != 0) line += fmt::format(" caught={}", answer.caught);
  return line;
}

Result<Call> parse_call(std::string_view line, Texts& texts) {
  const auto words = split(line);
  const auto op = words.empty() ? std::nullopt : op_named(words[0]);
  if (!op) return usage_error(ErrorCode::kTree, "expected the name of a call at word 1");
  const std::string_view letters = kArguments[static_cast<std::size_t>(*op)];
  if (words.size() != letters.size() + 1) {
    return usage_error(ErrorCode::kTree,
                       fmt::format("expected {} arguments of {}", letters.size(), name(*op)));
  }
  Call call;
  call.op = *op;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!read_argument(letters[i], words[i + 1], call, texts)) {
      return usage_error(ErrorCode::kTree,
                         fmt::format("not an argument of {} at word {}", name(*op), i + 2));
    }
  }
  return call;
}

Result<Answer> parse_answer(std::string_view line, Texts& texts) {
  const auto words = split(line);
  if (words.size() == 1 && words[0] == "waits") return waits();
  if (words.size() == 2 && words[0] == "refused") {
    for (int i = 1; i <= static_cast<int>(Refusal::kFault); ++i) {
      if (name(static_cast<Refusal>(i)) == words[1]) return refuse(static_cast<Refusal>(i));
    }
  }
  Answer answer;
  if (words.empty() || !set(answer.result, result_value(words[0]))) {
    return usage_error(ErrorCode::kTree, "expected a result at word 1");
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!read_field(words[i], answer, texts)) {
      return usage_error(ErrorCode::kTree,
                         fmt::format("not a part of an answer at word {}", i + 1));
    }
  }
  return answer;
}

}  // namespace lockproof
