#include "dialect/foreign_thoughts.hpp"

#include <gtest/gtest.h>

namespace flotte::dialect {
namespace {

TEST(ForeignThoughts, Case19AreTakenOutOfMessages) {
  EXPECT_EQ(
      without_foreign_thoughts(Format::anthropic, R"({ "x" : 1, "messages": [ {"role":"user", "content":"a"},
  {"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"flotte.openai:rs_1:ENC"}, {"type":"text", "text":"b"},
    {"type":"thinking","thinking":"So.","signature":"SIG"}]},{"role":"assistant","content":[{"type":"redacted_thinking","data":"flotte.gemini:S"}]}
  ],"model":"m" })"),
      R"({ "x" : 1, "messages": [{"role":"user", "content":"a"},)"
      R"({"role":"assistant","content":[{"type":"text", "text":"b"},{"type":"thinking","thinking":"So.","signature":"SIG"}]}],"model":"m" })");
}

TEST(ForeignThoughts, Case19AreTakenOutOfResponses) {
  EXPECT_EQ(without_foreign_thoughts(Format::responses, R"({"input":[{"role":"user","content":"a"},
  {"type":"reasoning","summary":[],"encrypted_content":"flotte.sealed:e30="},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"ENC"}]})"),
            R"({"input":[{"role":"user","content":"a"},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"ENC"}]})");
}

TEST(ForeignThoughts, Case19AreTakenOutOfChats) {
  EXPECT_EQ(
      without_foreign_thoughts(
          Format::openai_chat,
          R"({"messages":[{"role":"assistant","content":"a","reasoning_details":[{"type":"reasoning.encrypted","data":"flotte.openai:rs:E"}]}]})"),
      R"({"messages":[{"role":"assistant","content":"a","reasoning_details":[]}]})");
}

TEST(ForeignThoughts, LeaveEverythingElseAsItWasSent) {
  for (const Format format : provider_formats)
    for (
        const std::string_view body :
        {R"({"messages":[{"role":"user","content":"a"}]})", R"({"input":"\"flotte.sealed:x"})", R"({"messages":"flotte.x:y"})",
         R"({"input":[{"role":"user","content":"flotte.sealed:x"}],"messages":[{"role":"user","content":[{"type":"text","text":"flotte.openai:x"}]}]})",
         R"({"metadata":{"signature":"flotte.openai:x"},"messages":[],"input":[]})"})
      EXPECT_EQ(without_foreign_thoughts(format, body), std::nullopt) << body;
}

}  // namespace
}  // namespace flotte::dialect
