// Targets that clients make up must not close one another.
#include "route/health_pool.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace flotte::route {
namespace {

TEST(HealthPool, GivesEachNameItsOwnAlthoughTheirHashesMeet) {
  const auto pool = std::make_unique<HealthPool>();
  std::set<const Health*> seen;
  for (std::uint64_t i = 0; i < 16; ++i) seen.insert(&pool->find(7 + i * HealthPool::size));
  EXPECT_EQ(seen.size(), 16U);
  for (std::uint64_t i = 0; i < 16; ++i) EXPECT_TRUE(seen.contains(&pool->find(7 + i * HealthPool::size)));
}

TEST(HealthPool, IsTheSameEachTime) {
  const auto pool = std::make_unique<HealthPool>();
  EXPECT_EQ(&pool->find(0), &pool->find(0));
  EXPECT_NE(&pool->find(0), &pool->find(HealthPool::size));
}

TEST(HealthPool, SharesWhereItIsFull) {
  const auto pool = std::make_unique<HealthPool>();
  for (std::uint64_t i = 0; i < HealthPool::size; ++i) pool->find(i + 1);
  EXPECT_EQ(&pool->find(5 + HealthPool::size * 9), &pool->find(5 + HealthPool::size * 9));
}

}  // namespace
}  // namespace flotte::route
