// SPDX-License-Identifier: Apache-2.0
#include "trace/no_time_stamps.h"

#include <sys/prctl.h>
#include <ucontext.h>
#include <x86intrin.h>

#include <csignal>
#include <cstring>
#include <mutex>

namespace lockproof {
namespace {

struct sigaction g_before;  // written once, before the first thread may not read it

void answer(int signal, siginfo_t* info, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  unsigned char code[kMostTimeStampBytes] = {};
  // Not by a wild address, which may be that of the instruction.
  if (info->si_code == SI_KERNEL) {
    std::memcpy(code, reinterpret_cast<const void*>(registers[REG_RIP]), sizeof code);  // NOLINT
  }
  const unsigned length = reads_time_stamp(code);
  if (length == 0) {
    ::sigaction(signal, &g_before, nullptr);  // it faults once more
    return;
  }
  ::prctl(PR_SET_TSC, PR_TSC_ENABLE);
  unsigned processor = 0;
  const unsigned long long now = __rdtscp(&processor);
  ::prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
  registers[REG_RAX] = static_cast<greg_t>(now & 0xffff'ffff);
  registers[REG_RDX] = static_cast<greg_t>(now >> 32);
  if (length == kMostTimeStampBytes) registers[REG_RCX] = processor;
  registers[REG_RIP] += length;
}

void install_handler() {
  struct sigaction handles {};
  handles.sa_sigaction = answer;
  handles.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigaction(SIGSEGV, &handles, &g_before);
}

}  // namespace

NoTimeStamps::NoTimeStamps() {
  static std::once_flag installed;
  std::call_once(installed, install_handler);
  int before = PR_TSC_SIGSEGV;
  ends_ = ::prctl(PR_GET_TSC, &before) == 0 && before == PR_TSC_ENABLE &&
          ::prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0;
}

NoTimeStamps::~NoTimeStamps() {
  if (ends_) ::prctl(PR_SET_TSC, PR_TSC_ENABLE);
}

}  // namespace lockproof
