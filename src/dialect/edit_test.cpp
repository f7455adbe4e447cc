// Outgoing bodies: only what is permitted changes.
#include "dialect/edit.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace flotte::dialect {
namespace {

std::string edited(const std::string& body, std::string_view model) {
  const auto request = scan_chat_request(body);
  EXPECT_TRUE(request) << body;
  if (!request) return {};
  OutgoingBody out(body, *request);
  out.ask_for_usage();
  out.set_model(model);
  EXPECT_TRUE(json::parse(out.text())) << out.text();
  return out.text();
}

TEST(OutgoingBody, IsUntouchedWhereNothingMustChange) {
  const std::string body = "\n{ \"stream\" : false,\t\"model\":\"m\" , \"z\":1.50, \"z\":\"\\u00e4\" }\r\n";
  EXPECT_EQ(edited(body, "m"), body);
}

TEST(OutgoingBody, ReplacesOnlyTheValueOfModel) {
  EXPECT_EQ(edited(R"({"a":"smart","model":"smart" ,"b":{"model":"smart"}})", "gpt \"x\""),
            R"({"a":"smart","model":"gpt \"x\"" ,"b":{"model":"smart"}})");
}

TEST(OutgoingBody, AsksForUsageWhereItIsAbsent) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"model":"m","stream":true})", R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})"},
      {R"({"model":"m","stream":true }  )", R"({"model":"m","stream":true ,"stream_options":{"include_usage":true}}  )"},
      {R"({"stream_options":null,"model":"m","stream":true})", R"({"stream_options":{"include_usage":true},"model":"m","stream":true})"},
      {R"({"model":"m","stream_options":{},"stream":true})", R"({"model":"m","stream_options":{"include_usage":true},"stream":true})"},
      {R"({"model":"m","stream_options":{ },"stream":true})", R"({"model":"m","stream_options":{"include_usage":true },"stream":true})"},
      {R"({"model":"m","stream":true,"stream_options":{"x":1}})",
       R"({"model":"m","stream":true,"stream_options":{"include_usage":true,"x":1}})"},
      {R"({"stream":true,"stream_options":{"include_usage": null},"model":"m"})",
       R"({"stream":true,"stream_options":{"include_usage": true},"model":"m"})"},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(edited(body, "m"), expected);
}

TEST(OutgoingBody, LeavesTheClientsOwnWishAlone) {
  for (const char* body :
       {R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})",
        R"({"model":"m","stream":true,"stream_options":{"include_usage":false}})", R"({"model":"m","stream":false})", R"({"model":"m"})",
        R"({"model":"m","stream":"true"})", R"({"model":"m","stream":true,"stream_options":"x"})",
        R"({"model":"m","stream":true,"stream":true})", R"({"model":"m","stream":true,"stream_options":null,"stream_options":{}})",
        R"({"model":"m","stream":true,"stream\u005foptions":{}})",
        R"({"model":"m","stream":true,"stream_options":{"include\u005fusage":false}})"}) {
    const auto request = scan_chat_request(body);
    ASSERT_TRUE(request) << body;
    OutgoingBody out(body, *request);
    EXPECT_FALSE(out.ask_for_usage()) << body;
    EXPECT_EQ(out.text(), body);
  }
}

TEST(OutgoingBody, CanBeMadeForOneTargetAfterAnother) {
  // The usage member before the model, behind it, and at the end; names that are shorter and longer.
  for (const std::string body : {R"({"stream_options":null,"model":"first","stream":true,"x":"ä"})",
                                 R"({"model":"first","stream_options":{},"stream":true})", R"({"model":"first","stream":true})"}) {
    const auto request = scan_chat_request(body);
    ASSERT_TRUE(request);
    OutgoingBody out(body, *request);
    std::string before;
    for (const std::string model : {"a", "a-much-longer-name", "", "first", "x/y"}) {
      out.set_model(model);
      EXPECT_TRUE(out.ask_for_usage());
      const auto parsed = json::parse_object(out.text());
      ASSERT_TRUE(parsed) << out.text();
      EXPECT_EQ(json::get_string(*parsed, "model"), model);
      EXPECT_EQ(json::get_bool(*json::get_object(*parsed, "stream_options"), "include_usage"), true);
      before = out.text();
    }
    OutgoingBody other(body, *request);
    other.ask_for_usage();
    other.set_model("x/y");
    EXPECT_EQ(other.text(), before);
  }
}

}  // namespace
}  // namespace flotte::dialect
