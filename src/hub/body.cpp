// What every route reads from a request.
#include <fmt/format.h>

#include "hub/api.hpp"

namespace flotte::hub {

Awaitable<Result<json::object>> read_object(http::ServerCall& call, std::size_t limit) {
  auto body = co_await call.read_body(limit);
  if (!body) co_return pass(body);
  if (body->empty()) co_return json::object{};
  co_return json::parse_object(*body);
}

Awaitable<void> read_to_end(http::ServerCall& call) {
  constexpr std::size_t most = 64 * 1024 * 1024;  // after that the client has to live with a broken connection
  std::string piece(64 * 1024, '\0');
  const std::span<char> room(piece.data(), piece.size());
  std::size_t total = 0;
  for (bool more = true; more && total < most;) {
    auto n = co_await call.read_some(room);
    more = n && *n > 0;
    total += n.value_or(0);
  }
}

json::value page_of(json::array items, json::value next) { return json::object{{"items", std::move(items)}, {"next", std::move(next)}}; }

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!word.empty()) out.emplace_back(word);
  }
  return out;
}

Result<std::size_t> limit_of(const http::RequestHead& head) {
  const auto text = head.query("limit");
  if (!text) return 100;
  const auto limit = parse_number(*text);
  if (!limit || *limit < 1 || *limit > 1000)
    return fail(Code::invalid_argument, fmt::format("limit must be between 1 and 1000, not '{}'", *text));
  return static_cast<std::size_t>(*limit);
}

Result<std::int64_t> cursor_of(const http::RequestHead& head, std::string_view name, std::int64_t fallback) {
  const auto text = head.query(name);
  if (!text || text->empty()) return fallback;
  const auto place = parse_number(*text);
  if (!place || *place < 0)
    return fail(Code::invalid_argument, fmt::format("{} = '{}' is no place in this list", name, *text), "give `next` of the answer before");
  return *place;
}

Result<std::vector<wire::TaskState>> task_states_of(const http::RequestHead& head) {
  std::vector<wire::TaskState> states;
  for (const std::string& word : split_words(head.query("state").value_or(""))) {
    const auto state = wire::parse_task_state(word);
    if (!state)
      return fail(Code::invalid_argument, fmt::format("there is no state '{}'", word),
                  "queued, offered, running, waiting, succeeded, failed or cancelled");
    states.push_back(*state);
  }
  return states;
}

Result<std::optional<WallTime>> time_of(const http::RequestHead& head, std::string_view name) {
  const auto text = head.query(name);
  if (!text || text->empty()) return std::nullopt;
  if (const auto time = parse_rfc3339(*text)) return time;
  return fail(Code::invalid_argument, fmt::format("{} = '{}' is no time", name, *text), "as in 2026-11-21T08:30:00Z");
}

}  // namespace flotte::hub
