// The fleet API's requests.
#include "client/fleet.hpp"

namespace flotte::client {
namespace {

Result<json::object> parse_body(const Answer& answer) {
  if (answer.body.empty()) return json::object{};
  auto object = json::parse_object(answer.body);
  if (!object)
    return fail(Code::corrupt, "the hub's answer cannot be read: " + object.error().message, "is --url the address of a flotte hub?");
  return object;
}

}  // namespace

std::string make_target(std::string_view path, const Query& query) {
  std::string target(path);
  char mark = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += mark + http::percent_encode(name) + "=" + http::percent_encode(value);
    mark = '&';
  }
  return target;
}

Result<TaskEvent> parse_task_event(const http::SseEvent& event) {
  auto body = json::parse_object(event.data);
  if (!body) return fail(Code::corrupt, "an event of the task cannot be read: " + body.error().message);
  TaskEvent out;
  out.type = event.event.empty() ? json::string_or(*body, "type", "") : event.event;
  out.number = event.id;
  out.body = std::move(*body);
  return out;
}

Awaitable<Result<std::string>> Fleet::get_text(std::string target) {
  Request request;
  request.target = std::move(target);
  auto answer = co_await connection_.request(request);
  if (!answer) co_return pass(answer);
  co_return std::move(answer->body);
}

Awaitable<Result<json::object>> Fleet::get(std::string path) {
  Request request;
  request.target = std::move(path);
  auto answer = co_await connection_.request(request);
  if (!answer) co_return pass(answer);
  co_return parse_body(*answer);
}

Awaitable<Result<json::object>> Fleet::send(std::string method, std::string path, json::object body, std::string idempotency_key) {
  const std::string text = json::dump(body);
  Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  request.body = text;
  request.content_type = "application/json";
  request.idempotency_key = std::move(idempotency_key);
  auto answer = co_await connection_.request(request);
  if (!answer) co_return pass(answer);
  co_return parse_body(*answer);
}

Awaitable<Result<json::object>> Fleet::post(std::string path, json::object body, std::string idempotency_key) {
  return send("POST", std::move(path), std::move(body), std::move(idempotency_key));
}

Awaitable<Result<json::object>> Fleet::patch(std::string path, json::object body) {
  return send("PATCH", std::move(path), std::move(body), {});
}

Awaitable<Result<json::object>> Fleet::put(std::string path, json::object body) {
  return send("PUT", std::move(path), std::move(body), {});
}

Awaitable<Result<json::object>> Fleet::remove(std::string path) {
  Request request;
  request.method = "DELETE";
  request.target = std::move(path);
  auto answer = co_await connection_.request(request);
  if (!answer) co_return pass(answer);
  co_return parse_body(*answer);
}

Awaitable<Result<Page>> Fleet::page(std::string path, Query query) {
  auto object = co_await get(make_target(path, query));
  if (!object) co_return pass(object);
  const json::array* items = json::get_array(*object, "items");
  if (!items) co_return fail(Code::corrupt, "the hub's answer to " + path + " is no list", "is --url the address of a flotte hub?");
  Page page;
  for (const json::value& item : *items)
    if (item.is_object()) page.items.push_back(item.get_object());
  page.next = json::string_or(*object, "next", "");
  co_return page;
}

Awaitable<Result<std::vector<json::object>>> Fleet::list(std::string path, Query query, std::size_t limit) {
  std::vector<json::object> all;
  std::string cursor;
  do {
    Query asked = query;
    if (limit > 0) asked.emplace_back("limit", std::to_string(std::min<std::size_t>(limit - all.size(), 1000)));
    asked.emplace_back("cursor", cursor);
    auto one = co_await page(path, std::move(asked));
    if (!one) co_return pass(one);
    for (auto& item : one->items) all.push_back(std::move(item));
    // A hub that hands out the same cursor again would keep us here for ever.
    if (one->next == cursor) break;
    cursor = std::move(one->next);
  } while (!cursor.empty() && (limit == 0 || all.size() < limit));
  if (limit > 0 && all.size() > limit) all.resize(limit);
  co_return all;
}

Awaitable<Result<wire::TaskView>> Fleet::submit(wire::TaskSpec spec, std::string idempotency_key) {
  auto object = co_await post(make_path("tasks"), spec.to_json(), std::move(idempotency_key));
  if (!object) co_return pass(object);
  co_return wire::TaskView::from_json(*object);
}

Awaitable<Result<wire::TaskView>> Fleet::task(std::string id) {
  auto object = co_await get(make_path("tasks", id));
  if (!object) co_return pass(object);
  co_return wire::TaskView::from_json(*object);
}

Awaitable<Result<EventStream>> Fleet::task_events(std::string id, std::string after) {
  Request request;
  request.target = make_path("tasks", id, "events");
  request.last_event_id = std::move(after);
  co_return co_await connection_.open_events(request);
}

}  // namespace flotte::client
