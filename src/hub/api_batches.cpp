// Batches over HTTP.
#include <fmt/format.h>

#include "base/money.hpp"
#include "fleet/batch_items.hpp"
#include "fleet/kinds.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/perform.hpp"
#include "hub/rights.hpp"
#include "hub/task_spec.hpp"
#include "wire/members.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t title_limit = 500;

Result<std::int64_t> batch_number(const Request& request) {
  const std::string& id = request.captures.at(0);
  if (const auto number = wire::parse_id('b', id)) return *number;
  return fail(Code::not_found, fmt::format("no batch '{}'", id), "see `flotte batch ls`");
}

Awaitable<void> respond_batch(Request& request, int status, const Result<wire::BatchView>& batch) {
  if (!batch) co_return co_await respond_error(request.call, batch.error());
  co_await respond_json(request.call, status, batch->to_json());
}

Awaitable<void> act(Request& request, fleet::Fleet::BatchAction action) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto batch = co_await request.hub.fleet().act_on_batch(*number, action);
  co_await respond_batch(request, 200, batch);
}

json::object item_json(const fleet::BatchItemView& item) {
  return {
      {"index", item.index}, {"name", item.name.empty() ? json::value(nullptr) : json::value(item.name)}, {"task", item.task.to_json()}};
}

/// `state` of a batch.
Result<std::vector<std::string>> batch_states_of(const http::RequestHead& head) {
  static constexpr std::string_view known[] = {"open", "running", "paused", "done", "cancelled"};
  std::vector<std::string> states = split_words(head.query("state").value_or(""));
  for (const std::string& state : states)
    if (std::find(std::begin(known), std::end(known), state) == std::end(known))
      return fail(Code::invalid_argument, fmt::format("there is no state '{}'", state), "open, running, paused, done or cancelled");
  return states;
}

Result<fleet::NewBatch> parse_batch(const Request& request, std::string_view body) {
  auto object = json::parse_object(body.empty() ? std::string_view("{}") : body);
  if (!object) return pass(object);
  static constexpr std::array<std::string_view, 3> known{"title", "project", "max_cost_usd"};
  if (auto good = wire::check_members(*object, "a batch", known); !good) return pass(good);
  // What changes what happens, and what this version cannot do: better said than ignored.
  if (const auto it = object->find("project"); it != object->end() && !it->value().is_null())
    return fail(Code::unsupported, "\"project\" is not supported by this version");
  fleet::NewBatch batch;
  batch.owner = request.caller->who.name;
  const auto title = object->find("title");
  if (title != object->end() && !title->value().is_null() &&
      (!title->value().is_string() || title->value().get_string().size() > title_limit))
    return fail(Code::invalid_argument, fmt::format("\"title\" must be a string of at most {} bytes", title_limit));
  batch.title = json::string_or(*object, "title", "");
  if (const auto it = object->find("max_cost_usd"); it != object->end() && !it->value().is_null()) {
    batch.max_cost_pico_usd = parse_usd(json::string_or(*object, "max_cost_usd", ""));
    if (!batch.max_cost_pico_usd || *batch.max_cost_pico_usd <= 0)
      return fail(Code::invalid_argument, "\"max_cost_usd\" must be an amount above 0 as a string", "for example \"2.50\"");
  }
  if (const auto key = request.call.head().headers.get("idempotency-key")) {
    auto idempotency = idempotency_of(*key, body);
    if (!idempotency) return pass(idempotency);
    batch.idempotency = std::move(*idempotency);
  }
  return batch;
}

}  // namespace

Awaitable<void> create_batch(Request& request) {
  auto body = co_await request.call.read_body(1024 * 1024);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto batch = parse_batch(request, *body);
  if (!batch) co_return co_await respond_error(request.call, batch.error());
  auto made = co_await request.hub.fleet().make_batch(std::move(*batch));
  if (!made) co_return co_await respond_error(request.call, made.error());
  co_await respond_json(request.call, made->repeated ? 200 : 201, made->view.to_json());
}

Awaitable<void> list_batches(Request& request) {
  auto limit = limit_of(request.call.head());
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  auto after = cursor_of(request.call.head(), "cursor", -1);
  if (!after) co_return co_await respond_error(request.call, after.error());
  auto states = batch_states_of(request.call.head());
  if (!states) co_return co_await respond_error(request.call, states.error());
  auto page = co_await request.hub.fleet().list_batches(*after, *limit);
  if (!page) co_return co_await respond_error(request.call, page.error());
  json::array items;
  for (const auto& batch : page->items)
    if (states->empty() || std::find(states->begin(), states->end(), batch.state) != states->end()) items.emplace_back(batch.to_json());
  const json::value next = page->next ? json::value(std::to_string(*page->next)) : json::value(nullptr);
  co_await respond_json(request.call, 200, page_of(std::move(items), next));
}

Awaitable<void> show_batch(Request& request) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto batch = co_await request.hub.fleet().show_batch(*number);
  co_await respond_batch(request, 200, batch);
}

Awaitable<void> list_batch_items(Request& request) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  const http::RequestHead& head = request.call.head();
  auto limit = limit_of(head);
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  const bool by_end = head.query("ended_after").has_value();
  auto cursor = by_end ? cursor_of(head, "ended_after", 0) : cursor_of(head, "cursor", -1);
  if (!cursor) co_return co_await respond_error(request.call, cursor.error());
  auto states = task_states_of(head);
  if (!states) co_return co_await respond_error(request.call, states.error());
  fleet::BatchItemFilter filter{*number, *cursor, *limit, by_end};
  std::function<Result<fleet::BatchItemPage>(store::Transaction&)> list = [filter](store::Transaction& tx) {
    return fleet::list_batch_items(tx, filter);
  };
  auto page = co_await request.hub.database().read<fleet::BatchItemPage>(std::move(list));
  if (!page) co_return co_await respond_error(request.call, page.error());
  json::array items;
  for (const auto& item : page->items)
    if (states->empty() || std::find(states->begin(), states->end(), item.task.state) != states->end()) items.emplace_back(item_json(item));
  const json::value next = page->next ? json::value(std::to_string(*page->next)) : json::value(nullptr);
  co_await respond_json(request.call, 200, page_of(std::move(items), next));
}

Awaitable<void> seal_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::seal); }
Awaitable<void> cancel_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::cancel); }
Awaitable<void> pause_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::pause); }
Awaitable<void> resume_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::resume); }

namespace {
Result<wire::BatchView> retry_as(const Caller& caller, fleet::Ledger& ledger, std::int64_t batch) {
  if (auto good = may_set_going(caller, fleet::kinds_to_retry(ledger.rows, batch)); !good) return pass(good);
  if (const auto again = fleet::retry_batch(ledger, batch); !again) return Failure(again.error());
  return *fleet::show_batch(ledger.rows, batch);
}
}  // namespace

Awaitable<void> retry_batch(Request& request) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  std::function<Result<wire::BatchView>(fleet::Ledger&)> retry = [n = *number, caller = request.caller](fleet::Ledger& ledger) {
    return retry_as(*caller, ledger, n);
  };
  const auto batch = co_await perform<wire::BatchView>(request.hub.fleet(), std::move(retry));
  co_await respond_batch(request, 200, batch);
}

}  // namespace flotte::hub
