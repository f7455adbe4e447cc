// Times for people.
#include "cli/screen/local_time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace flotte::cli {
namespace {

class LocalTime : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* zone = std::getenv("TZ")) before_ = zone;
    ::setenv("TZ", "XST-2", 1);  // two hours east of Greenwich, on machines without zones too
    ::tzset();
  }
  void TearDown() override {
    before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }
  std::string before_;
};

TEST_F(LocalTime, IsTheClockOnTheWall) {
  EXPECT_EQ(local_time("2026-11-21T22:22:19.123Z"), "2026-11-22 00:22:19");
  EXPECT_EQ(local_time("2026-11-21T22:22:19+02:00"), "2026-11-21 22:22:19");
  EXPECT_EQ(local_minute("2026-11-21T08:30:00.000Z"), "2026-11-21 10:30");
  EXPECT_EQ(local_time(""), "-");
  EXPECT_EQ(local_minute("tomorrow"), "-");
}

TEST_F(LocalTime, IsSaidInSentencesToo) {
  EXPECT_EQ(with_local_times("it waits until 2026-11-21T08:30:00.000Z, then t7 begins"),
            "it waits until 2026-11-21 10:30:00, then t7 begins");
  EXPECT_EQ(with_local_times("2026-11-21T08:30:00Z"), "2026-11-21 10:30:00");
  EXPECT_EQ(with_local_times("nothing, 2026-11-21, and T99"), "nothing, 2026-11-21, and T99");
  EXPECT_EQ(with_local_times(""), "");
}

}  // namespace
}  // namespace flotte::cli
