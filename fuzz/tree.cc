// SPDX-License-Identifier: Apache-2.0
// A saved tree of a learned program: refused in one sentence, or exactly what it is written as.
#include "program/tree.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  lockproof::Texts texts;
  const auto tree = lockproof::Tree::parse(text, texts, "t.tree");
  if (!tree.ok()) {
    const std::string& sentence = tree.error().sentence;
    if (sentence.find("t.tree") == std::string::npos) std::abort();
    if (sentence.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  const std::string again = tree->text(texts);
  lockproof::Texts others;
  const auto second = lockproof::Tree::parse(again, others, "again");
  if (!second.ok() || second->text(others) != again) std::abort();
  return 0;
}
