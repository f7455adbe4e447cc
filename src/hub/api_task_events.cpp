// A task's events as server-sent events: what is recorded first, then what happens.
#include <fmt/format.h>

#include "fleet/tasks.hpp"
#include "fleet/views.hpp"
#include "http/sse.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds keep_alive{15};
constexpr std::size_t entries_per_read = 200;

/// The last event that a client has seen: `Last-Event-ID`, or `?after=`.
std::int64_t seen_by(const http::RequestHead& head) {
  std::string text(head.headers.get("last-event-id").value_or(""));
  if (text.empty()) text = head.query("after").value_or("");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// What a client sees happen that no record tells: it has no number of its own, so that a client that comes back asks for what is recorded.
std::string format_state(const wire::TaskView& task) {
  const json::object view = task.to_json();
  const json::object o{{"number", 0},
                       {"at", to_rfc3339(system_clock().wall())},
                       {"type", "state"},
                       {"attempt", task.attempt},
                       {"state", view.at("state")},
                       {"reason", view.at("reason")},
                       {"node", view.at("node")},
                       {"worker", view.at("worker")}};
  return http::format_sse({"state", json::dump(o), {}});
}

std::string format_entry(const fleet::LogEntry& entry, int attempt) {
  json::object o = entry.body;
  if (!o.contains("type")) o["type"] = entry.kind;
  o["number"] = entry.number;  // ours, whatever a node may have written
  o["at"] = to_rfc3339(entry.at);
  if (!o.contains("attempt")) o["attempt"] = attempt;
  const std::string type = json::string_or(o, "type", entry.kind);
  return http::format_sse({type, json::dump(o), std::to_string(entry.number)});
}

/// The last event: the task as it ended.
std::string format_end(const wire::TaskView& task, std::int64_t number) {
  const json::object end{
      {"number", number}, {"at", to_rfc3339(system_clock().wall())}, {"type", "end"}, {"attempt", task.attempt}, {"task", task.to_json()}};
  return http::format_sse({"end", json::dump(end), std::to_string(number)});
}

/// The task and what is recorded of it behind `after`, from one look at the database.
struct Look {
  wire::TaskView task;
  std::vector<fleet::LogEntry> entries;
};

Awaitable<Result<Look>> look_at(Hub& hub, std::int64_t number, std::int64_t after) {
  std::function<Result<Look>(store::Transaction&)> body = [number, after](store::Transaction& rows) -> Result<Look> {
    auto task = fleet::show_task(rows, number);
    if (!task) return fleet::no_task(number);
    return Look{std::move(*task), fleet::read_log(rows, number, after, entries_per_read)};
  };
  co_return co_await hub.database().read<Look>(std::move(body));
}

}  // namespace

Awaitable<void> follow_task(Request& request) {
  const auto number = wire::parse_id('t', request.captures.at(0));
  if (!number) {
    const Error none(Code::not_found, fmt::format("no task '{}'", request.captures.at(0)), "see `flotte task ls`");
    co_return co_await respond_error(request.call, none);
  }
  // Subscribed before the first look, so that nothing happens between looking and waiting.
  const std::string id = wire::format_id('t', *number);
  const auto waiter = request.hub.changes().subscribe(id, request.call.executor());
  std::int64_t after = seen_by(request.call.head());
  auto look = co_await look_at(request.hub, *number, after);
  if (!look) co_return co_await respond_error(request.call, look.error());
  request.call.on_gone([w = std::weak_ptr(waiter)] {
    if (const auto held = w.lock()) held->changed.set();
  });
  http::ResponseHead head;
  head.headers.set("content-type", "text/event-stream");
  head.headers.set("cache-control", "no-store");
  std::optional<wire::TaskState> shown;
  auto sent = co_await request.call.start(std::move(head));
  const bool only_head = request.call.head().method == "HEAD";
  if (sent && (only_head || request.hub.draining())) sent = co_await request.call.flush();
  // On draining the stream ends without its `end`: the client comes back and goes on behind the last event that it saw.
  while (sent && look && !request.call.gone() && !request.hub.draining() && !only_head) {
    const wire::TaskView& task = look->task;
    std::string text;
    if (shown != task.state) text = format_state(task);
    shown = task.state;
    for (const auto& entry : look->entries) {
      text += format_entry(entry, task.attempt);
      after = entry.number;
    }
    const bool more = look->entries.size() == entries_per_read, end = !more && wire::terminal(task.state);
    if (end) text += format_end(task, after + 1);
    if (!text.empty()) sent = co_await request.call.write(text);
    if (!sent || end) break;
    if (!more) {
      const bool changed = co_await waiter->changed.wait_for(keep_alive);
      if (!changed && !request.call.gone()) sent = co_await request.call.write(": still there\n\n");
      waiter->changed.reset();
    }
    look = co_await look_at(request.hub, *number, after);
  }
  request.call.on_gone(nullptr);
  auto finished = co_await request.call.finish();
  (void)finished;  // a client that has gone needs no answer
}

}  // namespace flotte::hub
