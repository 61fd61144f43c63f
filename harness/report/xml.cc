// SPDX-License-Identifier: Apache-2.0
#include "report/xml.h"

#include <fmt/format.h>

#include <cassert>

#include "core/text.h"

namespace lockproof {
namespace {

// XML 1.0 has no way at all to say most control characters and U+FFFE, so they are spelled as
// escape() does.
std::string quoted(std::string_view bytes) {
  const std::string text = valid_utf8(bytes);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c < 0x20 && c != '\n') {
      result += fmt::format("\\x{:02x}", c);
    } else if (text.compare(i, 3, "\xef\xbf\xbe") == 0 || text.compare(i, 3, "\xef\xbf\xbf") == 0) {
      result += text[i + 2] == '\xbe' ? "\\u{fffe}" : "\\u{ffff}";
      i += 2;
    } else {
      result += static_cast<char>(c);
    }
  }
  return result;
}

}  // namespace

void Xml::start(std::string_view element, const Attributes& attributes) {
  document_.append(open_.size(), ' ').append("<").append(element);
  for (const auto& [key, value] : attributes) {
    document_ += fmt::format(" {}=\"{}\"", key, quoted(value));
  }
}

void Xml::open(std::string_view element, const Attributes& attributes) {
  start(element, attributes);
  document_ += ">\n";
  open_.emplace_back(element);
}

void Xml::close() {
  assert(!open_.empty());
  const std::string element = std::move(open_.back());
  open_.pop_back();
  document_.append(open_.size(), ' ').append(fmt::format("</{}>\n", element));
}

void Xml::empty(std::string_view element, const Attributes& attributes) {
  start(element, attributes);
  document_ += "/>\n";
}

void Xml::text(std::string_view element, const Attributes& attributes, std::string_view content) {
  start(element, attributes);
  document_ += fmt::format(">{}</{}>\n", quoted(content), element);
}

std::string Xml::take() {
  assert(open_.empty());
  return std::move(document_);
}

}  // namespace lockproof
