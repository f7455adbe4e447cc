// The cockpit's live feed: who watches gets a snapshot, then what changes, at most ten times a second. On the fleet loop.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "fleet/fleet.hpp"
#include "http/websocket.hpp"
#include "wire/live.hpp"

namespace flotte::hub {

class Live {
 public:
  /// `fleet` outlives it. `hub` is the object of every snapshot's `hub`.
  Live(Executor executor, fleet::Fleet& fleet, std::function<json::object()> hub);
  ~Live();
  void start();
  Awaitable<void> close() { co_await scope_.close(); }

  /// A thing should be sent again. Kinds as in wire/live.hpp; fleet's "node" | "worker" | "task" | "batch".
  void changed(std::string_view kind, const std::string& id);
  /// Takes over a socket that lives on the fleet loop. Any thread.
  void take(std::unique_ptr<http::WebSocket> socket);
  /// As many watch as may. Any thread.
  bool full() const noexcept { return count_ >= viewers_limit; }

  static constexpr std::chrono::milliseconds interval{100};
  static constexpr std::size_t viewers_limit = 64;
  static constexpr std::size_t bytes_behind = 1024 * 1024;  // a viewer that has not taken so much starts again with a snapshot

 private:
  struct Viewer;
  /// What succeeded within one second.
  struct Second {
    SteadyTime at;
    std::int64_t tasks, output_tokens;
  };
  Awaitable<void> run_changes();
  Awaitable<void> tell_changes();
  Awaitable<void> tell_snapshots();
  Awaitable<void> run_viewer(std::shared_ptr<Viewer> viewer);
  Awaitable<std::vector<wire::LiveItem>> collect(std::set<std::pair<std::string, std::string>> things);
  Awaitable<std::string> snapshot();
  Awaitable<wire::LiveItem> counts();
  void count_end(const wire::Usage& usage);

  Executor executor_;
  fleet::Fleet& fleet_;
  std::function<json::object()> hub_;
  Scope scope_;
  Event dirty_;
  std::set<std::pair<std::string, std::string>> changed_;
  std::vector<std::shared_ptr<Viewer>> viewers_;
  std::int64_t offset_ = 0;
  std::deque<Second> ended_;           // of the last minute
  std::atomic<std::size_t> count_{0};  // of viewers_
  std::int64_t cost_pico_usd_ = 0;
};

}  // namespace flotte::hub
