#include "hub/idle_memory.hpp"

#include <gtest/gtest.h>

namespace flotte::hub {
namespace {

using namespace std::chrono_literals;

TEST(IdleMemory, IsGivenBackOnceAfterARush) {
  IdleMemory memory;
  std::chrono::microseconds used = 0us;
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(memory.is_due(used += 1ms)) << "nothing has happened yet";
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(memory.is_due(used += 900ms));
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(memory.is_due(used += 1ms)) << i;
  EXPECT_FALSE(memory.is_due(used += 30ms)) << "not quiet yet: it begins anew";
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(memory.is_due(used += 1ms)) << i;
  EXPECT_TRUE(memory.is_due(used += 1ms));
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(memory.is_due(used += 1ms)) << "once";
}

}  // namespace
}  // namespace flotte::hub
