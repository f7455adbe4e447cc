// Tasks over HTTP.
#include <fmt/format.h>

#include "base/async/run_on.hpp"
#include "base/crypto.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/task_spec.hpp"

namespace flotte::hub {
namespace {

Result<std::int64_t> task_number(const Request& request) {
  const std::string& id = request.captures.at(0);
  if (const auto number = wire::parse_id('t', id)) return *number;
  return fail(Code::not_found, fmt::format("no task '{}'", id), "see `flotte task ls`");
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    out.push_back(text.substr(0, text.find(',')));
    text.remove_prefix(std::min(text.size(), out.back().size() + 1));
  }
  return out;
}

Result<fleet::TaskFilter> filter_of(const http::RequestHead& head) {
  fleet::TaskFilter filter;
  auto limit = limit_of(head);
  if (!limit) return pass(limit);
  filter.limit = *limit;
  for (const std::string_view word : split_words(head.query("state").value_or(""))) {
    const auto state = wire::parse_task_state(word);
    if (!state)
      return fail(Code::invalid_argument, fmt::format("there is no state '{}'", word),
                  "queued, offered, running, waiting, succeeded, failed or cancelled");
    filter.states.push_back(*state);
  }
  filter.kind = head.query("kind").value_or("");
  if (!filter.kind.empty() && !wire::parse_task_kind(filter.kind))
    return fail(Code::invalid_argument, fmt::format("there is no kind '{}'", filter.kind), "prompt, document, command or agent");
  filter.node = head.query("node").value_or("");
  filter.worker = head.query("worker").value_or("");
  filter.project = head.query("project").value_or("");
  if (const auto batch = head.query("batch")) {
    const auto number = wire::parse_id('b', *batch);
    if (!number) return fail(Code::not_found, fmt::format("no batch '{}'", *batch));
    filter.batch = *number;
  }
  if (const auto cursor = head.query("cursor")) {
    const auto [end, error] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), filter.after);
    if (error != std::errc{} || end != cursor->data() + cursor->size())
      return fail(Code::invalid_argument, fmt::format("'{}' is no cursor", *cursor), "give `next` of the page before");
  }
  return filter;
}

Awaitable<void> respond_task(Request& request, int status, const Result<wire::TaskView>& task) {
  if (!task) co_return co_await respond_error(request.call, task.error());
  co_await respond_json(request.call, status, task->to_json());
}

}  // namespace

Awaitable<void> submit_task(Request& request) {
  auto body = co_await request.call.read_body(16 * 1024 * 1024);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto object = json::parse_object(*body);
  if (!object) co_return co_await respond_error(request.call, object.error());
  auto spec = co_await admit_spec(request, *object);
  if (!spec) co_return co_await respond_error(request.call, spec.error());
  fleet::Submission submission{request.caller->who.name, std::move(*spec), {}};
  if (const auto key = request.call.head().headers.get("idempotency-key")) {
    auto idempotency = idempotency_of(*key, *body);
    if (!idempotency) co_return co_await respond_error(request.call, idempotency.error());
    submission.idempotency = std::move(*idempotency);
  }
  auto task = co_await request.hub.fleet().submit(std::move(submission));
  co_await respond_task(request, 201, task);
}

Awaitable<void> list_tasks(Request& request) {
  auto filter = filter_of(request.call.head());
  if (!filter) co_return co_await respond_error(request.call, filter.error());
  auto page = co_await request.hub.fleet().list_tasks(std::move(*filter));
  if (!page) co_return co_await respond_error(request.call, page.error());
  json::array items;
  for (const auto& task : page->items) items.emplace_back(task.to_json());
  const json::value next = page->next ? json::value(std::to_string(*page->next)) : json::value(nullptr);
  co_await respond_json(request.call, 200, page_of(std::move(items), next));
}

Awaitable<void> show_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto task = co_await request.hub.fleet().show_task(*number);
  if (!task) co_return co_await respond_error(request.call, task.error());
  auto attempts = co_await request.hub.fleet().list_attempts(*number);
  if (!attempts) co_return co_await respond_error(request.call, attempts.error());
  std::function<Result<json::object>(store::Transaction&)> read = [n = *number](store::Transaction& tx) -> Result<json::object> {
    auto spec = fleet::task_spec(tx, n);
    return spec ? spec->input : json::object{};
  };
  auto input = co_await request.hub.database().read<json::object>(std::move(read));
  json::object out = task->to_json();
  json::array story;
  for (const auto& attempt : *attempts) story.emplace_back(attempt.to_json());
  out["attempts"] = std::move(story);
  out["input"] = input ? std::move(*input) : json::object{};
  co_await respond_json(request.call, 200, out);
}

Awaitable<void> read_task_log(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto task = co_await request.hub.fleet().show_task(*number);
  if (!task) co_return co_await respond_error(request.call, task.error());
  const auto stream = request.call.head().query("stream");
  http::ResponseHead head;
  head.headers.set("content-type", "text/plain; charset=utf-8");
  head.headers.set("x-content-type-options", "nosniff");
  auto started = co_await request.call.start(std::move(head));
  for (std::int64_t after = 0; started;) {
    auto entries = co_await request.hub.fleet().read_log(*number, after, 200);
    if (!entries || entries->empty()) break;
    for (const fleet::LogEntry& entry : *entries) {
      after = entry.number;
      if (entry.kind != "output" || (stream && json::string_or(entry.body, "stream", "") != *stream)) continue;
      const std::string text = json::string_or(entry.body, "text", "");
      started = co_await request.call.write(text);
    }
  }
  auto finished = co_await request.call.finish();
  (void)finished;  // a client that has gone needs no answer
}

Awaitable<void> cancel_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto task = co_await request.hub.fleet().cancel_task(*number);
  co_await respond_task(request, 200, task);
}

Awaitable<void> retry_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto task = co_await request.hub.fleet().retry_task(*number);
  co_await respond_task(request, 201, task);
}

Awaitable<void> explain_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto why = co_await request.hub.fleet().why(*number);
  if (!why) co_return co_await respond_error(request.call, why.error());
  co_await respond_json(request.call, 200, why->to_json());
}

}  // namespace flotte::hub
