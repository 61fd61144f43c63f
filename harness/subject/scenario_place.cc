// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_place.h"

#include "core/file.h"
#include "subject/toml_reader.h"

namespace lockproof {

std::uint32_t line_of_promise(const std::filesystem::path& file, const std::string& invariant) {
  const auto text = read_whole_file(file, kMaxTomlBytes);
  if (!text) return 0;
  const auto root = parse_toml(*text, file.string());
  if (!root) return 0;
  if (const toml::array* names = root->get_as<toml::array>("invariants")) {
    for (const toml::node& item : *names) {
      if (item.value<std::string>() == invariant) return item.source().begin.line;
    }
  }
  const toml::node* subject = root->get("subject");
  return subject == nullptr ? 1 : subject->source().begin.line;
}

}  // namespace lockproof
