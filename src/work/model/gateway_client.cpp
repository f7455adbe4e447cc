// Model calls over HTTP.
#include <fmt/format.h>

#include "work/model/client.hpp"

#include "base/async/wait.hpp"

namespace flotte::work {
namespace {

constexpr std::size_t error_body_limit = 64 * 1024;
constexpr std::chrono::seconds unknown_model_pause{2};
constexpr std::size_t model_limit = 64 * 1024;

/// The same call gives the same bytes on every attempt: the hub's journal goes by them.
std::string body_of(const ModelCall& call) {
  json::array messages;
  for (const ChatMessage& m : call.messages) messages.push_back(json::object{{"role", m.role}, {"content", m.content}});
  json::object body;
  body["model"] = call.model;
  body["messages"] = std::move(messages);
  body["stream"] = true;
  json::object options;
  options["include_usage"] = true;
  body["stream_options"] = std::move(options);
  return json::dump(body);
}

ModelFailure from_transport(Error error) {
  ModelFailure out;
  out.retryable = error.code != Code::cancelled && error.code != Code::invalid_argument;
  out.error = std::move(error);
  return out;
}

std::expected<ModelAnswer, ModelFailure> failure(ModelFailure f) { return std::unexpected(std::move(f)); }

}  // namespace

GatewayClient::GatewayClient(Executor executor, std::shared_ptr<http::Connector> hub, const Clock& clock, Options options)
    : hub_(std::move(hub)), clock_(clock), options_(std::move(options)), client_(executor) {}

Awaitable<std::expected<ModelAnswer, ModelFailure>> GatewayClient::ask(RunContext& run, ModelCall call,
                                                                       std::function<void(std::string_view)> on_text) {
  http::RequestHead head;
  head.method = "POST";
  head.target = options_.base_path + "/v1/chat/completions";
  head.headers.set("authorization", "Bearer " + run.offer().key);
  head.headers.set("content-type", "application/json");
  head.headers.set("accept", "text/event-stream");
  head.headers.set("x-flotte-step", call.step);
  const std::string body = body_of(call);
  http::CancelHandle cancel;
  std::function<void()> on_stop = [&cancel] { cancel.cancel(); };
  StopSignal::Hook hook(run.stop(), on_stop);

  auto sent = co_await client_.send(hub_, head, body, options_.deadlines, &cancel);
  if (!sent) co_return failure(from_transport(std::move(sent.error())));
  http::ClientCall& answer = **sent;
  const http::ResponseHead& got = answer.head();
  if (got.status != 200) {
    std::optional<std::string> retry_after;
    if (const auto told = got.headers.get("retry-after")) retry_after = std::string(*told);
    auto text = co_await answer.read_all(error_body_limit);
    if (got.status == 404) {
      // Nodes link again within some seconds of a hub's start: a pause keeps the attempts from being used up before that.
      const bool rested = co_await sleep_for(unknown_model_pause);
      (void)rested;
    }
    co_return failure(read_failure(got.status, text ? *text : std::string(), retry_after));
  }
  const std::string target(got.headers.get("x-flotte-target").value_or(""));
  const bool replayed = got.headers.get("x-flotte-replayed").value_or("") == "1";
  run.target(target);
  ChatStream stream;
  for (;;) {
    auto piece = co_await answer.next();
    if (!piece) co_return failure(from_transport(std::move(piece.error())));
    if (piece->empty()) break;
    if (auto fed = stream.feed(*piece, on_text); !fed) co_return failure(std::move(fed.error()));
    run.tokens(stream.pieces());
  }
  auto whole = stream.finish();
  if (whole) {
    whole->target = target;
    whole->replayed = replayed;
  }
  co_return whole;
}

Awaitable<std::int64_t> GatewayClient::context_tokens(RunContext& run, std::string model) {
  const auto it = known_.find(model);
  if (it != known_.end() && clock_.steady() - it->second.at <= options_.model_age) co_return it->second.context;
  auto loaded = co_await load_context(run, model);
  if (known_.size() > 1000) known_.clear();
  Known& known = known_[model];
  // What was known before still helps where the hub does not answer.
  if (loaded) known.context = *loaded > 0 ? *loaded : unknown_context;
  if (known.context <= 0) co_return unknown_context;
  known.at = clock_.steady();
  co_return known.context;
}

/// flotte's addition to the model object: `context_tokens`, absent where nobody knows.
Awaitable<Result<std::int64_t>> GatewayClient::load_context(RunContext& run, const std::string& model) {
  http::RequestHead head;
  head.method = "GET";
  head.target = options_.base_path + "/v1/models/" + http::percent_encode(model);
  head.headers.set("authorization", "Bearer " + run.offer().key);
  http::CancelHandle cancel;
  std::function<void()> on_stop = [&cancel] { cancel.cancel(); };
  StopSignal::Hook hook(run.stop(), on_stop);
  auto sent = co_await client_.send(hub_, head, "", options_.deadlines, &cancel);
  if (!sent) co_return pass(sent);
  auto text = co_await (*sent)->read_all(model_limit);
  if (!text) co_return pass(text);
  if ((*sent)->head().status != 200) co_return fail(Code::not_found, "the hub does not know the model");
  const auto object = json::parse_object(*text);
  co_return object ? json::int_or(*object, "context_tokens", 0) : 0;
}

}  // namespace flotte::work
