// For tests: a hub that does only what a node sees of it. Everything that happens is kept for the test to look at.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/async/blocking.hpp"
#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "base/crypto.hpp"
#include "http/server.hpp"
#include "http/websocket.hpp"
#include "wire/link.hpp"

namespace flotte::node::testing {

class FakeHub {
 public:
  FakeHub() : scope_(loop_.executor(), "hub") {
    server_ = std::make_unique<http::Server>(loop_.executor(), [this](http::ServerCall& call) { return answer(call); });
    port_ = server_->listen({.host = "127.0.0.1", .port = 0}).value();
    loop_.start();
  }
  ~FakeHub() {
    on_loop([this] {
      sockets_.clear();
      parked_.clear();
    });
    loop_.stop();
    loop_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  void on_loop(std::function<void()> work) {
    std::promise<void> done;
    loop_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }
  /// True when a message of that type for which `good` holds has come within ten seconds.
  template <class T>
  bool heard(std::function<bool(const T&)> good = [](const T&) { return true; }) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < end) {
      {
        std::lock_guard lock(mutex_);
        for (const wire::ToHub& message : messages_)
          if (const T* t = std::get_if<T>(&message); t && good(*t)) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  template <class T>
  int count() {
    std::lock_guard lock(mutex_);
    int n = 0;
    for (const wire::ToHub& message : messages_) n += std::holds_alternative<T>(message);
    return n;
  }
  void forget() {
    std::lock_guard lock(mutex_);
    messages_.clear();
  }
  void say(wire::ToNode message) {
    on_loop([&] { scope_.spawn("say", send(wire::format(message))); });
  }
  /// Whatever it is.
  void say_text(std::string text) {
    on_loop([&] { scope_.spawn("say", send(text)); });
  }
  void close_links() {
    on_loop([this] {
      for (const auto& socket : sockets_) socket->close();
      sockets_.clear();
      parked_.clear();
    });
  }
  std::size_t parked() {
    std::size_t n = 0;
    on_loop([&] { n = parked_.size(); });
    return n;
  }
  /// Sends `bytes` on a parked stream and gives what comes back until `until` is in it.
  std::string talk(std::string bytes, std::string until) {
    std::string got;
    run_blocking(loop_.executor(), exchange(bytes, until, got), std::chrono::seconds(30));
    return got;
  }

  std::string public_key;  // of the node that enrolled
  wire::Challenge challenge{"nonce7", "attic"};
  bool answer_beats = true;
  std::int64_t lease_ms = 3'000;
  int spares = 2;
  std::vector<std::string> signatures_wrong;
  std::atomic<int> protocol_heard{0};

 private:
  Awaitable<void> answer(http::ServerCall& call) {
    const std::string path(call.head().path());
    if (path == "/fleet/v1/enrol")
      co_await enrol(call);
    else if (path == "/fleet/v1/node")
      co_await link(call);
    else if (path == "/fleet/v1/node/stream")
      co_await stream(call);
    else {
      http::Response none = http::Response::json(404, "{}");
      co_await call.respond(std::move(none));
    }
  }
  Awaitable<void> enrol(http::ServerCall& call) {
    auto body = co_await call.read_body();
    const json::object o = json::parse_object(*body).value();
    http::Response answer = http::Response::json(
        401, R"({"error":{"code":"unauthenticated","message":"this hub does not know the code","hint":"make a new one"}})");
    if (json::string_or(o, "code", "") == "good") {
      public_key = from_base64url(json::string_or(o, "public_key", "")).value_or("");
      answer = http::Response::json(201, R"({"id":"n1","name":"box","hub":"attic"})");
    }
    co_await call.respond(std::move(answer));
  }
  Awaitable<void> link(http::ServerCall& call) {
    auto made = co_await http::accept_websocket(call, loop_.executor());
    if (!made) co_return;
    std::shared_ptr<http::WebSocket> socket = std::move(*made);
    sockets_ = {socket};
    scope_.spawn("link", converse(std::move(socket)));
  }
  Awaitable<void> converse(std::shared_ptr<http::WebSocket> socket) {
    const std::string text = wire::format(wire::ToNode(challenge));
    (void)co_await socket->send(text);
    for (;;) {
      auto text = co_await socket->read();
      if (!text) co_return;
      auto message = wire::parse_to_hub(*text);
      if (!message) co_return;
      std::string reply;
      if (const auto* hello = std::get_if<wire::Hello>(&*message)) {
        const std::string signature = from_base64url(hello->signature).value_or("");
        protocol_heard = hello->protocol;
        if (!verify_signature(public_key, "flotte-link-1\nnonce7\nattic\n" + hello->node, signature))
          signatures_wrong.push_back(hello->node);
        wire::Welcome welcome;
        welcome.node = "n1";
        welcome.hub = "attic";
        welcome.ticket = "t" + std::to_string(++tickets_);
        welcome.epoch = tickets_;
        welcome.lease_ms = lease_ms;
        welcome.spares = spares;
        reply = wire::format(wire::ToNode(welcome));
      }
      if (const auto* beat = std::get_if<wire::Beat>(&*message); beat && answer_beats)
        reply = wire::format(wire::ToNode(wire::BeatAnswer{beat->number}));
      {
        std::lock_guard lock(mutex_);
        messages_.push_back(std::move(*message));
      }
      if (!reply.empty()) (void)co_await socket->send(reply);
    }
  }
  Awaitable<void> send(std::string text) {
    auto sockets = sockets_;
    for (const auto& socket : sockets) (void)co_await socket->send(text);
  }
  Awaitable<void> stream(http::ServerCall& call) {
    http::ResponseHead head;
    const std::string wanted = "FlotteNode box:t" + std::to_string(tickets_);
    if (call.head().headers.get("authorization") != wanted) {
      http::Response refused = http::Response::json(401, "{}");
      co_await call.respond(std::move(refused));
      co_return;
    }
    head.status = 101;
    head.headers.set("Upgrade", "flotte-stream");
    auto upgraded = co_await call.upgrade(head);
    if (upgraded) parked_.push_back(std::make_unique<http::Stream>(std::move(upgraded->stream)));
  }
  Awaitable<void> exchange(std::string bytes, std::string until, std::string& got) {
    for (int i = 0; i < 1000 && parked_.empty(); ++i) co_await sleep_for(std::chrono::milliseconds(5));
    got = parked_.empty() ? "nothing is parked" : "";
    if (parked_.empty()) co_return;
    auto stream = std::move(parked_.back());
    parked_.pop_back();
    (void)co_await stream->write(bytes);
    char piece[4096];
    while (got.find(until) == std::string::npos) {
      auto n = co_await stream->read_some(piece);
      if (!n || *n == 0) break;
      got.append(piece, *n);
    }
  }

  Loop loop_{"fakehub"};
  Scope scope_;
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
  std::vector<std::shared_ptr<http::WebSocket>> sockets_;
  std::vector<std::unique_ptr<http::Stream>> parked_;
  int tickets_ = 0;
  std::mutex mutex_;
  std::vector<wire::ToHub> messages_;
};

}  // namespace flotte::node::testing
