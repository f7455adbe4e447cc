// Keeping what goes through.
#include "route/detail/watched_call.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "route/redact.hpp"

namespace flotte::route::detail {
namespace {

char* put(char* at, std::string_view words) noexcept {
  std::memcpy(at, words.data(), words.size());
  return at + words.size();
}

/// "\nname: value" for each, in one go: recorded heads are a cost of every call.
void put_fields(std::string& text, const http::Headers& headers) {
  const std::size_t before = text.size();
  std::size_t most = before;
  for (const auto& [name, value] : headers) most += name.size() + std::max(value.size(), redacted.size()) + 3;
  text.resize_and_overwrite(most, [&](char* begin, std::size_t) {
    char* at = begin + before;
    for (const auto& [name, value] : headers) {
      *at++ = '\n';
      at = put(at, name);
      at = put(at, ": ");
      at = put(at, is_secret_header(name) ? redacted : value);
    }
    return static_cast<std::size_t>(at - begin);
  });
}

Words since(const Trace& trace, std::size_t begin) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(trace.text.size() - begin)};
}

}  // namespace

Words put_head(Trace& trace, const http::RequestHead& head) {
  const std::size_t begin = trace.text.size();
  trace.text.append(head.method).append(" ");
  append_redacted_target(trace.text, head.target);
  put_fields(trace.text, head.headers);
  return since(trace, begin);
}

Words put_head(Trace& trace, const http::ResponseHead& head) {
  const std::size_t begin = trace.text.size();
  char digits[12];
  trace.text.append(digits, std::to_chars(digits, digits + sizeof digits, head.status).ptr);
  put_fields(trace.text, head.headers);
  return since(trace, begin);
}

Awaitable<Result<std::string>> WatchedCall::read_body(std::optional<std::size_t> limit) {
  return recorder_.recording() == Recording::bodies ? read_and_keep(limit) : call_.read_body(limit);
}

Awaitable<Result<std::string>> WatchedCall::read_and_keep(std::optional<std::size_t> limit) {
  auto body = co_await call_.read_body(limit);
  if (body) recorder_.keep(trace_.received, *body);
  co_return body;
}

void WatchedCall::keep_head(const http::ResponseHead& head) {
  trace_.answer = put_head(trace_, head);
  trace_.status = head.status;
}

void WatchedCall::keep_piece(std::string_view piece) {
  if (trace_.first_byte < 0) trace_.first_byte = trace_.step();
  recorder_.keep(trace_.sent, piece);
}

Awaitable<Result<void>> WatchedCall::respond(http::Response response) {
  keep_head(response.head);
  keep_piece(response.body);
  return call_.respond(std::move(response));
}

Awaitable<Result<void>> WatchedCall::respond(http::ResponseHead head, std::string_view body) {
  keep_head(head);
  keep_piece(body);
  return call_.respond(std::move(head), body);
}

Awaitable<Result<void>> WatchedCall::start(http::ResponseHead head) {
  keep_head(head);
  return call_.start(std::move(head));
}

Awaitable<Result<void>> WatchedCall::write(std::string_view bytes) {
  keep_piece(bytes);
  return call_.write(bytes);
}

Awaitable<Result<std::string_view>> WatchedAnswer::next() {
  auto piece = co_await call_->next();
  if (piece) keep_piece(*piece);
  co_return piece;
}

Awaitable<Result<std::string>> WatchedAnswer::read_all(std::size_t limit) {
  auto body = co_await call_->read_all(limit);
  if (body) keep_piece(*body);
  co_return body;
}

void WatchedAnswer::keep_piece(std::string_view piece) {
  Trace::Attempt& attempt = trace_.attempts[attempt_];
  if (!piece.empty() && attempt.first_piece < 0) attempt.first_piece = trace_.step();
  recorder_.keep(attempt.received, piece);
}

}  // namespace flotte::route::detail
