// Streams and failures of model calls, and one call over a real socket.
#include "work/model/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.hpp"
#include "work/testing.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;

std::string chunk(std::string_view text) {
  return "data: " + json::dump(json::object{{"choices", json::array{json::object{{"delta", json::object{{"content", text}}}}}}}) + "\n\n";
}
const std::string stop_chunk = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string usage_chunk =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\n";
const std::string done = "data: [DONE]\n\n";

TEST(ChatStream, PutsTheAnswerTogetherAtEveryCut) {
  const std::string bytes = ": hello\n\n" + chunk("Gr") + chunk("öße 日") + stop_chunk + usage_chunk + done;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ChatStream stream;
    std::string live;
    const auto on_text = [&](std::string_view t) { live += t; };
    ASSERT_TRUE(stream.feed(bytes.substr(0, cut), on_text));
    ASSERT_TRUE(stream.feed(bytes.substr(cut), on_text));
    const auto answer = stream.finish();
    ASSERT_TRUE(answer) << cut;
    EXPECT_EQ(answer->text, "Größe 日");
    EXPECT_EQ(live, answer->text);
    EXPECT_EQ(answer->finish_reason, "stop");
    EXPECT_EQ(answer->usage.input_tokens, 12);
    EXPECT_EQ(answer->usage.cached_tokens, 8);
    EXPECT_EQ(answer->usage.output_tokens, 3);
  }
}

TEST(ChatStream, AnAnswerWithoutAnEndIsAFailureThatMayBeTriedAgain) {
  ChatStream stream;
  ASSERT_TRUE(stream.feed(chunk("half"), [](std::string_view) {}));
  const auto answer = stream.finish();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, Code::closed);
  EXPECT_TRUE(answer.error().retryable);
}

TEST(ChatStream, AReasonToFinishIsAnEndToo) {
  ChatStream stream;
  ASSERT_TRUE(stream.feed(chunk("x") + stop_chunk, [](std::string_view) {}));
  EXPECT_TRUE(stream.finish());
}

TEST(ChatStream, AnErrorInsideIsAFailure) {
  ChatStream stream;
  const auto fed = stream.feed(chunk("x") + "data: {\"error\":{\"message\":\"engine died\"}}\n\n", [](std::string_view) {});
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().error.message, "engine died");
  EXPECT_TRUE(fed.error().retryable);
  ChatStream other;
  EXPECT_EQ(other.feed("data: nonsense\n\n", [](std::string_view) {}).error().error.code, Code::corrupt);
}

struct Status {
  int status;
  bool again;
  Code code;
};

TEST(ModelFailure, SomeStatusesMayBeTriedAgain) {
  for (const Status& row : std::vector<Status>{{400, false, Code::invalid_argument},
                                               {401, false, Code::unauthenticated},
                                               {403, false, Code::forbidden},
                                               {404, true, Code::not_found},
                                               {422, false, Code::invalid_argument},
                                               {408, true, Code::deadline},
                                               {413, false, Code::too_large},
                                               {429, true, Code::exhausted},
                                               {500, true, Code::unavailable},
                                               {502, true, Code::unavailable},
                                               {503, true, Code::unavailable},
                                               {501, false, Code::unsupported}}) {
    const ModelFailure f = read_failure(row.status, "not json", "7");
    EXPECT_EQ(f.retryable, row.again) << row.status;
    EXPECT_EQ(f.error.code, row.code) << row.status;
    EXPECT_THAT(f.error.text(), HasSubstr("7 s"));
    EXPECT_EQ(f.later.has_value(), row.status == 429 || row.status == 503) << row.status;
    if (f.later) {
      EXPECT_EQ(f.later->count(), 7'000);
    }
    EXPECT_THAT(f.error.message, HasSubstr(std::to_string(row.status)));
  }
}

TEST(ModelFailure, WithinAStreamAlsoTellsQuotasAndOutagesFromFailures) {
  EXPECT_TRUE(read_stream_failure({{"message", "slow down"}, {"type", "rate_limit_error"}, {"code", "rate_limit_exceeded"}}).later);
  EXPECT_TRUE(read_stream_failure({{"message", "later"}, {"type", "overloaded_error"}}).later);
  EXPECT_FALSE(read_stream_failure({{"message", "it broke"}, {"type", "server_error"}, {"code", "upstream"}}).later);
  EXPECT_TRUE(read_failure(429, "{}", {}).later);
  EXPECT_FALSE(read_failure(402, "{}", "7").later);
}

TEST(ModelFailure, KnowsHowEnginesSayThatAQuestionIsTooLong) {
  const ModelFailure llama =
      read_failure(400, R"({"error":{"code":400,"message":"the request exceeds the available context size, try increasing it",
      "type":"exceed_context_size_error","n_prompt_tokens":5200,"n_ctx":4096}})",
                   {});
  EXPECT_TRUE(llama.context_exceeded);
  EXPECT_EQ(llama.context_tokens, 4096);
  EXPECT_EQ(llama.prompt_tokens, 5200);
  const ModelFailure openai = read_failure(
      400, R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 10010 tokens.",
      "type":"invalid_request_error","code":"context_length_exceeded"}})",
      {});
  EXPECT_TRUE(openai.context_exceeded);
  EXPECT_EQ(openai.context_tokens, 8192);
  EXPECT_EQ(openai.prompt_tokens, 10010);
  EXPECT_FALSE(read_failure(400, R"({"error":{"message":"no such field"}})", {}).context_exceeded);
}

/// A hub that answers what the test wants.
struct FakeHub {
  FakeHub() : server(loop.get_executor(), [this](http::ServerCall& call) { return answer(call); }) {
    port = server.listen({"127.0.0.1", 0, ""}).value();
  }
  Awaitable<void> answer(http::ServerCall& call) {
    last = call.head();
    auto read = co_await call.read_body();
    body = read.value_or("");
    if (hang) {
      http::ResponseHead head;
      co_await call.start(head);
      co_await call.write(chunk("never ending"));
      Event gone(loop.get_executor());
      std::function<void()> on_gone = [&gone] { gone.set(); };
      call.on_gone(on_gone);
      co_await gone.wait();
      client_gone = true;
      co_return;
    }
    http::Response response = reply;
    co_await call.respond(response);
  }
  asio::io_context loop;
  http::Server server;
  std::uint16_t port = 0;
  http::RequestHead last;
  std::string body;
  http::Response reply;
  bool hang = false, client_gone = false;
};

struct NoEvents final : RunEvents {
  void on_output(const wire::RunId&, std::string_view, std::string_view) override {}
  void on_progress(const wire::RunId&, std::string_view, double) override {}
  void on_activity(const wire::RunId&, const wire::Activity& a) override { last = a; }
  wire::Activity last;
};

struct Calling {
  Calling() : client(hub.loop.get_executor(), http::tcp_connector("127.0.0.1", hub.port), system_clock(), {}) {
    wire::Offer offer;
    offer.key = "fr_key";
    run = std::make_unique<RunContext>(hub.loop.get_executor(), offer, wire::WorkerInfo{}, events, system_clock());
  }
  template <class T>
  T wait(Awaitable<T> work) {
    return testing::wait(hub.loop, std::move(work));
  }
  FakeHub hub;
  NoEvents events;
  GatewayClient client;
  std::unique_ptr<RunContext> run;
};

TEST(GatewayClient, AsksWithTheRunsKeyAndStep) {
  Calling c;
  c.hub.reply.head.headers.set("x-flotte-target", "llama@box/m");
  c.hub.reply.head.headers.set("x-flotte-replayed", "1");
  c.hub.reply.body = chunk("Hello") + stop_chunk + usage_chunk + done;
  std::string live;
  const auto answer = c.wait(c.client.ask(*c.run, {"m", "part-3", {{"user", "Hi"}}}, [&](std::string_view t) { live += t; }));
  ASSERT_TRUE(answer) << answer.error().error.text();
  EXPECT_EQ(answer->text, "Hello");
  EXPECT_EQ(live, "Hello");
  EXPECT_EQ(answer->target, "llama@box/m");
  EXPECT_TRUE(answer->replayed);
  EXPECT_EQ(c.hub.last.target, "/v1/chat/completions");
  EXPECT_EQ(c.hub.last.headers.get("authorization"), "Bearer fr_key");
  EXPECT_EQ(c.hub.last.headers.get("x-flotte-step"), "part-3");
  EXPECT_EQ(c.hub.body,
            R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(c.events.last.target, "llama@box/m");
}

TEST(GatewayClient, TellsWhatTheHubSaid) {
  Calling c;
  c.hub.reply = http::Response::json(429, R"({"error":{"message":"slow down"}})");
  c.hub.reply.head.headers.set("retry-after", "20");
  const auto answer = c.wait(c.client.ask(*c.run, {"m", "answer", {}}, [](std::string_view) {}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.text(), "slow down (it asks to wait 20 s)");
  EXPECT_TRUE(answer.error().retryable);
}

TEST(GatewayClient, AHubThatIsAwayMayBeAskedAgain) {
  Calling c;
  GatewayClient nobody(c.hub.loop.get_executor(), http::unix_connector("/nonexistent/hub.sock"), system_clock(), {});
  const auto answer = c.wait(nobody.ask(*c.run, {"m", "answer", {}}, [](std::string_view) {}));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().retryable);
}

TEST(GatewayClient, AStopReachesTheHub) {
  Calling c;
  c.hub.hang = true;
  const auto on_text = [&](std::string_view) { c.run->stop().request(StopCause::cancelled); };
  const auto answer = c.wait(c.client.ask(*c.run, {"m", "answer", {}}, on_text));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, Code::cancelled);
  EXPECT_FALSE(answer.error().retryable);
  EXPECT_TRUE(testing::eventually(c.hub.loop, [&] { return c.hub.client_gone; }));
}

TEST(GatewayClient, AsksForTheContextOfAModelOnce) {
  Calling c;
  c.hub.reply = http::Response::json(200, R"({"id":"llama@box/small","context_tokens":2048})");
  EXPECT_EQ(c.wait(c.client.context_tokens(*c.run, "llama@box/small")), 2048);
  EXPECT_EQ(c.hub.last.target, "/v1/models/llama%40box%2Fsmall");
  c.hub.reply = http::Response::json(500, "");
  EXPECT_EQ(c.wait(c.client.context_tokens(*c.run, "llama@box/small")), 2048) << "what is known is still fresh";
  EXPECT_EQ(c.wait(c.client.context_tokens(*c.run, "other")), ModelClient::unknown_context);
  c.hub.reply = http::Response::json(200, R"({"id":"other"})");
  EXPECT_EQ(c.wait(c.client.context_tokens(*c.run, "other")), ModelClient::unknown_context);
}

}  // namespace
}  // namespace flotte::work
