// Addresses of vendors.
#include "route/vendors.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

TEST(Vendors, AreFoundByName) {
  ASSERT_NE(find_vendor("anthropic"), nullptr);
  EXPECT_EQ(find_vendor("anthropic")->key_variables[0], "ANTHROPIC_API_KEY");
  EXPECT_EQ(find_vendor("Anthropic"), nullptr);
  EXPECT_EQ(find_vendor(""), nullptr);
}

TEST(Vendors, CompleteAnAddressThatNamesOnlyAHost) {
  const Vendor& anthropic = *find_vendor("anthropic");
  EXPECT_EQ(vendor_base_url(anthropic, ""), "https://api.anthropic.com/v1");
  EXPECT_EQ(vendor_base_url(anthropic, "https://api.anthropic.com"), "https://api.anthropic.com/v1");
  EXPECT_EQ(vendor_base_url(anthropic, "http://127.0.0.1:9000/"), "http://127.0.0.1:9000/v1");
  EXPECT_EQ(vendor_base_url(anthropic, "https://proxy.example/anthropic/"), "https://proxy.example/anthropic");
  EXPECT_EQ(vendor_base_url(*find_vendor("gemini"), "https://generativelanguage.googleapis.com"),
            "https://generativelanguage.googleapis.com/v1beta");
}

}  // namespace
}  // namespace flotte::route
