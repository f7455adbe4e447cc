// A gateway with two scripted providers behind it and a client in front, each on real sockets; hub, keys and database left out.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "route/call_book.hpp"
#include "route/gateway.hpp"
#include "scripted_provider.hpp"

namespace flotte::rig {

/// Waits for a condition, not for a time. False after ten seconds.
bool eventually(const std::function<bool()>& condition);

/// What a client got.
struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string error;  // code of what ended it, empty for a clean end
  std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
};

/// A journal in memory. While `hold` is set, `record` waits.
class MemoryJournal final : public route::Journal {
 public:
  Awaitable<Result<route::OpenedCall>> open(route::CallId id) override;
  Awaitable<Result<void>> intend(route::CallId id, route::OpenedCall call) override;
  void intend_soon(route::CallId id, const route::OpenedCall& call) override;
  Awaitable<Result<void>> record(route::CallId id, std::int64_t place, route::Recorded answer) override;
  void told(const route::CallId& id, std::int64_t place) override;
  void untold(const route::CallId& id, std::int64_t place) override;
  Awaitable<Result<void>> lose(route::CallId id, std::int64_t place, route::Lost how) override;
  void withdraw(const route::CallId& id, std::int64_t place) override;
  void abandon(const route::CallId& id, std::int64_t place) override;
  void left(const route::CallId& id, std::int64_t place, std::function<void(bool)> answer) override;
  std::atomic<bool> hold{false}, broken{false}, wanted{false}, full{false};
  std::atomic<int> records{0}, waiting{0}, intents{0}, losses{0}, frees{0}, withdrawals{0}, told_count{0}, untold_count{0}, lefts{0};
  /// Calls that no one has ended.
  std::size_t under_way(std::int64_t task) { return books_[task].under_way(); }

 private:
  std::map<std::int64_t, route::CallBook> books_;
  std::map<std::pair<std::int64_t, std::int64_t>, route::Recorded> answers_;
};

struct RigOptions {
  milliseconds keep_alive{15'000};
  route::Timeouts timeouts{milliseconds(10'000), milliseconds(10'000), milliseconds(10'000)};
  std::size_t body_bytes = 1024 * 1024, answer_bytes = 256 * 1024, journal_bytes = 64 * 1024;
  milliseconds queue_patience{30'000};
  route::RecorderLimits recorder;
  std::function<void(route::RouteConfig&)> configure;  // what is different from the models below
};

/// Models: "a" and "b" stand for one provider each ("m-a" and "m-b" there), "both" for a, then b; "busy" for the least busy of both;
/// "claude" is provider a by Anthropic's dialect, "plain" provider a where it speaks chat
/// only, "mixed" the latter, then b; "msg", "resp", "gem", "oll" and "emb" provider a where it speaks only messages, responses, Gemini's or
/// Ollama's own API or embeddings ("m-m", "m-r", "m g/1", "m-o", "m-e" there); "crossed" is msg, then b where that speaks chat only, and
/// "gem-then-chat" and "oll-then-chat" are alike. "loop" leads back to the gateway; "nobody" to a closed port.
class Rig {
 public:
  explicit Rig(RigOptions options = {});
  ~Rig();

  /// POST /v1/chat/completions. `on_piece` sees all that has come so far after each piece; false leaves (closes the connection).
  Reply post(std::string body, std::map<std::string, std::string> headers = {}, std::function<bool(const std::string&)> on_piece = nullptr);
  /// The same to another path.
  Reply post_to(const std::string& path, std::string body, std::map<std::string, std::string> headers = {},
                std::function<bool(const std::string&)> on_piece = nullptr);
  /// So many clients ask, wait until provider 'a' has heard all of them, and then close their connections in one moment.
  void leave_together(const std::string& body, std::size_t clients);
  std::future<Reply> post_later(std::string body, std::map<std::string, std::string> headers = {});
  Reply get(std::string path, std::map<std::string, std::string> headers = {});

  /// What provider 'a' or 'b' received and sent, newest last.
  std::vector<scripted::Logged> log(char provider);
  void play(char provider, std::string scenario);
  void acknowledge(char provider, std::int64_t n);
  /// Usage records since the last call.
  std::vector<route::UsageRecord> usage();
  route::Gateway::Counts counts();
  std::size_t in_flight(char provider);
  /// At a provider by its name in the configuration.
  std::size_t in_flight_at(std::string provider);
  std::vector<route::TraceLine> recorded(route::TraceFilter filter = {});
  std::optional<route::Trace> trace(const std::string& id);
  route::CallMetrics metrics();
  std::uint16_t port() const { return port_; }

  std::shared_ptr<MemoryJournal> journal = std::make_shared<MemoryJournal>();
  /// Who makes the calls from now on; at first a key "k1" that may ask for everything.
  void call_as(route::Caller caller);

 private:
  struct Provider {
    std::unique_ptr<scripted::ScriptedProvider> script;
    std::unique_ptr<http::Server> server;
    std::uint16_t port = 0;
  };
  template <class F>
  auto on_loop(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    asio::post(loop_.context(), [&task] { task(); });
    return result.get();
  }
  Awaitable<void> answer(http::ServerCall& call);
  Provider make_provider(const std::string& key);
  route::RouteConfig config(const RigOptions& options) const;

  Loop loop_{"gateway"}, client_loop_{"client"};
  Provider a_, b_;
  std::unique_ptr<http::Client> upstream_, client_;
  route::UsageRing ring_;
  route::Registry registry_;
  std::unique_ptr<route::Gateway> gateway_;
  std::unique_ptr<http::Server> front_;
  std::shared_ptr<http::Connector> to_gateway_;
  std::uint16_t port_ = 0;
  route::Caller caller_{.key_id = "k1", .name = "test"};
};

/// {"model":MODEL,"messages":[…],"stream":…} in an unusual but valid spelling.
std::string request(const std::string& model, bool stream, const std::string& more = {});

}  // namespace flotte::rig
