// Model calls of tasks, through the hub's gateway: streamed chat completions and what is known of a model. One loop.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"
#include "llm/usage.hpp"
#include "work/run_context.hpp"

namespace flotte::work {

struct ChatMessage {
  std::string role, content;  // system | user | assistant
};

struct ModelCall {
  std::string model;
  std::string step;  // stable name of the call within its task: a later attempt that asks the same gets the recorded answer
  std::vector<ChatMessage> messages;
};

struct ModelAnswer {
  std::string text, finish_reason, target;
  llm::Usage usage;
  bool replayed = false;  // recorded by an earlier attempt
};

/// Why there is no answer. The error's hint says how long to wait where the other side told it.
struct ModelFailure {
  Error error;
  bool retryable = false;
  std::optional<milliseconds> later;  // nobody can answer now, a quota or an outage: it asks to be called again after that
  bool context_exceeded = false;      // the question is longer than the model's context
  std::int64_t context_tokens = 0;    // as the engine told it, or 0
  std::int64_t prompt_tokens = 0;     // the same
};

/// The meaning of an answer that is not 200. Pure.
ModelFailure read_failure(int status, std::string_view body, std::optional<std::string_view> retry_after);
/// The meaning of an error that came inside a stream.
ModelFailure read_stream_failure(const json::object& error);

/// Puts a streamed chat completion together. Pure.
class ChatStream {
 public:
  /// Calls `on_text` with each new piece of text.
  std::expected<void, ModelFailure> feed(std::string_view bytes, const std::function<void(std::string_view)>& on_text);
  /// The body has ended. Fails where the answer is not whole.
  std::expected<ModelAnswer, ModelFailure> finish();
  std::int64_t pieces() const noexcept { return pieces_; }

 private:
  void take(const http::SseEvent& event, const std::function<void(std::string_view)>& on_text);
  http::SseParser parser_;
  ModelAnswer answer_;
  std::optional<ModelFailure> failure_;
  std::int64_t pieces_ = 0;
  bool done_ = false;
};

/// The port that executors use.
class ModelClient {
 public:
  virtual ~ModelClient() = default;
  /// Streams the answer; `on_text` is called on the loop. A requested stop ends it with `cancelled`.
  virtual Awaitable<std::expected<ModelAnswer, ModelFailure>> ask(RunContext& run, ModelCall call,
                                                                  std::function<void(std::string_view)> on_text) = 0;
  /// Tokens of one conversation with that model; 4,096 where nobody knows.
  virtual Awaitable<std::int64_t> context_tokens(RunContext& run, std::string model) = 0;
  static constexpr std::int64_t unknown_context = 4096;
};

/// The real one, over HTTP to the hub.
class GatewayClient final : public ModelClient {
 public:
  struct Options {
    std::string base_path;  // before /v1, without a trailing '/'
    /// Longer than the gateway's own: it tells what went wrong. A long prompt on a slow machine is no failure.
    http::Deadlines deadlines{std::chrono::seconds(5), std::chrono::minutes(30), std::chrono::minutes(10)};
    std::chrono::seconds model_age{60};  // how long what is known of a model is used
  };
  GatewayClient(Executor executor, std::shared_ptr<http::Connector> hub, const Clock& clock, Options options);
  Awaitable<std::expected<ModelAnswer, ModelFailure>> ask(RunContext& run, ModelCall call,
                                                          std::function<void(std::string_view)> on_text) override;
  Awaitable<std::int64_t> context_tokens(RunContext& run, std::string model) override;
  http::Client& http() noexcept { return client_; }
  const std::shared_ptr<http::Connector>& hub() const noexcept { return hub_; }
  const Options& options() const noexcept { return options_; }

 private:
  Awaitable<Result<std::int64_t>> load_context(RunContext& run, const std::string& model);
  std::shared_ptr<http::Connector> hub_;
  const Clock& clock_;
  Options options_;
  http::Client client_;
  struct Known {
    std::int64_t context = 0;
    SteadyTime at{};
  };
  std::map<std::string, Known, std::less<>> known_;  // by model; small: cleared where it grows
};

}  // namespace flotte::work
