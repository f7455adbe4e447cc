// A conversation that changes its provider: thinking comes back to whoever wrote it, and nobody else is shown it.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::HasSubstr;

std::string messages_request(const std::string& model) {
  return R"({"max_tokens":100, "model":")" + model + R"(","messages":[{"role":"user","content":"Hello"},
    {"role":"assistant", "content":[{"type":"thinking","thinking":"Hm.","signature":"flotte.openai:rs_1:ENC"},{"type":"text", "text":"Hi"}]},
    {"role":"user","content":"Go on."}]})";
}
std::string responses_request(const std::string& model) {
  // {"text":"Hm.","signature":"SIG"}
  return R"({"model":")" + model + R"(", "input":[{"role":"user","content":"Hello"},
    {"type":"reasoning","summary":[],"encrypted_content":"flotte.sealed:eyJ0ZXh0IjoiSG0uIiwic2lnbmF0dXJlIjoiU0lHIn0="},
    {"role":"assistant", "content":"Hi"},{"role":"user","content":"Go on."}]})";
}

TEST(ForeignThoughts, Case19DoNotPassThroughToAnotherMaker) {
  Rig rig;
  EXPECT_EQ(rig.post_to("/v1/messages", messages_request("msg")).status, 200);
  EXPECT_EQ(rig.post_to("/v1/responses", responses_request("resp")).status, 200);
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].body, R"({"max_tokens":100, "model":"m-m","messages":[{"role":"user","content":"Hello"},)"
                         R"({"role":"assistant", "content":[{"type":"text", "text":"Hi"}]},{"role":"user","content":"Go on."}]})");
  EXPECT_EQ(log[1].body, R"({"model":"m-r", "input":[{"role":"user","content":"Hello"},)"
                         R"({"role":"assistant", "content":"Hi"},{"role":"user","content":"Go on."}]})");
}

TEST(ForeignThoughts, Case17ComeBackToTheirOwnMaker) {
  Rig rig;
  EXPECT_EQ(rig.post_to("/v1/messages", messages_request("resp")).status, 200);
  EXPECT_EQ(rig.post_to("/v1/responses", responses_request("msg")).status, 200);
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 2u);
  EXPECT_THAT(log[0].body,
              HasSubstr(R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"ENC"})"));
  EXPECT_THAT(log[1].body, HasSubstr(R"({"type":"thinking","thinking":"Hm.","signature":"SIG"},{"type":"text","text":"Hi"})"));
}

TEST(ForeignThoughts, WhatOnlyLooksLikeOnePassesUnchanged) {
  Rig rig;
  const std::string body = R"({ "model":"msg","max_tokens":9,"messages":[ {"role":"user","content":"\"flotte.openai:x\" and "} ] })";
  EXPECT_EQ(rig.post_to("/v1/messages", body).status, 200);
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].body, R"({ "model":"m-m","max_tokens":9,"messages":[ {"role":"user","content":"\"flotte.openai:x\" and "} ] })");
}

}  // namespace
}  // namespace flotte::rig
