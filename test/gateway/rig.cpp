// Puts the rig together and takes it apart, each thing on its loop.
#include "rig.hpp"

#include <boost/asio/use_future.hpp>
#include <thread>

namespace flotte::rig {
namespace {

Awaitable<Reply> send(http::Client& client, std::shared_ptr<http::Connector> to, http::RequestHead head, std::string body,
                      std::function<bool(const std::string&)> on_piece) {
  Reply reply;
  const http::Deadlines deadlines{milliseconds(5'000), milliseconds(20'000), milliseconds(20'000)};
  auto call = co_await client.send(to, head, body, deadlines);
  if (!call) {
    reply.error = to_string(call.error().code);
    co_return reply;
  }
  reply.status = (*call)->head().status;
  reply.headers = (*call)->head().headers;
  for (;;) {
    auto piece = co_await (*call)->next();
    if (!piece) {
      reply.error = to_string(piece.error().code);
      co_return reply;
    }
    if (piece->empty()) co_return reply;
    reply.body.append(*piece);
    if (on_piece && !on_piece(reply.body)) {
      reply.error = "left";
      co_return reply;
    }
  }
}

template <class T>
T run(Loop& loop, Awaitable<T> work) {
  return asio::co_spawn(loop.executor(), std::move(work), asio::use_future).get();
}

Awaitable<bool> drain(http::Server& server) {
  co_await server.drain(milliseconds(200));
  co_return true;
}

Awaitable<bool> close(route::Gateway& gateway) {
  co_await gateway.close();
  co_return true;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

Awaitable<Result<route::OpenedCall>> MemoryJournal::open(route::CallId id) {
  if (broken) co_return fail(Code::io, "the disk is gone");
  for (;;) {
    const auto opened = books_[id.task].open(id.fence, id.step, id.request, route::CallBook::Patience::some);
    if (opened.wait_for != 0) {
      const bool rested = co_await sleep_for(milliseconds(2));
      if (!rested) co_return fail(Code::cancelled, "given up");
      continue;
    }
    route::OpenedCall call{opened.place, opened.repeats, std::nullopt};
    if (opened.answer != 0) call.answer = answers_.at({id.task, opened.answer});
    co_return call;
  }
}

Awaitable<Result<void>> MemoryJournal::intend(route::CallId, route::OpenedCall) {
  ++intents;
  co_return Result<void>();
}

void MemoryJournal::intend_soon(route::CallId, const route::OpenedCall&) { ++intents; }

Awaitable<Result<void>> MemoryJournal::record(route::CallId id, std::int64_t place, route::Recorded answer) {
  if (full) co_return fail(Code::exhausted, "the disk is full");
  ++waiting;
  while (hold) co_await sleep_for(milliseconds(2));
  --waiting;
  ++records;
  answers_.try_emplace({id.task, place}, std::move(answer));
  books_[id.task].bought(place);
  co_return Result<void>();
}

void MemoryJournal::told(const route::CallId& id, std::int64_t place) {
  ++told_count;
  if (books_[id.task].find(place)->state == route::CallState::replayed) books_[id.task].told(place);
}

void MemoryJournal::untold(const route::CallId& id, std::int64_t place) {
  ++untold_count;
  books_[id.task].untold(place);
}

Awaitable<Result<void>> MemoryJournal::lose(route::CallId id, std::int64_t place, route::Lost how) {
  const bool nothing = how.paid == route::Lost::Paid::nothing;
  ++(nothing ? frees : losses);
  books_[id.task].ended(place, nothing ? route::CallState::free : route::CallState::lost);
  co_return Result<void>();
}

void MemoryJournal::withdraw(const route::CallId& id, std::int64_t place) {
  ++withdrawals;
  books_[id.task].withdrawn(place);
}

void MemoryJournal::abandon(const route::CallId& id, std::int64_t place) {
  ++losses;
  books_[id.task].ended(place, route::CallState::lost);
}

void MemoryJournal::left(const route::CallId& id, std::int64_t place, std::function<void(bool)> answer) {
  ++lefts;
  books_[id.task].left(place);
  answer(wanted);
}

Rig::Provider Rig::make_provider(const std::string& key) {
  Provider provider;
  provider.script = std::make_unique<scripted::ScriptedProvider>(loop_.executor(), scripted::Options{.key = key});
  provider.server = std::make_unique<http::Server>(
      loop_.executor(), [script = provider.script.get()](http::ServerCall& call) { return script->handle(call); });
  provider.port = provider.server->listen({.host = "127.0.0.1"}).value();
  return provider;
}

route::RouteConfig Rig::config(const RigOptions& options) const {
  const auto spec = [&](std::string name, std::uint16_t port, std::string key) {
    return route::ProviderSpec{.name = std::move(name),
                               .dialect = "openai",
                               .base_url = fmt::format("http://127.0.0.1:{}/v1", port),
                               .api_key = Secret(std::move(key)),
                               .timeouts = options.timeouts};
  };
  route::RouteConfig config;
  config.providers = {spec("pa", a_.port, "sk-a"),      spec("pb", b_.port, "sk-b"),  spec("back", port_, "fk"),     spec("closed", 1, "x"),
                      spec("wrongkey", a_.port, "bad"), spec("ant", a_.port, "sk-a"), spec("plain", a_.port, "sk-a")};
  for (route::ProviderSpec& provider : config.providers) provider.apis = dialect::every_api;
  config.providers[5].dialect = "anthropic";
  config.providers[6].apis = dialect::openai_apis;
  const auto only = [&](std::string name, std::string dialect, const Provider& at, std::string_view base, dialect::ApiSet apis) {
    route::ProviderSpec one = spec(std::move(name), at.port, &at == &a_ ? "sk-a" : "sk-b");
    one.base_url = fmt::format("http://127.0.0.1:{}{}", at.port, base);
    one.dialect = std::move(dialect);
    one.apis = apis;
    config.providers.push_back(std::move(one));
  };
  using dialect::Api, dialect::ApiSet;
  only("msg", "anthropic", a_, "/v1", ApiSet(Api::messages));
  only("chatb", "openai", b_, "/v1", ApiSet(Api::chat));
  only("resp", "openai", a_, "/v1", ApiSet(Api::responses));
  only("gem", "gemini", a_, "/v1beta", ApiSet(Api::gemini));
  only("oll", "ollama", a_, "/v1", ApiSet(Api::ollama_chat));
  only("emb", "openai", a_, "/v1", ApiSet(Api::embeddings));
  const route::TargetSpec a{.provider = "pa", .model = "m-a"}, b{.provider = "pb", .model = "m-b"};
  config.models = {{.name = "a", .targets = {a}},
                   {.name = "b", .aliases = {"bee-*"}, .targets = {b}},
                   {.name = "both", .targets = {a, b}},
                   {.name = "busy", .strategy = route::Strategy::least_busy, .targets = {a, b}},
                   {.name = "loop", .targets = {{.provider = "back", .model = "a"}}},
                   {.name = "nobody", .targets = {{.provider = "closed", .model = "x"}}},
                   {.name = "keyless", .targets = {{.provider = "wrongkey", .model = "x"}}},
                   {.name = "away", .targets = {{.engine = "llama@gone", .model = "x"}}},
                   {.name = "m-a", .targets = {a}},
                   {.name = "claude", .targets = {{.provider = "ant", .model = "m-c"}}},
                   {.name = "msg", .targets = {{.provider = "msg", .model = "m-m"}}},
                   {.name = "resp", .targets = {{.provider = "resp", .model = "m-r"}}},
                   {.name = "gem", .targets = {{.provider = "gem", .model = "m g/1"}}},
                   {.name = "oll", .targets = {{.provider = "oll", .model = "m-o"}}},
                   {.name = "emb", .targets = {{.provider = "emb", .model = "m-e"}}},
                   {.name = "crossed", .targets = {{.provider = "msg", .model = "m-m"}, {.provider = "chatb", .model = "m-b"}}},
                   {.name = "gem-then-chat", .targets = {{.provider = "gem", .model = "m-g"}, {.provider = "chatb", .model = "m-b"}}},
                   {.name = "oll-then-chat", .targets = {{.provider = "oll", .model = "m-o"}, {.provider = "chatb", .model = "m-b"}}},
                   {.name = "plain", .targets = {{.provider = "plain", .model = "m-p"}}},
                   {.name = "mixed", .targets = {{.provider = "plain", .model = "m-p"}, b}}};
  if (options.configure) options.configure(config);
  return config;
}

Rig::Rig(RigOptions options) {
  loop_.start();
  client_loop_.start();
  on_loop([&] {
    a_ = make_provider("sk-a");
    b_ = make_provider("sk-b");
    upstream_ = std::make_unique<http::Client>(loop_.executor());
    front_ = std::make_unique<http::Server>(loop_.executor(), [this](http::ServerCall& call) { return answer(call); });
    port_ = front_->listen({.host = "127.0.0.1"}).value();
    gateway_ = std::make_unique<route::Gateway>(loop_.executor(), *upstream_, ring_, journal,
                                                route::GatewayOptions{.hub_id = "hub-1",
                                                                      .body_bytes = options.body_bytes,
                                                                      .answer_bytes = options.answer_bytes,
                                                                      .journal_bytes = options.journal_bytes,
                                                                      .keep_alive = options.keep_alive,
                                                                      .queue_patience = options.queue_patience,
                                                                      .recorder = options.recorder});
    gateway_->publish(route::Table::build(config(options), {}, registry_));
    return 0;
  });
  to_gateway_ = http::tcp_connector("127.0.0.1", port_);
  client_ = std::make_unique<http::Client>(client_loop_.executor());
}

Rig::~Rig() {
  asio::post(client_loop_.context(), [this] { client_->close(); });
  run(loop_, drain(*front_));
  run(loop_, close(*gateway_));
  run(loop_, drain(*a_.server));
  run(loop_, drain(*b_.server));
  client_loop_.stop();
  client_loop_.join();
  client_.reset();
  on_loop([this] {
    gateway_.reset();
    front_.reset();
    upstream_.reset();
    a_ = {};
    b_ = {};
    return 0;
  });
  loop_.stop();
  loop_.join();
}

Awaitable<void> Rig::answer(http::ServerCall& call) {
  const std::string path(call.head().path());
  const route::Caller from = caller_;
  if (path == "/v1/models") co_return co_await gateway_->list_models(call, from);
  if (path.starts_with("/v1/models/")) co_return co_await gateway_->show_model(call, from, path.substr(11));
  if (path.starts_with("/v1beta/models/")) {
    const std::size_t colon = path.rfind(':');
    const bool stream = path.ends_with(":streamGenerateContent");
    const auto api = path.ends_with(":countTokens") ? dialect::Api::gemini_count : dialect::Api::gemini;
    const route::PathFacts said{path.substr(15, colon - 15), stream, stream && call.head().query("alt") != "sse"};
    co_await gateway_->call(call, from, api, said);
    co_return;
  }
  for (const dialect::ApiFacts& api : dialect::api_table) {
    if (path == api.path) co_return co_await gateway_->call(call, from, api.api);
    if (path == "/v1" + std::string(api.path)) co_return co_await gateway_->call(call, from, api.api);
  }
  co_await gateway_->chat_completions(call, from);
}

void Rig::call_as(route::Caller caller) {
  on_loop([&] {
    caller_ = std::move(caller);
    return 0;
  });
}

std::future<Reply> Rig::post_later(std::string body, std::map<std::string, std::string> headers) {
  http::RequestHead head{.method = "POST", .target = "/v1/chat/completions?x=1"};
  head.headers.add("Content-Type", "application/json");
  head.headers.add("Authorization", "Bearer fk_client");
  for (const auto& [name, value] : headers) head.headers.add(name, value);
  return asio::co_spawn(client_loop_.executor(), send(*client_, to_gateway_, std::move(head), std::move(body), nullptr), asio::use_future);
}

void Rig::leave_together(const std::string& body, std::size_t clients) {
  auto leaving = std::make_unique<http::Client>(client_loop_.executor());
  std::vector<std::future<Reply>> replies;
  for (std::size_t i = 0; i < clients; ++i) {
    http::RequestHead head{.method = "POST", .target = "/v1/chat/completions"};
    replies.push_back(
        asio::co_spawn(client_loop_.executor(), send(*leaving, to_gateway_, std::move(head), body, nullptr), asio::use_future));
  }
  EXPECT_TRUE(eventually([&] { return log('a').size() == clients; }));
  std::promise<void> gone;
  asio::post(client_loop_.context(), [&] {
    leaving.reset();
    gone.set_value();
  });
  gone.get_future().wait();
  for (auto& reply : replies) EXPECT_NE(reply.get().error, "");
}

Reply Rig::post(std::string body, std::map<std::string, std::string> headers, std::function<bool(const std::string&)> on_piece) {
  if (!on_piece) return post_later(std::move(body), std::move(headers)).get();
  http::RequestHead head{.method = "POST", .target = "/v1/chat/completions"};
  for (const auto& [name, value] : headers) head.headers.add(name, value);
  return run(client_loop_, send(*client_, to_gateway_, std::move(head), std::move(body), std::move(on_piece)));
}

Reply Rig::post_to(const std::string& path, std::string body, std::map<std::string, std::string> headers,
                   std::function<bool(const std::string&)> on_piece) {
  http::RequestHead head{.method = "POST", .target = path};
  for (const auto& [name, value] : headers) head.headers.add(name, value);
  return run(client_loop_, send(*client_, to_gateway_, std::move(head), std::move(body), std::move(on_piece)));
}

Reply Rig::get(std::string path, std::map<std::string, std::string> headers) {
  http::RequestHead head{.method = "GET", .target = std::move(path)};
  for (const auto& [name, value] : headers) head.headers.add(name, value);
  return run(client_loop_, send(*client_, to_gateway_, std::move(head), {}, nullptr));
}

std::vector<scripted::Logged> Rig::log(char provider) {
  return on_loop([&] {
    const auto& list = (provider == 'a' ? a_ : b_).script->log();
    return std::vector<scripted::Logged>(list.begin(), list.end());
  });
}

void Rig::play(char provider, std::string scenario) {
  on_loop([&] {
    (provider == 'a' ? a_ : b_).script->set_scenario(std::move(scenario));
    return 0;
  });
}

void Rig::acknowledge(char provider, std::int64_t n) {
  asio::post(loop_.context(), [this, provider, n] { (provider == 'a' ? a_ : b_).script->acknowledge(n); });
}

std::vector<route::UsageRecord> Rig::usage() {
  return on_loop([&] {
    std::vector<route::UsageRecord> all;
    while (auto record = ring_.pop()) all.push_back(std::move(*record));
    return all;
  });
}

route::Gateway::Counts Rig::counts() {
  return on_loop([&] { return gateway_->counts(); });
}

std::vector<route::TraceLine> Rig::recorded(route::TraceFilter filter) {
  return on_loop([&] { return gateway_->recorder().list(filter); });
}

std::optional<route::Trace> Rig::trace(const std::string& id) {
  return on_loop([&] { return gateway_->recorder().find(id); });
}

route::CallMetrics Rig::metrics() {
  return on_loop([&] { return gateway_->metrics(); });
}

std::size_t Rig::in_flight(char provider) {
  return on_loop([&] { return static_cast<std::size_t>(registry_.load(provider == 'a' ? "pa" : "pb")->in_flight.load()); });
}

std::size_t Rig::in_flight_at(std::string provider) {
  return on_loop([&] { return static_cast<std::size_t>(registry_.load(provider)->in_flight.load()); });
}

std::string request(const std::string& model, bool stream, const std::string& more) {
  return "{ \"messages\":[{\"role\":\"user\",\"content\":\"Gr\\u00fc\\u00dfe, 日本 \\\"model\\\":\\\"x\\\"\"}],\n\t\"model\" :\"" + model +
         "\", \"unknown_field\": 1.50e+1," + more + "\"stream\":" + (stream ? "true" : "false") + " }\r\n";
}

}  // namespace flotte::rig
