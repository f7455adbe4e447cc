// The embedded cockpit: true for the built one and for the page that stands in for it.
#include "hub/assets.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace flotte::hub {
namespace {

TEST(Assets, AlwaysHaveAFirstPage) {
  const auto all = assets();
  const auto page = std::find_if(all.begin(), all.end(), [](const Asset& a) { return a.path == "/index.html"; });
  ASSERT_NE(page, all.end());
  EXPECT_TRUE(page->plain.starts_with("<!doctype html>"));
  EXPECT_TRUE(page->plain.ends_with("</html>\n"));
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  EXPECT_FALSE(page->immutable);
}

TEST(Assets, AreSortedAndKnowTheirEncodings) {
  const auto all = assets();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const Asset& a, const Asset& b) { return a.path < b.path; }));
  for (const Asset& a : all) {
    EXPECT_FALSE(a.plain.empty()) << a.path;
    EXPECT_EQ(a.immutable, a.path.starts_with("/assets/")) << a.path;
    EXPECT_EQ(a.etag.size(), 20u) << a.path;
    if (!a.gzip.empty()) {
      EXPECT_TRUE(a.gzip.starts_with("\x1f\x8b")) << a.path;
      EXPECT_LT(a.gzip.size(), a.plain.size()) << a.path;
    }
    if (!a.brotli.empty()) {
      EXPECT_LT(a.brotli.size(), a.plain.size()) << a.path;
    }
  }
}

}  // namespace
}  // namespace flotte::hub
