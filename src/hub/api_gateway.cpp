// Model calls, health and metrics.
#include <fmt/format.h>

#include "base/async/run_on.hpp"
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

Awaitable<void> chat_completions(Request& request) { return request.loop.gateway.chat_completions(request.call, request.caller->who); }

namespace {
Awaitable<void> call(Request& request, dialect::Api api) { return request.loop.gateway.call(request.call, request.caller->who, api); }
}  // namespace

Awaitable<void> completions(Request& request) { return call(request, dialect::Api::completions); }
Awaitable<void> embeddings(Request& request) { return call(request, dialect::Api::embeddings); }
Awaitable<void> responses(Request& request) { return call(request, dialect::Api::responses); }
Awaitable<void> messages(Request& request) { return call(request, dialect::Api::messages); }
Awaitable<void> count_tokens(Request& request) { return call(request, dialect::Api::count_tokens); }

Awaitable<void> list_gateway_models(Request& request) { return request.loop.gateway.list_models(request.call, request.caller->who); }

Awaitable<void> show_gateway_model(Request& request) {
  return request.loop.gateway.show_model(request.call, request.caller->who, request.captures.at(0));
}

Awaitable<void> show_health(Request& request) { co_await respond_text(request.call, 200, "ok\n"); }

Awaitable<void> show_ready(Request& request) {
  if (request.hub.draining()) co_return co_await respond_text(request.call, 503, "the hub is stopping\n");
  std::function<Result<bool>(store::Transaction&)> ask = [](store::Transaction& tx) -> Result<bool> {
    return tx.one("SELECT 1").has_value();
  };
  auto answered = co_await request.hub.database().read<bool>(std::move(ask));
  if (!answered) co_return co_await respond_text(request.call, 503, "the database does not answer: " + answered.error().message + "\n");
  co_await respond_text(request.call, 200, "ready\n");
}

Awaitable<void> show_metrics(Request& request) {
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view type, std::string_view about, double value) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n{} {}\n", name, about, name, type, name, value);
  };
  route::Gateway::Counts calls;
  std::uint64_t usage_lost = 0;
  for (const auto& loop : request.hub.loops()) {
    std::function<route::Gateway::Counts()> count = [&loop] { return loop->gateway.counts(); };
    const auto c = co_await run_on<route::Gateway::Counts>(loop->loop.executor(), std::move(count));
    calls.calls += c.calls;
    calls.streams += c.streams;
    calls.replayed += c.replayed;
    calls.failed_over += c.failed_over;
    calls.under_way += c.under_way;
    usage_lost += loop->usage.lost();
  }
  const auto database = request.hub.database().counters();
  line("flotte_calls_total", "counter", "Model calls.", static_cast<double>(calls.calls));
  line("flotte_calls_streamed_total", "counter", "Model calls that were streamed.", static_cast<double>(calls.streams));
  line("flotte_calls_replayed_total", "counter", "Model calls answered from the journal.", static_cast<double>(calls.replayed));
  line("flotte_calls_failed_over_total", "counter", "Model calls that went on to another target.", static_cast<double>(calls.failed_over));
  line("flotte_calls_under_way", "gauge", "Model calls that are being answered.", static_cast<double>(calls.under_way));
  line("flotte_usage_lost_total", "counter", "Usage records that found no room.", static_cast<double>(usage_lost));
  line("flotte_database_commits_total", "counter", "Commits.", static_cast<double>(database.commits));
  line("flotte_database_writes_total", "counter", "Operations within commits.", static_cast<double>(database.closures));
  http::Response response = http::Response::text(200, std::move(out));
  response.head.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
  auto sent = co_await request.call.respond(std::move(response));
  (void)sent;  // a client that has gone needs no answer
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
