// SPDX-License-Identifier: Apache-2.0
// The stack of a fiber, and what AddressSanitizer has to be told about it: which stack is in use,
// or it takes an exception on a fiber for a jump to nowhere and goes on with marks that mean
// nothing. Without AddressSanitizer this is a stack with a guard page and nothing else.
#pragma once

#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace lockproof {

// One end of a switch: where its stack is, and what the sanitizer keeps for it meanwhile.
struct StackInUse {
  const void* bottom = nullptr;
  std::size_t size = 0;
  void* kept = nullptr;
};

// Before a switch from `here` to `there`; `here` null: its stack is not used again.
inline void before_switch([[maybe_unused]] StackInUse* here,
                          [[maybe_unused]] const StackInUse& there) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(here == nullptr ? nullptr : &here->kept, there.bottom, there.size);
#endif
}

// After it, on `here`, where `from` is what was left.
inline void after_switch([[maybe_unused]] const StackInUse& here,
                         [[maybe_unused]] StackInUse& from) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(here.kept, &from.bottom, &from.size);
#endif
}

// A stack allocator for boost::context that says where the stack is.
class FiberStack {
 public:
  // `where` outlives the stack.
  FiberStack(std::size_t bytes, StackInUse& where) : stack_(bytes), where_(&where) {}

  boost::context::stack_context allocate() {
    boost::context::stack_context context = stack_.allocate();
    where_->bottom = static_cast<const char*>(context.sp) - context.size;
    where_->size = context.size;
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(where_->bottom, where_->size);  // of what was there before
#endif
    return context;
  }
  void deallocate(boost::context::stack_context& context) noexcept { stack_.deallocate(context); }

 private:
  boost::context::protected_fixedsize_stack stack_;
  StackInUse* where_;
};

}  // namespace lockproof
