// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace lockproof {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::string_view(term) == "dumb";
}

int columns_of(int fd) {
  struct winsize size {};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 80;
}

}  // namespace

ScreenStyle standard_output_style() {
  ScreenStyle style;
  if (::isatty(STDOUT_FILENO) == 0) return style;
  style.columns = columns_of(STDOUT_FILENO);
  style.colour = !is_set("NO_COLOR") && !dumb();
  return style;
}

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) != 0 && !dumb()) {}

void ProgressLine::show(const std::string& text, std::int64_t now_ms) {
  if (terminal_) {
    // A line that wraps could not be rewritten.
    std::fprintf(stderr, "\r\x1b[K%.*s", columns_of(STDERR_FILENO) - 1, text.c_str());
  } else if (now_ms >= next_log_ms_) {
    std::fprintf(stderr, "%s\n", text.c_str());
    next_log_ms_ = now_ms + kLogEveryMs;
  }
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (terminal_) std::fputs("\r\x1b[K", stderr);
}

}  // namespace lockproof
