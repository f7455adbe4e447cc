// Model calls: from a client's request to a target's answer. One Gateway per loop, used on its loop only.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/scope.hpp"
#include "base/clock.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "route/account.hpp"
#include "route/call_end.hpp"
#include "route/call_metrics.hpp"
#include "route/journal.hpp"
#include "route/recorder.hpp"
#include "route/table.hpp"
#include "route/usage_ring.hpp"

namespace flotte::route {

/// A task's run, as its key says.
struct Run {
  std::int64_t task = 0, fence = 0;
};

/// Who calls, already authenticated and with the scope `models`.
struct Caller {
  std::string key_id, name;
  std::optional<Run> run;                                  // the call is journalled; its step is the request's header x-flotte-step
  std::shared_ptr<const std::vector<std::string>> models;  // names and patterns that the key may ask for; null: all
  /// Where its calls may go: names and patterns of providers and engines ("openai", "llama@box", "*@box"); both must allow it, null: all.
  std::shared_ptr<const std::vector<std::string>> providers, project_providers;
  std::shared_ptr<Account> account;                // who pays: of the key, or of the one that handed the run's task in; null: nobody
  std::vector<std::shared_ptr<Account>> purses;    // what the run's task and its batch may cost, beside that
  std::function<void(const Account&)> on_emptied;  // a call is refused because of that one of them; before the answer says so
};

/// What a client's path says beside the API. A default one is right wherever the body says it.
struct PathFacts {
  std::string model;           // decoded; empty: the body names it
  std::optional<bool> stream;  // nothing: the body says it, or the API's default
  bool json_array = false;     // the stream is to be one JSON array instead of events (Gemini without alt=sse)
};

struct GatewayOptions {
  std::string hub_id;                                      // names this hub in x-flotte-via; the same on all its loops
  std::size_t body_bytes = std::size_t{64} * 1024 * 1024;  // of a request: 413
  std::size_t answer_bytes =
      std::size_t{32} * 1024 * 1024;  // of a whole answer that is read before it is passed on; larger ones are passed on in pieces
  std::size_t journal_bytes = std::size_t{8} * 1024 * 1024;  // a longer answer is not journalled
  std::chrono::milliseconds keep_alive{15'000};              // silence before an SSE comment
  std::chrono::milliseconds queue_patience{30'000};          // of a call that waits for a place at a provider, or for its key's other calls
  std::size_t queue_places = 1'024;                          // calls that wait so, of this loop; the next ones are refused at once
  RecorderLimits recorder;                                   // of this loop
  bool note_last = false;                                    // for the access log
};

class Gateway {
 public:
  /// `client` and `usage` belong to the same loop and outlive it. `journal` may be null: then calls of runs are not journalled.
  Gateway(Executor executor, http::Client& client, UsageRing& usage, std::shared_ptr<Journal> journal, GatewayOptions options,
          const Clock& clock = system_clock());
  ~Gateway();

  /// From now on new calls use this table. Before the first one every call is answered 503.
  void publish(std::shared_ptr<const Table> table);

  /// A call of that API: POST "/v1" and its path. Answers in every case, refusals in the shape of its dialect.
  Awaitable<void> call(http::ServerCall& call, const Caller& caller, dialect::Api api);
  /// The same where the path says more than that (Gemini's). `path` outlives the call.
  Awaitable<void> call(http::ServerCall& call, const Caller& caller, dialect::Api api, const PathFacts& path);
  /// POST /v1/chat/completions.
  Awaitable<void> chat_completions(http::ServerCall& call, const Caller& caller);
  /// GET /v1/models; in Anthropic's shape for a client that sends anthropic-version.
  Awaitable<void> list_models(http::ServerCall& call, const Caller& caller);
  /// GET /v1/models/{id}; `id` decoded (it may hold '/').
  Awaitable<void> show_model(http::ServerCall& call, const Caller& caller, std::string id);

  /// The hub is stopping: answers that are read only for the journal are given up.
  void drain();
  /// Ends what runs beside the calls. Every call must have ended.
  Awaitable<void> close();

  struct Counts {
    std::uint64_t calls = 0, streams = 0, replayed = 0, failed_over = 0, refused = 0;
    std::uint64_t maybe_twice = 0;  // of tasks: bought though an earlier one was perhaps paid for
    // Of strategy affinity: answers by the target that had served the same prefix, by others, and the input tokens which the former had
    // cached.
    std::uint64_t affinity_kept = 0, affinity_new = 0, affinity_cached_tokens = 0;
    std::size_t under_way = 0;
  };
  Counts counts() const;
  Recorder& recorder() noexcept;
  const CallMetrics& metrics() const noexcept;
  /// The call that ended last, where `note_last` says so.
  const LastCall& last_call() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flotte::route
