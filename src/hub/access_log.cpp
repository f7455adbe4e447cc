// What a line says.
#include "hub/access_log.hpp"

#include "base/json.hpp"
#include "route/redact.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t longest_path = 2'048;

/// Milliseconds with three decimals.
double ms_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(to - from).count()) / 1'000.0;
}

/// Whatever somebody sent as a target, as ASCII.
std::string printable_target(std::string_view target) {
  std::string out;
  route::append_redacted_target(out, target);
  out.resize(std::min(out.size(), longest_path));
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

}  // namespace

void CountedCall::note(const http::ResponseHead& head) {
  status = head.status;
  request_id = head.headers.get("x-flotte-request-id").value_or("");
}

void CountedCall::count(std::string_view piece) {
  if (first_byte == std::chrono::steady_clock::time_point{}) first_byte = std::chrono::steady_clock::now();
  bytes += piece.size();
}

Awaitable<Result<void>> CountedCall::respond(http::Response response) {
  note(response.head);
  count(response.body);
  return call_.respond(std::move(response));
}

Awaitable<Result<void>> CountedCall::respond(http::ResponseHead head, std::string_view body) {
  note(head);
  count(body);
  return call_.respond(std::move(head), body);
}

Awaitable<Result<void>> CountedCall::start(http::ResponseHead head) {
  note(head);
  return call_.start(std::move(head));
}

Awaitable<Result<void>> CountedCall::write(std::string_view piece) {
  count(piece);
  return call_.write(piece);
}

Awaitable<Result<http::ServerCall::Upgraded>> CountedCall::upgrade(http::ResponseHead head) {
  note(head);
  return call_.upgrade(std::move(head));
}

std::string access_line(const CountedCall& call, const route::LastCall& last, std::chrono::steady_clock::time_point began, WallTime at) {
  const auto or_null = [](std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); };
  const bool known = !call.request_id.empty() && call.request_id == last.request_id;
  const auto tokens = [&](std::int64_t n) { return known && n >= 0 ? json::value(n) : json::value(nullptr); };
  const auto now = std::chrono::steady_clock::now();
  json::object o;
  o["at"] = to_rfc3339(at);
  o["method"] = call.head().method;
  o["path"] = printable_target(call.head().target);
  // As others write it where the client has left before there was an answer.
  o["status"] = call.status == 0 ? 499 : call.status;
  o["bytes_in"] = call.content_length().value_or(0);
  o["bytes_out"] = call.bytes;
  o["ms"] = ms_between(began, now);
  o["first_ms"] =
      call.first_byte == std::chrono::steady_clock::time_point{} ? json::value(nullptr) : json::value(ms_between(began, call.first_byte));
  o["complete"] = !call.gone();
  o["peer"] = call.peer();
  o["key"] = or_null(call.key_id);
  o["request"] = or_null(call.request_id);
  o["model"] = known ? or_null(last.model) : json::value(nullptr);
  o["target"] = known ? or_null(last.target) : json::value(nullptr);
  o["input_tokens"] = tokens(last.usage.input_tokens);
  o["output_tokens"] = tokens(last.usage.output_tokens);
  return json::dump(o);
}

}  // namespace flotte::hub
