// How often one pass-through request asks for memory on the gateway's loop, client pool included. A bound, so that nobody adds to it
// unseen.
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <new>

#include "rig.hpp"

namespace {
thread_local bool counting = false;
thread_local std::size_t allocations = 0;
}  // namespace

// The thread sanitizer brings operators of its own that cannot be replaced: nothing is counted there, the calls are made all the same.
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define FLOTTE_CANNOT_COUNT
#endif
#endif
#ifndef FLOTTE_CANNOT_COUNT
void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  if (counting) ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif

namespace flotte::rig {
namespace {

/// A client's side without a socket: the request is there, answers vanish.
class NoSocketCall final : public http::ServerCall {
 public:
  bool encrypted() const override { return false; }
  NoSocketCall(Executor executor, std::string body) : executor_(executor), body_(std::move(body)) {
    head_.method = "POST";
    head_.target = "/v1/chat/completions";
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"Host", "127.0.0.1:7700"},
                                                                    {"User-Agent", "OpenAI/JS 7.0.0"},
                                                                    {"Accept", "application/json"},
                                                                    {"Content-Type", "application/json"},
                                                                    {"Authorization", "Bearer fk_0123456789012345678901234567890123456789"},
                                                                    {"Content-Length", "1024"}})
      head_.headers.add(name, value);
  }
  const http::RequestHead& head() const override { return head_; }
  std::string peer() const override { return "test"; }
  bool peer_is_local() const override { return true; }
  Executor executor() const override { return executor_; }
  std::optional<std::uint64_t> content_length() const override { return body_.size(); }
  Awaitable<Result<std::string>> read_body(std::optional<std::size_t>) override { co_return std::move(body_); }
  Awaitable<Result<std::size_t>> read_some(std::span<char>) override { co_return std::size_t{0}; }
  Awaitable<Result<void>> respond(http::Response response) override {
    status = response.head.status;
    co_return Result<void>();
  }
  Awaitable<Result<void>> respond(http::ResponseHead head, std::string_view body) override {
    status = head.status;
    bytes += body.size();
    co_return Result<void>();
  }
  Awaitable<Result<void>> start(http::ResponseHead head) override {
    status = head.status;
    co_return Result<void>();
  }
  Awaitable<Result<void>> write(std::string_view piece) override {
    bytes += piece.size();
    co_return Result<void>();
  }
  Awaitable<Result<void>> flush() override { co_return Result<void>(); }
  Awaitable<Result<void>> finish() override { co_return Result<void>(); }
  void abort() override {}
  bool started() const override { return status != 0; }
  void on_gone(std::function<void()>) override {}
  bool gone() const override { return false; }
  Awaitable<Result<Upgraded>> upgrade(http::ResponseHead) override { co_return fail(Code::unsupported, "no"); }

  int status = 0;
  std::size_t bytes = 0;

 private:
  Executor executor_;
  http::RequestHead head_;
  std::string body_;
};

struct Sides {
  Loop provider{"provider"}, gateway{"gateway"};
  std::unique_ptr<scripted::ScriptedProvider> script;
  std::unique_ptr<http::Server> server;
};

/// The most that any of the later calls needed.
Awaitable<std::size_t> measure(std::string base_url, bool stream, route::Recording record) {
  const Executor executor = co_await asio::this_coro::executor;
  http::Client client(executor);
  route::UsageRing ring;
  route::GatewayOptions options;
  options.hub_id = "hub";
  // So few that they are all in use before it is counted: from then on a forgotten call's memory serves the next one.
  options.recorder = {.record = record, .count = 5};
  route::Gateway gateway(executor, client, ring, nullptr, options);
  route::Registry registry;
  route::RouteConfig config;
  config.providers.push_back({.name = "p",
                              .dialect = "openai",
                              .base_url = std::move(base_url),
                              .api_key = Secret("sk-0123456789012345678901234567890123456789")});
  config.models.push_back({.name = "smart", .targets = {{.provider = "p", .model = "normal"}}});
  gateway.publish(route::Table::build(config, {}, registry));
  const route::Caller caller{.key_id = "k1", .name = "test"};
  std::string body = request("smart", stream);
  body.insert(2, "\"padding\":\"" + std::string(900, 'x') + "\",");
  std::size_t most = 0;
  for (int i = 0; i < 30; ++i) {
    NoSocketCall call(executor, body);
    allocations = 0;
    counting = true;
    co_await gateway.chat_completions(call, caller);
    counting = false;
    EXPECT_EQ(call.status, 200);
    EXPECT_GT(call.bytes, 300u);
    if (i >= 10) most = std::max(most, allocations);
  }
  co_await gateway.close();
  client.close();
  co_return most;
}

std::size_t most_allocations(bool stream, route::Recording record = route::Recording::off) {
  Sides sides;
  sides.provider.start();
  sides.gateway.start();
  const auto listening = std::make_shared<std::promise<std::uint16_t>>();
  asio::post(sides.provider.context(), [&] {
    sides.script = std::make_unique<scripted::ScriptedProvider>(sides.provider.executor(), scripted::Options{});
    sides.server =
        std::make_unique<http::Server>(sides.provider.executor(), [&](http::ServerCall& call) { return sides.script->handle(call); });
    listening->set_value(sides.server->listen({.host = "127.0.0.1"}).value());
  });
  const std::string url = fmt::format("http://127.0.0.1:{}/v1", listening->get_future().get());
  const std::size_t most = asio::co_spawn(sides.gateway.executor(), measure(url, stream, record), asio::use_future).get();
  sides.gateway.stop();
  sides.gateway.join();
  sides.provider.stop();
  sides.provider.join();
  return most;
}

TEST(Allocations, OfAWholeAnswerAreFew) {
  const std::size_t most = most_allocations(false);
  RecordProperty("allocations", static_cast<int>(most));
  EXPECT_LE(most, 20u);
}

TEST(Allocations, HeadsAreRecordedWithoutAny) {
  EXPECT_LE(most_allocations(false, route::Recording::heads), most_allocations(false));
  EXPECT_LE(most_allocations(true, route::Recording::heads), most_allocations(true));
}

TEST(Allocations, OfAStreamAreFew) {
  const std::size_t most = most_allocations(true);
  RecordProperty("allocations", static_cast<int>(most));
  EXPECT_LE(most, 25u);
}

}  // namespace
}  // namespace flotte::rig
