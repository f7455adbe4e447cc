// Which API a target is asked in, and what is known of servers.
#include "route/translation.hpp"

#include <gtest/gtest.h>

#include "dialect/translate.hpp"

namespace flotte::route {
namespace {

using dialect::Api;
using dialect::ApiSet;

Target at(const std::string& host, const std::string& model, TargetKind kind = TargetKind::provider) {
  auto upstream = std::make_shared<Upstream>();
  upstream->connector = http::tcp_connector(host, 443);
  return {.kind = kind, .name = "p/" + model, .model = model, .upstream = upstream};
}

TEST(ChooseApi, PassesThroughWhereTheClientsOwnIsSpoken) {
  for (const dialect::ApiFacts& api : dialect::api_table) EXPECT_EQ(choose_api(api.api, dialect::all_apis), api.api) << api.name;
}

TEST(ChooseApi, TakesTheNearestThatIsSpoken) {
  EXPECT_EQ(choose_api(Api::messages, dialect::openai_apis), Api::chat);
  EXPECT_EQ(choose_api(Api::messages, ApiSet(Api::chat, Api::responses)), Api::responses);
  EXPECT_EQ(choose_api(Api::responses, ApiSet(Api::chat, Api::messages)), Api::chat);
  EXPECT_EQ(choose_api(Api::chat, ApiSet(Api::gemini)), Api::gemini);
  EXPECT_EQ(choose_api(Api::chat, ApiSet(Api::mistral, Api::embeddings)), Api::mistral);
  EXPECT_EQ(choose_api(Api::ollama_generate, ApiSet(Api::messages)), Api::messages);
  EXPECT_EQ(choose_api(Api::gemini_embed, dialect::openai_apis), Api::embeddings);
  EXPECT_EQ(choose_api(Api::ollama_embeddings, ApiSet(Api::gemini)), Api::gemini_batch_embed);
  EXPECT_EQ(choose_api(Api::gemini_embed, ApiSet(Api::gemini), true), Api::gemini_batch_embed);
}

TEST(ChooseApi, EveryClientThatGeneratesReachesEveryProvider) {
  for (const dialect::ApiFacts& client : dialect::api_table) {
    if (client.purpose != dialect::Purpose::generate) continue;
    for (const Api provider : {Api::chat, Api::mistral, Api::responses, Api::messages, Api::gemini, Api::ollama_chat})
      EXPECT_TRUE(choose_api(client.api, ApiSet(provider))) << client.name << " to " << dialect::facts_of(provider).name;
  }
}

TEST(ChooseApi, FindsNoneForOtherPurposes) {
  EXPECT_EQ(choose_api(Api::count_tokens, dialect::openai_apis), std::nullopt);
  EXPECT_EQ(choose_api(Api::chat, ApiSet(Api::embeddings)), std::nullopt);
  EXPECT_EQ(choose_api(Api::embeddings, ApiSet(Api::messages)), std::nullopt);
}

TEST(Describe, ModelsOfAnthropicByTheirVersion) {
  using Thinking = dialect::Target::Thinking;
  const auto claude = [](const char* model) { return describe(at("api.anthropic.com", model), Api::messages); };
  EXPECT_EQ(claude("claude-3-opus-20240229").default_max_tokens, 4'096);
  EXPECT_EQ(claude("claude-3-5-sonnet-20241022").default_max_tokens, 8'192);
  EXPECT_EQ(claude("claude-opus-4-1-20250805").default_max_tokens, 32'000);
  EXPECT_EQ(claude("claude-sonnet-4-20250514").default_max_tokens, 64'000);
  EXPECT_EQ(claude("claude-opus-4-5-20251101").thinking, Thinking::budget);
  EXPECT_EQ(claude("claude-opus-4-6").thinking, Thinking::adaptive);
  EXPECT_EQ(claude("claude-sonnet-5").thinking, Thinking::adaptive);
  EXPECT_EQ(claude("other-model").default_max_tokens, dialect::Target().default_max_tokens);
}

TEST(Describe, ServersOfChatByTheirHostAndModel) {
  using Limit = dialect::Target::Limit;
  using Effort = dialect::Target::Effort;
  const auto openai = describe(at("api.openai.com", "gpt-4o"), Api::chat);
  EXPECT_EQ(openai.limit, Limit::max_completion_tokens);
  EXPECT_EQ(openai.effort, Effort::leave_out);
  EXPECT_FALSE(openai.system_role_for_developer);
  for (const char* thinks : {"gpt-5-mini", "o3", "openai/gpt-6.1-sol"}) {
    const auto facts = describe(at("proxy.example", thinks), Api::chat);
    EXPECT_EQ(facts.limit, Limit::max_completion_tokens) << thinks;
    EXPECT_EQ(facts.effort, Effort::send) << thinks;
  }
  EXPECT_EQ(describe(at("proxy.example", "llama-4"), Api::chat).limit, Limit::max_tokens);
  EXPECT_EQ(describe(at("notapi.openai.com.example", "x"), Api::chat).limit, Limit::max_tokens) << "another host";
  EXPECT_TRUE(describe(at("api.mistral.ai", "mistral-small"), Api::mistral).mistral);
  EXPECT_EQ(describe(at("127.0.0.1", "qwen3", TargetKind::engine), Api::chat).past_reasoning,
            dialect::Target::PastReasoning::reasoning_content);
}

TEST(NotesHeader, IsShortAndPlain) {
  EXPECT_EQ(notes_header({}), "");
  using dialect::Fate;
  using dialect::Feature;
  std::vector<dialect::Note> notes{{Feature::seed, Fate::dropped, "seed"}, {Feature::tool_name, Fate::approximated, "tools[0].größe\r\n"}};
  EXPECT_EQ(notes_header(notes), "seed left out, tools[0].gr????e?? approximated");
  notes.assign(60, {Feature::seed, Fate::dropped, std::string(30, 'x')});
  const std::string many = notes_header(notes);
  EXPECT_LE(many.size(), notes_limit);
  EXPECT_TRUE(many.ends_with(" more")) << many;
  notes.assign(1, {Feature::seed, Fate::dropped, std::string(5'000, 'x')});
  EXPECT_EQ(notes_header(notes), "1 more");
}

}  // namespace
}  // namespace flotte::route
