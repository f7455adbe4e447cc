// What every route reads from a request.
#include <fmt/format.h>

#include "hub/api.hpp"

namespace flotte::hub {
namespace {
constexpr std::size_t json_limit = 16 * 1024 * 1024;  // named in docs/limits.md
}

Awaitable<Result<json::object>> read_object(http::ServerCall& call) {
  auto body = co_await call.read_body(json_limit);
  if (!body) co_return pass(body);
  if (body->empty()) co_return json::object{};
  co_return json::parse_object(*body);
}

json::value page_of(json::array items, json::value next) { return json::object{{"items", std::move(items)}, {"next", std::move(next)}}; }

Result<std::size_t> limit_of(const http::RequestHead& head) {
  const auto text = head.query("limit");
  if (!text) return 100;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > 1000)
    return fail(Code::invalid_argument, fmt::format("limit must be between 1 and 1000, not '{}'", *text));
  return limit;
}

}  // namespace flotte::hub
