// Model calls and health.
#include <fmt/format.h>

#include "hub/api.hpp"
#include "hub/assets.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

Awaitable<void> respond_text(http::ServerCall& call, int status, std::string text) {
  auto sent = co_await call.respond(http::Response::text(status, std::move(text)));
  (void)sent;  // a client that has gone needs no answer
}

}  // namespace

namespace {
Awaitable<void> call(Request& request, dialect::Api api) { return request.loop.gateway.call(request.call, request.caller->who, api); }

/// Mistral's own clients ask at OpenAI's path and are stricter about what they read; they say who they are.
bool mistral_client(const http::ServerCall& call) {
  const auto agent = call.head().headers.get("user-agent");
  return agent && (agent->starts_with("mistral-client") || agent->find("ai-sdk/mistral") != std::string_view::npos);
}
}  // namespace

Awaitable<void> chat_completions(Request& request) {
  if (mistral_client(request.call)) return call(request, dialect::Api::mistral);
  return request.loop.gateway.chat_completions(request.call, request.caller->who);
}

Awaitable<void> completions(Request& request) { return call(request, dialect::Api::completions); }
Awaitable<void> embeddings(Request& request) { return call(request, dialect::Api::embeddings); }
Awaitable<void> responses(Request& request) { return call(request, dialect::Api::responses); }
Awaitable<void> messages(Request& request) { return call(request, dialect::Api::messages); }
Awaitable<void> count_tokens(Request& request) { return call(request, dialect::Api::count_tokens); }

Awaitable<void> no_kept_response(Request& request) {
  const Error missing(Code::not_found, fmt::format("there is no response \"{}\": responses are not kept here", request.captures.at(0)),
                      "send the whole conversation in `input`, with `store: false`");
  co_await respond_error(request.call, missing);
}

Awaitable<void> refuse_compaction(Request& request) {
  const Error refused(Code::invalid_argument, "conversations are not compacted here",
                      "ask a model for a summary by POST /v1/responses and go on with that");
  co_await respond_error(request.call, refused);
}

Awaitable<void> list_gateway_models(Request& request) { return request.loop.gateway.list_models(request.call, request.caller->who); }

Awaitable<void> show_gateway_model(Request& request) {
  return request.loop.gateway.show_model(request.call, request.caller->who, request.captures.at(0));
}

Awaitable<void> show_health(Request& request) { co_await respond_text(request.call, 200, "ok\n"); }

Awaitable<void> show_ready(Request& request) {
  if (request.hub.draining()) co_return co_await respond_text(request.call, 503, "the hub is stopping\n");
  // Whoever waited for "ready" asks a model next.
  if (!request.loop.table) co_return co_await respond_text(request.call, 503, "the hub is starting\n");
  std::function<Result<bool>(store::Transaction&)> ask = [](store::Transaction& tx) -> Result<bool> {
    return tx.one("SELECT 1").has_value();
  };
  auto answered = co_await request.hub.database().read<bool>(std::move(ask));
  if (!answered) co_return co_await respond_text(request.call, 503, "the database does not answer: " + answered.error().message + "\n");
  co_await respond_text(request.call, 200, "ready\n");
}

Awaitable<void> show_openapi(Request& request) {
  for (const Asset& asset : assets())
    if (asset.path == "/openapi.json") {
      http::ResponseHead head;
      head.headers.set("content-type", "application/json");
      auto sent = co_await request.call.respond(std::move(head), asset.plain);
      co_return;
    }
  const Error missing(Code::not_found, "this binary was built without the board and its description of the API", "script/build release");
  co_await respond_error(request.call, missing);
}

}  // namespace flotte::hub
