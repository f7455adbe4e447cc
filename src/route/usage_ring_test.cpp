#include "route/usage_ring.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace flotte::route {
namespace {

TEST(UsageRing, GivesRecordsInOrderAndCountsThoseWithoutRoom) {
  UsageRing ring;
  EXPECT_FALSE(ring.pop());
  for (std::size_t i = 0; i < UsageRing::capacity + 3; ++i)
    ring.push({.at_ms = static_cast<std::int64_t>(i), .model = "a model's name that is long"});
  EXPECT_EQ(ring.lost(), 3u);
  for (std::size_t i = 0; i < UsageRing::capacity; ++i) {
    const auto record = ring.pop();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->at_ms, static_cast<std::int64_t>(i));
  }
  EXPECT_FALSE(ring.pop());
}

TEST(UsageRing, CarriesRecordsFromOneThreadToAnother) {
  UsageRing ring;
  constexpr std::int64_t count = 50'000;
  std::thread producer([&] {
    for (std::int64_t i = 0; i < count;) {
      const auto before = ring.lost();
      ring.push({.at_ms = i, .model = std::string(40, 'm')});
      if (ring.lost() == before)
        ++i;
      else
        std::this_thread::yield();
    }
  });
  for (std::int64_t expected = 0; expected < count;) {
    if (const auto record = ring.pop()) {
      ASSERT_EQ(record->at_ms, expected++);
      ASSERT_EQ(record->model.size(), 40u);
    }
  }
  producer.join();
}

}  // namespace
}  // namespace flotte::route
