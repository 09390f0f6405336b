// SPDX-License-Identifier: Apache-2.0
#include "gantry/log.hpp"

#include <gtest/gtest.h>

namespace gantry {
namespace {

TEST(Log, PrintableKeepsText) {
  EXPECT_EQ(printable("plain, Grüße, \U0001F600"), "plain, Grüße, \U0001F600");
}

TEST(Log, PrintableEscapesControlCharacters) {
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(Log, PrintableEscapesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff|\xc3|\xed\xa0\x80|\xc0\xaf"), "\\xff|\\xc3|\\xed\\xa0\\x80|\\xc0\\xaf");
}

TEST(Log, PrintableCutsBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("ab\U0001F600", 3), "ab…");
}

}  // namespace
}  // namespace gantry
