// Times as text, there and back.
#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace flotte {
namespace {

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{1'795'249'800'123}, std::int64_t{951'782'400'000}}) {
    const auto read = parse_rfc3339(to_rfc3339(from_ms(ms)));
    ASSERT_TRUE(read);
    EXPECT_EQ(to_ms(*read), ms);
  }
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("2026-11-21T10:30:00+02:00"), parse_rfc3339("2026-11-21T08:30:00Z"));
  EXPECT_EQ(to_ms(*parse_rfc3339("1970-01-01T00:00:01.5Z")), 1500);
  EXPECT_EQ(to_ms(*parse_rfc3339("1970-01-01T00:00:00.123456Z")), 123);
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21", "2026-11-21T25:00:00Z",
                           "2026-11-21T08:30:00", "2026-11-21T08:30:00Zx", "2026-11-21T08:30:00.Z", "-026-11-21T08:30:00Z"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

}  // namespace
}  // namespace flotte
