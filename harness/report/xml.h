// SPDX-License-Identifier: Apache-2.0
// XML that is well formed whatever it is given.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockproof {

class Xml {
 public:
  // Names are ours; values may hold anything.
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  void open(std::string_view element, const Attributes& attributes);
  void close();
  void empty(std::string_view element, const Attributes& attributes);
  void text(std::string_view element, const Attributes& attributes, std::string_view content);

  // REQUIRES: every element is closed.
  std::string take();

 private:
  void start(std::string_view element, const Attributes& attributes);

  std::string document_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  std::vector<std::string> open_;
};

}  // namespace lockproof
