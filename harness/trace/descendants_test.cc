// SPDX-License-Identifier: Apache-2.0
#include "trace/descendants.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lockproof {
namespace {

TEST(ParentInStat, is_counted_from_the_last_bracket) {
  EXPECT_EQ(parent_in_stat("41 (sh) S 7 41 41 0"), 7);
  EXPECT_EQ(parent_in_stat("41 (a) S 1 1 () S 7 41 41 0"), 7);
  EXPECT_EQ(parent_in_stat("41 (line\nbreak) R 12 0"), 12);
}

TEST(ParentInStat, is_nothing_where_there_is_none) {
  for (const char* stat :
       {"", "41", "41 (sh", "41 (sh)", "41 (sh) S", "41 (sh) S x 1", "41 (sh)S7 1"}) {
    EXPECT_EQ(parent_in_stat(stat), std::nullopt) << stat;
  }
}

TEST(ParentInStat, is_nothing_where_the_text_ends_before_it) {
  const std::string_view whole = "41 (sh) S 7 41";
  for (std::size_t size = 0; size < std::string_view("41 (sh) S 7").size(); ++size) {
    EXPECT_EQ(parent_in_stat(whole.substr(0, size)), std::nullopt) << size;
  }
}

RC_GTEST_PROP(ParentInStat, survives_any_bytes, (const std::string& bytes)) {
  (void)parent_in_stat(bytes);
}

RC_GTEST_PROP(ParentInStat, ignores_the_name, (const std::string& name, std::uint16_t parent)) {
  RC_ASSERT(parent_in_stat("41 (" + name + ") S " + std::to_string(parent) + " 41 41 0") ==
            static_cast<pid_t>(parent));
}

}  // namespace
}  // namespace lockproof
