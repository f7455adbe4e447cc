// A task's events as server-sent events: what is recorded first, then what happens.
#include <fmt/format.h>

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

}  // namespace

Awaitable<void> follow_task(Request& request) {
  const auto number = wire::parse_id('t', request.captures.at(0));
  fleet::Fleet& fleet = request.hub.fleet();
  Result<wire::TaskView> task = fail(Code::not_found, fmt::format("no task '{}'", request.captures.at(0)), "see `flotte task ls`");
  if (number) task = co_await fleet.show_task(*number);
  if (!task) co_return co_await respond_error(request.call, task.error());
  // Subscribed before the first look, so that nothing happens between looking and waiting.
  const auto waiter = request.hub.changes().subscribe(task->id, request.call.executor());
  request.call.on_gone([w = std::weak_ptr(waiter)] {
    if (const auto held = w.lock()) held->changed.set();
  });
  http::ResponseHead head;
  head.headers.set("content-type", "text/event-stream");
  head.headers.set("cache-control", "no-store");
  std::int64_t after = seen_by(request.call.head());
  std::optional<wire::TaskState> shown;
  auto sent = co_await request.call.start(std::move(head));
  if (sent) sent = co_await request.call.flush();
  // On draining the stream ends without its `end`: the client comes back and goes on behind the last event that it saw.
  while (sent && !request.call.gone() && !request.hub.draining() && request.call.head().method != "HEAD") {
    waiter->changed.reset();
    task = co_await fleet.show_task(*number);
    if (!task) break;
    auto entries = co_await fleet.read_log(*number, after, entries_per_read);
    if (!entries) break;
    std::string text;
    if (shown != task->state) text = format_state(*task);
    shown = task->state;
    for (const auto& entry : *entries) {
      text += format_entry(entry, task->attempt);
      after = entry.number;
    }
    if (!text.empty()) sent = co_await request.call.write(text);
    if (entries->size() == entries_per_read) continue;
    if (wire::terminal(task->state)) {
      const json::object end{{"number", after + 1},
                             {"at", to_rfc3339(system_clock().wall())},
                             {"type", "end"},
                             {"attempt", task->attempt},
                             {"task", task->to_json()}};
      const std::string last = http::format_sse({"end", json::dump(end), std::to_string(after + 1)});
      sent = co_await request.call.write(last);
      break;
    }
    const bool changed = co_await waiter->changed.wait_for(keep_alive);
    if (!changed && !request.call.gone()) sent = co_await request.call.write(": still there\n\n");
  }
  request.call.on_gone(nullptr);
  auto finished = co_await request.call.finish();
  (void)finished;  // a client that has gone needs no answer
}

}  // namespace flotte::hub
