// The gateway's doors: model calls go to an Exchange, lists are made here.
#include "route/gateway.hpp"

#include <fmt/format.h>

#include "base/random.hpp"
#include "dialect/error_shape.hpp"
#include "route/detail/exchange.hpp"
#include "route/detail/gateway_state.hpp"
#include "route/detail/places.hpp"
#include "route/gemini_models.hpp"

namespace flotte::route {
namespace detail {

GatewayState::GatewayState(Executor e, http::Client& c, UsageRing& u, std::shared_ptr<Journal> j, GatewayOptions o, const Clock& k)
    : executor(e),
      client(c),
      usage(u),
      journal(std::move(j)),
      options(std::move(o)),
      clock(k),
      scope(e, "gateway"),
      watch(scope, k, std::clamp(options.keep_alive / 8, milliseconds(5), milliseconds(1'000))),
      request_id_prefix_(fmt::format("req_{:012x}", random_seed() & 0xFFFF'FFFF'FFFF)) {}

std::string GatewayState::next_request_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = request_id_prefix_ + "00000000";
  std::uint64_t number = ++request_number_;
  for (std::size_t i = id.size(); i-- > request_id_prefix_.size(); number >>= 4) id[i] = digits[number & 15];
  return id;
}

void GatewayState::publish(std::shared_ptr<const Table> next) {
  table = std::move(next);
  routes_.clear();
}

Result<std::shared_ptr<const Route>> GatewayState::resolve(const std::string& model) {
  if (!table) return fail(Code::unavailable, "the hub is still starting", "try again in a moment");
  if (const auto known = routes_.find(model); known != routes_.end()) return known->second;
  auto found = table->resolve(model);
  if (!found) return found;
  // Wrapped once more, so that the counter of its owners belongs to this loop alone.
  auto own = std::make_shared<std::shared_ptr<const Route>>(std::move(*found));
  std::shared_ptr<const Route> route(own, own->get());
  if (routes_.size() >= remembered_names) routes_.clear();
  routes_.emplace(model, route);
  return route;
}

}  // namespace detail

struct Gateway::State : detail::GatewayState {
  using detail::GatewayState::GatewayState;
  detail::Places<detail::Exchange> exchanges;
};

Gateway::Gateway(Executor executor, http::Client& client, UsageRing& usage, std::shared_ptr<Journal> journal, GatewayOptions options,
                 const Clock& clock)
    : state_(std::make_unique<State>(executor, client, usage, std::move(journal), std::move(options), clock)) {}
Gateway::~Gateway() = default;

void Gateway::publish(std::shared_ptr<const Table> table) { state_->publish(std::move(table)); }

Awaitable<void> Gateway::call(http::ServerCall& call, const Caller& caller, dialect::Api api) {
  const auto exchange = state_->exchanges.make(*state_, call, caller, api, detail::nothing_in_path);
  co_await exchange->run();
}

Awaitable<void> Gateway::call(http::ServerCall& call, const Caller& caller, dialect::Api api, const PathFacts& path) {
  const auto exchange = state_->exchanges.make(*state_, call, caller, api, path);
  co_await exchange->run();
}

Awaitable<void> Gateway::chat_completions(http::ServerCall& call, const Caller& caller) {
  const auto exchange = state_->exchanges.make(*state_, call, caller, dialect::Api::chat, detail::nothing_in_path);
  co_await exchange->run();
}

namespace {

bool allowed(const Caller& caller, std::string_view name) {
  if (!caller.models) return true;
  return std::any_of(caller.models->begin(), caller.models->end(),
                     [&](const std::string& pattern) { return matches_pattern(pattern, name); });
}

json::object describe(std::string_view name, const Result<std::shared_ptr<const Route>>& route) {
  json::object o;
  o["id"] = name;
  o["object"] = "model";
  o["created"] = 0;
  o["owned_by"] = "flotte";
  if (const std::int64_t context = route ? smallest_context(**route) : 0; context > 0) o["context_tokens"] = context;
  return o;
}

bool anthropic_client(const http::ServerCall& call) { return call.head().headers.get("anthropic-version").has_value(); }

json::object describe_anthropic(std::string_view name) {
  json::object o;
  o["type"] = "model";
  o["id"] = name;
  o["display_name"] = name;
  o["created_at"] = "1970-01-01T00:00:00Z";
  return o;
}

/// One page has them all, whatever `limit` says.
json::object list_anthropic(const std::vector<std::string>& names) {
  json::object list;
  json::array& data = list["data"].emplace_array();
  for (const std::string& name : names) data.push_back(describe_anthropic(name));
  list["has_more"] = false;
  list["first_id"] = names.empty() ? json::value(nullptr) : json::value(names.front());
  list["last_id"] = names.empty() ? json::value(nullptr) : json::value(names.back());
  return list;
}

bool gemini_client(const http::ServerCall& call) {
  if (call.head().headers.get("x-goog-api-key") || call.head().headers.get("x-goog-api-client")) return true;
  std::string_view path = call.head().path();
  if (path.starts_with("/k/")) path.remove_prefix(std::min(path.size(), path.find('/', 3)));  // the key
  return dialect::format_of_path(path) == dialect::Format::gemini;
}

ListedModel listed(std::string_view name, const Result<std::shared_ptr<const Route>>& route) {
  return {std::string(name), route ? smallest_context(**route) : 0};
}

Result<json::object> gemini_page(const Table* table, const std::vector<std::string>& names, const http::RequestHead& head) {
  std::vector<ListedModel> models;
  for (const std::string& name : names) models.push_back(listed(name, table->resolve(name)));
  return list_gemini(models, head.query("pageSize").value_or(""), head.query("pageToken").value_or(""));
}

}  // namespace

Awaitable<void> Gateway::list_models(http::ServerCall& call, const Caller& caller) {
  std::vector<std::string> names;
  if (state_->table)
    for (const std::string& name : state_->table->names())
      if (allowed(caller, name)) names.push_back(name);
  json::object list;
  if (gemini_client(call)) {
    auto page = gemini_page(state_->table.get(), names, call.head());
    http::Response response;
    if (page) {
      response = http::Response::json(200, json::dump(*page));
    } else {
      const auto shaped = dialect::shape_error(dialect::Format::gemini, page.error());
      response = http::Response::json(shaped.status, shaped.body);
    }
    response.head.headers.set("x-flotte-request-id", state_->next_request_id());
    (void)co_await call.respond(std::move(response));
    co_return;
  }
  if (anthropic_client(call)) {
    list = list_anthropic(names);
  } else {
    list["object"] = "list";
    json::array& data = list["data"].emplace_array();
    for (const std::string& name : names) data.push_back(describe(name, state_->table->resolve(name)));
  }
  http::Response response = http::Response::json(200, json::dump(list));
  response.head.headers.set("x-flotte-request-id", state_->next_request_id());
  (void)co_await call.respond(std::move(response));
}

Awaitable<void> Gateway::show_model(http::ServerCall& call, const Caller& caller, std::string id) {
  auto found = state_->resolve(id);
  if (found && !allowed(caller, id)) found = fail(Code::not_found, fmt::format("there is no model \"{}\" for this key", id));
  const bool gemini = gemini_client(call);
  http::Response response;
  if (found) {
    json::object shown = gemini                   ? describe_gemini(listed(id, found))
                         : anthropic_client(call) ? describe_anthropic(id)
                                                  : describe(id, found);
    response = http::Response::json(200, json::dump(shown));
  } else {
    const auto format = gemini                   ? dialect::Format::gemini
                        : anthropic_client(call) ? dialect::Format::anthropic
                                                 : dialect::Format::openai_chat;
    const auto shaped = dialect::shape_error(format, found.error(), {.code = "model_not_found", .param = "model"});
    response = http::Response::json(shaped.status, shaped.body);
  }
  response.head.headers.set("x-flotte-request-id", state_->next_request_id());
  (void)co_await call.respond(std::move(response));
}

void Gateway::drain() { state_->draining = true; }

Awaitable<void> Gateway::close() { co_await state_->scope.close(); }

Gateway::Counts Gateway::counts() const { return state_->counts; }
Recorder& Gateway::recorder() noexcept { return state_->recorder; }
const CallMetrics& Gateway::metrics() const noexcept { return state_->metrics; }
const LastCall& Gateway::last_call() const noexcept { return state_->last; }

}  // namespace flotte::route
