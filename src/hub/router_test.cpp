// Matching of methods and paths.
#include "hub/router.hpp"

#include <gtest/gtest.h>

#include "base/disk_full.hpp"

namespace flotte::hub {
namespace {

Awaitable<void> nothing(Request&) { co_return; }

constexpr Route table[] = {
    {"GET", "/v1/models", Need::models, nothing},
    {"GET", "/fleet/v1/tasks/{id}", Need::tasks, nothing},
    {"POST", "/fleet/v1/tasks/{id}/cancel", Need::tasks, nothing},
    {"POST", "/fleet/v1/tasks", Need::tasks, nothing},
    {"POST", "/v1beta/models/{call...}", Need::models, nothing},
};

TEST(Router, FindsExactPathsAndCaptures) {
  const Router router(table);
  EXPECT_EQ(router.find("GET", "/v1/models").route, &table[0]);
  const auto match = router.find("GET", "/fleet/v1/tasks/t%207");
  ASSERT_EQ(match.route, &table[1]);
  EXPECT_EQ(match.captures, std::vector<std::string>{"t 7"});
  EXPECT_EQ(router.find("POST", "/fleet/v1/tasks/t7/cancel").route, &table[2]);
}

TEST(Router, CapturesTheRestOfAPathWithItsSlashes) {
  const Router router(table);
  const auto plain = router.find("POST", "/v1beta/models/m:generateContent");
  ASSERT_EQ(plain.route, &table[4]);
  EXPECT_EQ(plain.captures, std::vector<std::string>{"m:generateContent"});
  EXPECT_EQ(router.find("POST", "/v1beta/models/a/b%2Fc@d/e:countTokens").captures, std::vector<std::string>{"a/b/c@d/e:countTokens"});
  EXPECT_EQ(router.find("POST", "/v1beta/models").route, nullptr);
  EXPECT_EQ(router.find("POST", "/v1beta/models/").route, nullptr);
}

TEST(Router, TellsAWrongMethodFromAnUnknownPath) {
  const Router router(table);
  EXPECT_TRUE(router.find("DELETE", "/v1/models").path_known);
  EXPECT_EQ(router.find("DELETE", "/v1/models").route, nullptr);
  EXPECT_TRUE(router.find("PUT", "/fleet/v1/tasks/t7").path_known);
  EXPECT_FALSE(router.find("GET", "/v1/model").path_known);
  EXPECT_FALSE(router.find("GET", "/fleet/v1/tasks//").path_known);
  EXPECT_FALSE(router.find("GET", "/fleet/v1/tasks/%zz").path_known);
  EXPECT_FALSE(router.find("GET", "").path_known);
}

TEST(Router, AFullDiskIsNoRateLimit) {
  const Error full = disk_full("the database's", "make room");
  EXPECT_EQ(full.message, "the database's disk is full");
  EXPECT_EQ(http_status(full), 507);
  EXPECT_EQ(http_status(full.within("task t1")), 507);
  EXPECT_EQ(http_status(Error(Code::internal, full.message)), 500) << "the code says it first";
  EXPECT_EQ(http_status(Error(Code::exhausted, "the disk says \"the queue is full\"")), 429) << "words of others, in whatever order";
  EXPECT_EQ(http_status(Error(Code::exhausted, "40 boards watch this hub already")), 429);
  EXPECT_EQ(http_status(Error(Code::exhausted, "the queue is full")), 429);
}

}  // namespace
}  // namespace flotte::hub
