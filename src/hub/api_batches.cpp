// Batches over HTTP.
#include <fmt/format.h>

#include "base/crypto.hpp"
#include "fleet/batch_items.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/task_spec.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t items_body_limit = 64 * 1024 * 1024;  // named in docs/limits.md
constexpr std::size_t items_per_write = 500;

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

Result<std::int64_t> parse_cursor(const std::optional<std::string>& text, std::int64_t fallback) {
  if (!text || text->empty()) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size())
    return fail(Code::invalid_argument, fmt::format("'{}' is no cursor", *text), "give `next` of the answer before");
  return value;
}

}  // namespace

Awaitable<void> create_batch(Request& request) {
  auto body = co_await request.call.read_body(1024 * 1024);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto object = json::parse_object(body->empty() ? std::string_view("{}") : std::string_view(*body));
  if (!object) co_return co_await respond_error(request.call, object.error());
  fleet::NewBatch batch;
  batch.owner = request.caller->who.name;
  batch.title = json::string_or(*object, "title", "");
  if (const auto key = request.call.head().headers.get("idempotency-key")) {
    auto idempotency = idempotency_of(*key, *body);
    if (!idempotency) co_return co_await respond_error(request.call, idempotency.error());
    batch.idempotency = std::move(*idempotency);
  }
  auto made = co_await request.hub.fleet().make_batch(std::move(batch));
  co_await respond_batch(request, 201, made);
}

Awaitable<void> list_batches(Request& request) {
  auto limit = limit_of(request.call.head());
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  auto after = parse_cursor(request.call.head().query("cursor"), -1);
  if (!after) co_return co_await respond_error(request.call, after.error());
  auto page = co_await request.hub.fleet().list_batches(*after, *limit);
  if (!page) co_return co_await respond_error(request.call, page.error());
  const auto state = request.call.head().query("state");
  json::array items;
  for (const auto& batch : page->items)
    if (!state || state->find(batch.state) != std::string::npos) items.emplace_back(batch.to_json());
  const json::value next = page->next ? json::value(std::to_string(*page->next)) : json::value(nullptr);
  co_await respond_json(request.call, 200, page_of(std::move(items), next));
}

Awaitable<void> show_batch(Request& request) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto batch = co_await request.hub.fleet().show_batch(*number);
  co_await respond_batch(request, 200, batch);
}

namespace {

/// One line of NDJSON. Error: as admit_spec, with the line's number.
Awaitable<Result<fleet::BatchItem>> admit_item(Request& request, std::string_view line, std::size_t number) {
  const std::string where = fmt::format("line {}", number);
  auto object = json::parse_object(line);
  if (!object) co_return pass(object, where);
  auto index = json::need_int(*object, "index");
  if (!index) co_return pass(index, where);
  if (*index < 0) co_return fail(Code::invalid_argument, where + ": \"index\" begins at 0");
  const json::object* task = json::get_object(*object, "task");
  if (!task) co_return fail(Code::invalid_argument, where + ": \"task\" must be an object");
  auto spec = co_await admit_spec(request, *task);
  if (!spec) co_return pass(spec, where);
  fleet::BatchItem item;
  item.index = *index;
  item.name = json::string_or(*object, "name", "");
  item.spec = std::move(*spec);
  co_return item;
}

}  // namespace

Awaitable<void> add_batch_items(Request& request) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  auto body = co_await request.call.read_body(items_body_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  fleet::Added sum;
  std::vector<fleet::BatchItem> items;
  std::size_t line_number = 0;
  std::optional<Error> wrong;
  for (std::string_view rest = *body; !rest.empty() || !items.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const bool was_empty = rest.empty();
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!was_empty) ++line_number;
    if (!line.empty()) {
      auto item = co_await admit_item(request, line, line_number);
      if (item)
        items.push_back(std::move(*item));
      else
        wrong = item.error();
    }
    if (items.size() < items_per_write && !rest.empty() && !wrong) continue;
    // The lines before a wrong one are stored, as the contract says.
    auto added = co_await request.hub.fleet().submit_many(*number, std::exchange(items, {}));
    if (!added) co_return co_await respond_error(request.call, added.error());
    sum.added += added->added;
    sum.known += added->known;
    if (wrong) co_return co_await respond_error(request.call, *wrong);
  }
  std::function<Result<std::int64_t>(store::Transaction&)> next = [n = *number](store::Transaction& tx) {
    return fleet::next_item_index(tx, n);
  };
  auto next_index = co_await request.hub.database().read<std::int64_t>(std::move(next));
  if (!next_index) co_return co_await respond_error(request.call, next_index.error());
  const json::object answer{{"added", sum.added}, {"skipped", sum.known}, {"next_index", *next_index}};
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> list_batch_items(Request& request) {
  auto number = batch_number(request);
  if (!number) co_return co_await respond_error(request.call, number.error());
  const http::RequestHead& head = request.call.head();
  auto limit = limit_of(head);
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  const auto ended_after = head.query("ended_after");
  auto cursor = parse_cursor(ended_after ? ended_after : head.query("cursor"), ended_after ? 0 : -1);
  if (!cursor) co_return co_await respond_error(request.call, cursor.error());
  fleet::BatchItemFilter filter{*number, *cursor, *limit, ended_after.has_value()};
  std::function<Result<fleet::BatchItemPage>(store::Transaction&)> list = [filter](store::Transaction& tx) {
    return fleet::list_batch_items(tx, filter);
  };
  auto page = co_await request.hub.database().read<fleet::BatchItemPage>(std::move(list));
  if (!page) co_return co_await respond_error(request.call, page.error());
  json::array items;
  for (const auto& item : page->items) items.emplace_back(item_json(item));
  const json::value next = page->next ? json::value(std::to_string(*page->next)) : json::value(nullptr);
  co_await respond_json(request.call, 200, page_of(std::move(items), next));
}

Awaitable<void> seal_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::seal); }
Awaitable<void> cancel_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::cancel); }
Awaitable<void> pause_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::pause); }
Awaitable<void> resume_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::resume); }
Awaitable<void> retry_batch(Request& request) { co_await act(request, fleet::Fleet::BatchAction::retry); }

}  // namespace flotte::hub
