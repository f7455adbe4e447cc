// The fleet API, typed: tasks, and lists and single things as the hub's own JSON (so that fields which this version does not know survive).
// Each call is one request; errors are those of Connection plus `corrupt` for an answer that cannot be read.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "client/connection.hpp"
#include "wire/task.hpp"

namespace flotte::client {

/// Query parameters; empty values are left out.
using Query = std::vector<std::pair<std::string, std::string>>;
/// "/fleet/v1/tasks" and a query as a request target.
std::string make_target(std::string_view path, const Query& query);

/// make_path("tasks", "t7", "cancel"): "/fleet/v1/tasks/t7/cancel", each part percent-encoded.
template <class... Parts>
std::string make_path(const Parts&... parts) {
  std::string path = "/fleet/v1";
  ((path += '/', path += http::percent_encode(parts)), ...);
  return path;
}

struct Page {
  std::vector<json::object> items;
  std::string next;  // empty: no more
};

/// What an event stream of a task said.
struct TaskEvent {
  std::string type;    // state, started, progress, output, finished, lost, end
  std::string number;  // the place to go on from after a lost connection
  json::object body;
};

class Fleet {
 public:
  explicit Fleet(Connection& connection) : connection_(connection) {}
  Connection& connection() noexcept { return connection_; }

  Awaitable<Result<json::object>> get(std::string path);
  Awaitable<Result<std::string>> get_text(std::string target);
  Awaitable<Result<json::object>> post(std::string path, json::object body, std::string idempotency_key = {});
  Awaitable<Result<json::object>> patch(std::string path, json::object body);
  Awaitable<Result<json::object>> put(std::string path, json::object body);
  /// DELETE; what was removed, as it is now (empty where the hub does not say).
  Awaitable<Result<json::object>> remove(std::string path);
  Awaitable<Result<Page>> page(std::string path, Query query);
  /// Follows `next` until `limit` items are there (0: all).
  Awaitable<Result<std::vector<json::object>>> list(std::string path, Query query, std::size_t limit);

  Awaitable<Result<wire::TaskView>> submit(wire::TaskSpec spec, std::string idempotency_key);
  Awaitable<Result<wire::TaskView>> task(std::string id);
  /// `/tasks/{id}/events`, from behind `after` (empty: from the beginning).
  Awaitable<Result<EventStream>> task_events(std::string id, std::string after);

 private:
  Awaitable<Result<json::object>> send(std::string method, std::string path, json::object body, std::string idempotency_key);
  Connection& connection_;
};

/// Error: `corrupt` where the data is no JSON object.
Result<TaskEvent> parse_task_event(const http::SseEvent& event);

}  // namespace flotte::client
