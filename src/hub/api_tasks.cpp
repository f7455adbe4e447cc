// Tasks over HTTP.
#include <fmt/format.h>

#include "base/failpoint.hpp"
#include "fleet/kinds.hpp"
#include "fleet/steps.hpp"
#include "fleet/views.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/perform.hpp"
#include "hub/rights.hpp"
#include "hub/task_spec.hpp"
#include "route/journal_rows.hpp"

namespace flotte::hub {
namespace {

Result<std::int64_t> task_number(const Request& request) {
  const std::string& id = request.captures.at(0);
  if (const auto number = wire::parse_id('t', id)) return *number;
  return fail(Code::not_found, fmt::format("no task '{}'", id), "see `flotte task ls`");
}

Result<fleet::TaskFilter> filter_of(const http::RequestHead& head) {
  fleet::TaskFilter filter;
  auto limit = limit_of(head);
  if (!limit) return pass(limit);
  filter.limit = *limit;
  auto states = task_states_of(head);
  if (!states) return pass(states);
  filter.states = std::move(*states);
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
  auto after = cursor_of(head, "cursor", -1);
  if (!after) return pass(after);
  filter.after = *after;
  return filter;
}

Awaitable<void> respond_task(Request& request, int status, const Result<wire::TaskView>& task) {
  if (!task) co_return co_await respond_error(request.call, task.error());
  co_await respond_json(request.call, status, task->to_json());
}

}  // namespace

Awaitable<void> submit_task(Request& request) {
  auto body = co_await request.call.read_body(json_limit);
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
  auto made = co_await request.hub.fleet().submit(std::move(submission));
  if (!made) co_return co_await respond_error(request.call, made.error());
  failpoint::reach(Failpoint::submit_after_commit);
  co_await respond_json(request.call, made->repeated ? 200 : 201, made->view.to_json());
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

namespace {

constexpr std::size_t steps_shown = 100;  // of a task; GET .../steps has all

/// What the call journal knows: `usage` says what was not bought again, and what perhaps was.
void add_calls(json::object& task, const route::CallCounts& calls) {
  json::object& usage = task["usage"].is_object() ? task["usage"].get_object() : task["usage"].emplace_object();
  if (calls.replayed > 0) usage["replayed_calls"] = calls.replayed;
  if (calls.maybe_bought_twice > 0) usage["maybe_bought_twice"] = calls.maybe_bought_twice;
}

/// A task with its story and its input, from one look at the database.
Result<json::object> describe_task(store::Transaction& tx, std::int64_t number) {
  const auto task = fleet::show_task(tx, number);
  if (!task) return fleet::no_task(number);
  json::object out = task->to_json();
  json::array story;
  for (const auto& attempt : fleet::list_attempts(tx, number)) story.emplace_back(attempt.to_json());
  out["attempts"] = std::move(story);
  json::array steps;
  for (const auto& step : fleet::list_steps(tx, number, 0, steps_shown)) steps.emplace_back(step.to_json());
  if (!steps.empty()) out["steps"] = std::move(steps);
  add_calls(out, route::count_calls(tx, number));
  const auto spec = fleet::task_spec(tx, number);
  out["input"] = spec ? spec->input : json::object{};
  json::array waits_for;
  if (spec)
    for (const std::string& id : spec->depends_on) waits_for.emplace_back(id);
  out["depends_on"] = std::move(waits_for);
  if (spec && spec->concurrency) out["concurrency"] = json::object{{"key", spec->concurrency->key}, {"limit", spec->concurrency->limit}};
  if (spec && !spec->unique.empty()) out["unique"] = spec->unique;
  return out;
}

/// Which entries of a log are asked for. `fence`: of the attempt; -1 where there has been none.
struct LogQuery {
  std::int64_t task = 0, fence = -1;
  std::optional<std::string> stream;
  bool wants(const fleet::LogEntry& entry) const {
    return entry.kind == "output" && entry.fence == fence && (!stream || json::string_or(entry.body, "stream", "") == *stream);
  }
};

Result<std::int64_t> attempt_of(const http::RequestHead& head) {
  const auto text = head.query("attempt");
  if (!text) return 0;
  const auto number = parse_number(*text);
  if (!number || *number < 1)
    return fail(Code::invalid_argument, fmt::format("attempt = '{}' is no number of an attempt", *text), "1, 2, ...");
  return *number;
}

Awaitable<Result<LogQuery>> parse_log_query(Request& request) {
  auto number = task_number(request);
  if (!number) co_return pass(number);
  auto attempt = attempt_of(request.call.head());
  if (!attempt) co_return pass(attempt);
  LogQuery query{*number, -1, request.call.head().query("stream")};
  if (query.stream && *query.stream != "stdout" && *query.stream != "stderr" && *query.stream != "text")
    co_return fail(Code::invalid_argument, fmt::format("there is no stream '{}'", *query.stream), "stdout, stderr or text");
  std::function<Result<std::int64_t>(store::Transaction&)> find = [task = *number,
                                                                   nth = *attempt](store::Transaction& tx) -> Result<std::int64_t> {
    if (!fleet::show_task(tx, task)) return fleet::no_task(task);
    const auto fence = fleet::fence_of(tx, task, nth);
    if (!fence && nth > 0) return fail(Code::not_found, fmt::format("{} has no attempt {}", wire::format_id('t', task), nth));
    return fence.value_or(-1);
  };
  auto fence = co_await request.hub.database().read<std::int64_t>(std::move(find));
  if (!fence) co_return pass(fence);
  query.fence = *fence;
  co_return query;
}

}  // namespace

Awaitable<void> show_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  std::function<Result<json::object>(store::Transaction&)> describe = [n = *number](store::Transaction& tx) {
    return describe_task(tx, n);
  };
  auto task = co_await request.hub.database().read<json::object>(std::move(describe));
  if (!task) co_return co_await respond_error(request.call, task.error());
  co_await respond_json(request.call, 200, *task);
}

Awaitable<void> read_task_log(Request& request) {
  auto query = co_await parse_log_query(request);
  if (!query) co_return co_await respond_error(request.call, query.error());
  http::ResponseHead head;
  head.headers.set("content-type", "text/plain; charset=utf-8");
  head.headers.set("x-content-type-options", "nosniff");
  auto sent = co_await request.call.start(std::move(head));
  const bool wanted = request.call.head().method != "HEAD";
  for (std::int64_t after = 0; sent && wanted;) {
    auto entries = co_await request.hub.fleet().read_log(query->task, after, 200);
    if (!entries) co_return request.call.abort();  // half a log must not look like a whole one
    if (entries->empty()) break;
    std::string text;
    for (const fleet::LogEntry& entry : *entries)
      if (query->wants(entry)) text += json::string_or(entry.body, "text", "");
    after = entries->back().number;
    sent = co_await request.call.write(text);
  }
  if (sent) sent = co_await request.call.finish();
}

Awaitable<void> cancel_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto task = co_await request.hub.fleet().cancel_task(*number);
  co_await respond_task(request, 200, task);
}

namespace {
Result<wire::TaskView> retry_as(const Caller& caller, fleet::Ledger& ledger, std::int64_t task) {
  if (auto good = may_set_going(caller, fleet::kinds_of_task(ledger.rows, task)); !good) return pass(good);
  const auto again = fleet::retry_task(ledger, task);
  if (!again) return Failure(again.error());
  return *fleet::show_task(ledger.rows, *again);
}
}  // namespace

Awaitable<void> retry_task(Request& request) {
  auto number = task_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  std::function<Result<wire::TaskView>(fleet::Ledger&)> retry = [n = *number, caller = request.caller](fleet::Ledger& ledger) {
    return retry_as(*caller, ledger, n);
  };
  const auto task = co_await perform<wire::TaskView>(request.hub.fleet(), std::move(retry));
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
