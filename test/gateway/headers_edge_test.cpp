// Edge case 31: the fields by which Anthropic's clients and gateways talk about versions, betas, models and counts.
#include <gmock/gmock.h>

#include "base/json.hpp"
#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view betas = "interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14";
const std::map<std::string, std::string> claude_code{{"anthropic-version", "2023-06-01"},
                                                     {"anthropic-beta", std::string(betas)},
                                                     {"anthropic-dangerous-direct-browser-access", "true"},
                                                     {"x-app", "cli"},
                                                     {"x-stainless-lang", "js"},
                                                     {"x-claude-code-session-id", "7"},
                                                     {"User-Agent", "claude-cli/3.0"},
                                                     {"traceparent", "00-1-2-01"}};

std::string message(const std::string& model) {
  return R"({"model":")" + model + R"(","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]})";
}

TEST(Headers, Edge31_VersionAndBetasReachAnthropicUnchanged) {
  Rig rig;
  for (const char* path : {"/v1/messages?beta=true", "/v1/messages/count_tokens?beta=true"})
    EXPECT_EQ(rig.post_to(path, message("claude"), claude_code).status, 200) << path;
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 2u);
  for (const scripted::Logged& call : log)
    for (const auto& [name, value] : claude_code) EXPECT_EQ(call.head.headers.get(name), value) << name;
}

TEST(Headers, Edge31_ElsewhereOnlyListedFieldsArrive) {
  // The same client, and targets that speak other APIs.
  for (const char* model : {"plain", "resp", "gem", "oll"}) {
    Rig rig;
    EXPECT_EQ(rig.post_to("/v1/messages?beta=true", message(model), claude_code).status, 200) << model;
    const auto log = rig.log('a');
    ASSERT_EQ(log.size(), 1u);
    std::vector<std::string> theirs;
    for (const auto& [name, value] : log[0].head.headers)
      if (claude_code.contains(std::string(name))) theirs.emplace_back(name);
    EXPECT_THAT(theirs, testing::UnorderedElementsAre("User-Agent", "traceparent")) << model;
    EXPECT_EQ(log[0].head.target.find("beta=true"), std::string::npos) << model;
  }
}

TEST(Headers, Edge31_ATargetThatComesAfterAnthropicIsNotToldOfBetas) {
  Rig rig;
  rig.play('a', "status:status=500");
  EXPECT_EQ(rig.post_to("/v1/messages", message("crossed"), claude_code).header("x-flotte-target"), "chatb/m-b");
  EXPECT_EQ(rig.log('a').at(0).head.headers.get("anthropic-beta"), betas);
  EXPECT_EQ(rig.log('b').at(0).head.headers.get("anthropic-beta"), std::nullopt);
  EXPECT_EQ(rig.log('b').at(0).head.headers.get("anthropic-version"), std::nullopt);
}

TEST(Headers, Edge31_ModelsThatClaudeCodeShowsAreNamesThatBeginSo) {
  // It asks once when it starts, takes the first page, and leaves out what does not begin with claude or anthropic: an alias lets any model
  // in.
  Rig rig({.configure = [](route::RouteConfig& config) { config.models[1].aliases = {"claude-bee", "anthropic.bee", "claude-*"}; }});
  const Reply reply = rig.get("/v1/models?limit=1000", {{"anthropic-version", "2023-06-01"}, {"User-Agent", "claude-cli/3.0"}});
  EXPECT_EQ(reply.status, 200);
  const auto list = json::parse_object(reply.body);
  ASSERT_TRUE(list) << reply.body;
  EXPECT_FALSE(json::get_bool(*list, "has_more").value_or(true)) << "nobody asks for a second page";
  std::vector<std::string> shown;
  for (const json::value& entry : *json::get_array(*list, "data")) {
    const json::object& model = entry.as_object();
    const std::string id = json::string_or(model, "id", "");
    EXPECT_EQ(json::string_or(model, "type", ""), "model") << id;
    EXPECT_FALSE(json::string_or(model, "display_name", "").empty()) << id;
    EXPECT_EQ(json::string_or(model, "created_at", "").size(), 20u) << id;
    EXPECT_EQ(id.find('*'), std::string::npos) << "a pattern is no name";
    if (id.starts_with("claude") || id.starts_with("anthropic")) shown.push_back(id);
  }
  EXPECT_THAT(shown, ElementsAre("anthropic.bee", "claude", "claude-bee"));
  EXPECT_EQ(rig.post_to("/v1/messages", message("claude-bee"), claude_code).status, 200) << "what is shown can be asked";
  EXPECT_THAT(rig.log('b').at(0).body, HasSubstr("\"m-b\""));
}

TEST(Headers, Edge31_TokensForModelsOfOthersAreCountedHere) {
  Rig rig;
  for (const char* model : {"plain", "resp", "gem", "oll"}) {
    const Reply reply = rig.post_to("/v1/messages/count_tokens?beta=true", message(model), claude_code);
    EXPECT_EQ(reply.status, 200) << model << reply.body;
    EXPECT_EQ(reply.header("x-flotte-estimated"), "1") << model;
    EXPECT_THAT(reply.body, testing::MatchesRegex(R"(\{"input_tokens":[1-9][0-9]*\})")) << model;
  }
  EXPECT_TRUE(rig.log('a').empty()) << "nobody is asked, nobody is paid";
  EXPECT_TRUE(rig.usage().empty());
  EXPECT_EQ(rig.post_to("/v1/messages/count_tokens", message("claude"), claude_code).header("x-flotte-estimated"), "");
  EXPECT_EQ(rig.log('a').size(), 1u) << "Anthropic counts for itself";
}

}  // namespace
}  // namespace flotte::rig
