// Requests about batches and blobs.
#include "client/batches.hpp"

#include "base/money.hpp"

namespace flotte::client {
namespace {

Result<std::vector<BatchItem>> parse_items(const std::vector<json::object>& objects, const std::string& batch) {
  std::vector<BatchItem> items;
  for (const json::object& o : objects) {
    auto item = BatchItem::from_json(o);
    if (!item) return pass(item, "an item of batch " + batch);
    items.push_back(std::move(*item));
  }
  return items;
}

}  // namespace

std::string NewItem::to_line() const {
  json::object o;
  o["index"] = index;
  o["name"] = name;
  o["task"] = task.to_json();
  return json::dump(o) + "\n";
}

Result<BatchItem> BatchItem::from_json(const json::object& o) {
  auto index = json::need_int(o, "index");
  if (!index) return pass(index);
  const json::object* task = json::get_object(o, "task");
  if (!task) return fail(Code::corrupt, fmt::format("item {} has no task", *index));
  auto view = wire::TaskView::from_json(*task);
  if (!view) return pass(view);
  return BatchItem{*index, json::string_or(o, "name", fmt::format("item {}", *index)), std::move(*view)};
}

Awaitable<Result<wire::BatchView>> Batches::create(std::string title, std::string idempotency_key,
                                                   std::optional<std::int64_t> max_cost_pico_usd) {
  json::object body;
  body["title"] = title;
  if (max_cost_pico_usd) body["max_cost_usd"] = format_usd(*max_cost_pico_usd);
  auto object = co_await fleet_.post(make_path("batches"), std::move(body), std::move(idempotency_key));
  if (!object) co_return pass(object);
  co_return wire::BatchView::from_json(*object);
}

Awaitable<Result<wire::BatchView>> Batches::show(std::string id) {
  auto object = co_await fleet_.get(make_path("batches", id));
  if (!object) co_return pass(object);
  co_return wire::BatchView::from_json(*object);
}

Awaitable<Result<void>> Batches::add_items(std::string id, std::string lines) {
  Request request;
  request.method = "POST";
  request.target = make_path("batches", id, "items");
  request.body = lines;
  request.content_type = "application/x-ndjson";
  auto answer = co_await fleet_.connection().request(request);
  if (!answer) co_return pass(answer);
  co_return Result<void>{};
}

Awaitable<Result<std::int64_t>> Batches::next_index(std::string id) {
  Request request;
  request.method = "POST";
  request.target = make_path("batches", id, "items");
  request.content_type = "application/x-ndjson";
  auto answer = co_await fleet_.connection().request(request);
  if (!answer) co_return pass(answer);
  auto object = json::parse_object(answer->body);
  if (!object) co_return pass(object);
  co_return json::need_int(*object, "next_index");
}

Awaitable<Result<wire::BatchView>> Batches::seal(std::string id) { co_return co_await act(std::move(id), "seal"); }

Awaitable<Result<wire::BatchView>> Batches::act(std::string id, std::string what) {
  json::object nothing;
  auto object = co_await fleet_.post(make_path("batches", id, what), std::move(nothing));
  if (!object) co_return pass(object);
  co_return wire::BatchView::from_json(*object);
}

Awaitable<Result<ItemPage>> Batches::items(std::string id, std::string cursor, std::size_t limit) {
  Query query;
  query.emplace_back("limit", std::to_string(limit));
  query.emplace_back("cursor", std::move(cursor));
  auto page = co_await fleet_.page(make_path("batches", id, "items"), std::move(query));
  if (!page) co_return pass(page);
  auto items = parse_items(page->items, id);
  if (!items) co_return pass(items);
  co_return ItemPage{std::move(*items), std::move(page->next)};
}

Awaitable<Result<EndedItems>> Batches::ended(std::string id, std::string cursor, std::size_t limit) {
  Query query;
  query.emplace_back("ended_after", cursor.empty() ? "0" : cursor);
  query.emplace_back("limit", std::to_string(limit));
  auto page = co_await fleet_.page(make_path("batches", id, "items"), std::move(query));
  if (!page) co_return pass(page);
  auto items = parse_items(page->items, id);
  if (!items) co_return pass(items);
  co_return EndedItems{std::move(*items), page->next.empty() ? cursor : page->next};
}

Awaitable<Result<bool>> Batches::has_blob(std::string sha256) {
  Request request;
  request.method = "HEAD";
  request.target = make_path("blobs", sha256);
  auto answer = co_await fleet_.connection().request(request);
  if (answer) co_return true;
  if (answer.error().code == Code::not_found) co_return false;
  co_return pass(answer);
}

Awaitable<Result<void>> Batches::put_blob(std::string sha256, const std::string& content) {
  Request request;
  request.method = "PUT";
  request.target = make_path("blobs", sha256);
  request.body = content;
  request.content_type = "application/octet-stream";
  auto answer = co_await fleet_.connection().request(request);
  if (!answer) co_return pass(answer);
  co_return Result<void>{};
}

Awaitable<Result<std::string>> Batches::blob(std::string sha256) {
  if (sha256.starts_with("sha256:")) sha256.erase(0, 7);
  return fleet_.get_text(make_path("blobs", sha256));
}

}  // namespace flotte::client
