// SPDX-License-Identifier: Apache-2.0
#include "trace/clock_page.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/fd.h"

namespace lockproof {
namespace {

// The clocks of clock_gettime(2), and what they show; all of it can be anywhere.
asm(R"(
    .pushsection .rodata
    .balign 16
lockproof_clocks:
    cmpl $0, lockproof_is_shown(%rip)
    je 1f
    cmp $11, %edi
    ja 1f
    mov %edi, %eax
    lea lockproof_which(%rip), %rdx
    movzbl (%rdx,%rax), %eax
    cmp $3, %eax
    je 1f
    shl $4, %eax
    lea lockproof_shown(%rip), %rdx
    movups (%rdx,%rax), %xmm0
    movups %xmm0, (%rsi)
    xor %eax, %eax
    ret
1:  mov $228, %eax
    syscall
    ret
lockproof_which:    # by the number of the clock: 0 realtime, 1 monotonic, 2 boottime, 3 the kernel's
    .byte 0, 1, 3, 3, 1, 0, 1, 2, 3, 3, 3, 0
    .balign 16
lockproof_is_shown:
    .quad 0
lockproof_shown:    # three of struct timespec
    .fill 6, 8, 0
lockproof_clocks_end:
    .popsection
)");
static_assert(SYS_clock_gettime == 228);

extern "C" const unsigned char lockproof_clocks[], lockproof_is_shown[], lockproof_clocks_end[];

// What is changed of it while it is there.
struct Shown {
  std::uint64_t is_shown;
  struct timespec times[3];
};

constexpr std::int64_t kSecond = 1'000'000'000;

struct timespec timespec_of(std::int64_t ns) {
  return {ns / kSecond, ns % kSecond};
}

Shown shown_as(const ShownTimes& times) {
  return {1,
          {timespec_of(times.realtime), timespec_of(times.monotonic), timespec_of(times.boottime)}};
}

// mov $number, %eax; syscall; ret. The arguments are where a function has them, up to three.
constexpr std::array<unsigned char, 8> call_of(unsigned char low, unsigned char high) {
  return {0xb8, low, high, 0, 0, 0x0f, 0x05, 0xc3};
}
// mov $-ENOSYS, %eax; ret: libc makes the call then.
constexpr std::array<unsigned char, 8> kNotThere = {0xb8, 0xda, 0xff, 0xff, 0xff, 0xc3, 0xcc, 0xcc};
static_assert(ENOSYS == 38);

struct Function {
  std::string_view name;
  std::array<unsigned char, 8> code;
};
constexpr std::string_view kClockGettime = "__vdso_clock_gettime";
constexpr Function kFunctions[] = {
    {"__vdso_gettimeofday", call_of(SYS_gettimeofday, 0)},
    {"__vdso_time", call_of(SYS_time, 0)},
    {"__vdso_clock_getres", call_of(SYS_clock_getres, 0)},
    {"__vdso_getcpu", call_of(SYS_getcpu & 0xff, SYS_getcpu >> 8)},
    {"__vdso_getrandom", kNotThere},
    {"__vdso_sgx_enter_enclave", kNotThere},
};

// All code of a vDSO, and where the clocks are in it.
struct Text {
  std::size_t begin = 0;  // from the beginning of the vDSO
  std::size_t clocks = 0;
  std::vector<unsigned char> bytes;
};

class Vdso {
 public:
  explicit Vdso(std::uint64_t base) : base_(base) {
    const auto& header = at<Elf64_Ehdr>(0);
    const std::span programs(&at<Elf64_Phdr>(header.e_phoff), header.e_phnum);
    for (const Elf64_Phdr& program : programs) {
      if (program.p_type != PT_DYNAMIC) continue;
      for (auto* entry = &at<Elf64_Dyn>(program.p_vaddr); entry->d_tag != DT_NULL; ++entry) {
        if (entry->d_tag == DT_SYMTAB) symbols_ = &at<Elf64_Sym>(entry->d_un.d_ptr);
        if (entry->d_tag == DT_STRTAB) names_ = &at<char>(entry->d_un.d_ptr);
        if (entry->d_tag == DT_HASH) count_ = (&at<std::uint32_t>(entry->d_un.d_ptr))[1];
      }
    }
  }

  // Of functions, those that begin with "__vdso_": the others are other names for them.
  std::vector<const Elf64_Sym*> functions() const {
    std::vector<const Elf64_Sym*> found;
    for (std::uint32_t i = 0; symbols_ != nullptr && names_ != nullptr && i < count_; ++i) {
      const bool is_code = ELF64_ST_TYPE(symbols_[i].st_info) == STT_FUNC;
      if (is_code && name(symbols_[i]).starts_with("__vdso_")) found.push_back(&symbols_[i]);
    }
    return found;
  }
  std::string_view name(const Elf64_Sym& symbol) const { return names_ + symbol.st_name; }

 private:
  template <class T>
  const T& at(std::uint64_t offset) const {
    return *reinterpret_cast<const T*>(base_ + offset);
  }

  std::uint64_t base_;
  const Elf64_Sym* symbols_ = nullptr;
  const char* names_ = nullptr;
  std::uint32_t count_ = 0;
};

// What is put there; nothing: a function is not known, or has no room. Who jumps between them is
// stopped by the processor: int3.
std::optional<Text> make_text() {
  const Vdso vdso(::getauxval(AT_SYSINFO_EHDR));
  const auto functions = vdso.functions();
  if (functions.empty()) return std::nullopt;
  const auto by_place = [](const Elf64_Sym* a, const Elf64_Sym* b) {
    return a->st_value < b->st_value;
  };
  const auto [first, last] = std::minmax_element(functions.begin(), functions.end(), by_place);
  Text text;
  text.begin = (*first)->st_value;
  text.bytes.assign((*last)->st_value + (*last)->st_size - text.begin, 0xcc);
  for (const Elf64_Sym* function : functions) {
    const std::string_view name = vdso.name(*function);
    std::span<const unsigned char> code(lockproof_clocks, lockproof_clocks_end);
    if (name == kClockGettime) {
      text.clocks = function->st_value;
    } else {
      const auto known = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                      [&](const Function& other) { return other.name == name; });
      if (known == std::end(kFunctions)) return std::nullopt;
      code = known->code;
    }
    if (code.size() > function->st_size || function->st_value % 16 != 0) return std::nullopt;
    std::copy(code.begin(), code.end(), &text.bytes[function->st_value - text.begin]);
  }
  return text.clocks == 0 ? std::nullopt : std::optional(text);
}

// Also where it may not write itself. False: it is gone.
bool overwrite(pid_t pid, std::uint64_t at, const void* bytes, std::size_t size) {
  const Fd memory(::open(fmt::format("/proc/{}/mem", pid).c_str(), O_WRONLY | O_CLOEXEC));
  return memory.get() >= 0 &&
         ::pwrite(memory.get(), bytes, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
}

}  // namespace

ClockPage ClockPage::put(pid_t pid, std::uint64_t vdso, const ShownTimes& times) {
  static const std::optional<Text> text = make_text();
  ClockPage page;
  if (!text || !overwrite(pid, vdso + text->begin, text->bytes.data(), text->bytes.size())) {
    return page;
  }
  page.at_ = vdso + text->clocks + static_cast<std::size_t>(lockproof_is_shown - lockproof_clocks);
  page.show(pid, times);
  return page;
}

void ClockPage::show(pid_t pid, const ShownTimes& times) {
  if (at_ == 0 || times == shown_) return;
  const Shown shown = shown_as(times);
  shown_ = times;
  overwrite(pid, at_, &shown, sizeof shown);
}

void ClockPage::hide(pid_t pid) {
  constexpr std::uint64_t kNot = 0;
  if (at_ != 0) overwrite(pid, at_, &kNot, sizeof kNot);
  *this = {};
}

}  // namespace lockproof
