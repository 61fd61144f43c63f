// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "report/layout.h"
#include "report/report.h"

namespace lockproof {

std::string error_page(const ErrorPage& page, int columns) {
  constexpr int kIndent = 9;
  std::string text = fmt::format("{}  {}\n", name(page.code), page.title);
  const std::pair<const char*, std::string_view> fields[] = {
      {" means", page.means}, {" why", page.why}, {" mend", page.mend}};
  for (const auto& [label, words] : fields) {
    std::string left = label;
    for (const std::string& line : wrap(words, std::max(columns - kIndent, 20))) {
      text += padded(left, kIndent) + line + '\n';
      left.clear();
    }
  }
  return text;
}

}  // namespace lockproof
