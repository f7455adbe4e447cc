// Model calls over HTTP.
#include <fmt/format.h>

#include "work/model/client.hpp"

namespace flotte::work {
namespace {

constexpr std::size_t error_body_limit = 64 * 1024;
constexpr std::size_t model_list_limit = 4 * 1024 * 1024;

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
  if (!loaded_at_ || clock_.steady() - *loaded_at_ > options_.models_age) co_await load_models(run);
  auto known = contexts_.find(model);
  // "engine@node/model" is the same model under its bare name.
  if (known == contexts_.end())
    if (const std::size_t slash = model.find('/'); slash != std::string::npos) known = contexts_.find(std::string_view(model).substr(slash + 1));
  co_return known == contexts_.end() || known->second <= 0 ? unknown_context : known->second;
}

Awaitable<void> GatewayClient::load_models(RunContext& run) {
  http::RequestHead head;
  head.method = "GET";
  head.target = options_.base_path + "/v1/models";
  head.headers.set("authorization", "Bearer " + run.offer().key);
  http::CancelHandle cancel;
  std::function<void()> on_stop = [&cancel] { cancel.cancel(); };
  StopSignal::Hook hook(run.stop(), on_stop);
  auto sent = co_await client_.send(hub_, head, "", options_.deadlines, &cancel);
  if (!sent || (*sent)->head().status != 200) co_return;  // what was known before still helps
  auto text = co_await (*sent)->read_all(model_list_limit);
  if (!text) co_return;
  const auto list = json::parse_object(*text);
  const json::array* items = list ? json::get_array(*list, "data") : nullptr;
  if (!items) co_return;
  contexts_.clear();
  for (const json::value& item : *items)
    if (item.is_object()) contexts_[json::string_or(item.get_object(), "id", "")] = json::int_or(item.get_object(), "context_tokens", 0);
  loaded_at_ = clock_.steady();
}

}  // namespace flotte::work
