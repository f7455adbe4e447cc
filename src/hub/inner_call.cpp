// A client without a socket.
#include "hub/inner_call.hpp"

#include <algorithm>
#include <cstring>

namespace flotte::hub {

Awaitable<Result<void>> InnerCall::done() {
  if (gone_) co_return fail(Code::closed, "nobody waits for this answer any more");
  co_return Result<void>();
}

void InnerCall::note(const http::ResponseHead& head) {
  status = head.status;
  request_id = head.headers.get("x-flotte-request-id").value_or("");
}

Awaitable<Result<std::string>> InnerCall::read_body(std::optional<std::size_t> limit) {
  if (limit && body_.size() > *limit) co_return fail(Code::too_large, "the body is over the limit");
  co_return std::move(body_);
}

Awaitable<Result<std::size_t>> InnerCall::read_some(std::span<char> into) {
  const std::size_t n = std::min(into.size(), body_.size());
  std::memcpy(into.data(), body_.data(), n);
  body_.erase(0, n);
  co_return n;
}

Awaitable<Result<void>> InnerCall::respond(http::Response response) {
  note(response.head);
  return done();
}

Awaitable<Result<void>> InnerCall::respond(http::ResponseHead head, std::string_view) {
  note(head);
  return done();
}

Awaitable<Result<void>> InnerCall::start(http::ResponseHead head) {
  note(head);
  return done();
}

Awaitable<Result<void>> InnerCall::write(std::string_view) { return done(); }

Awaitable<Result<http::ServerCall::Upgraded>> InnerCall::upgrade(http::ResponseHead) {
  co_return fail(Code::unsupported, "a request that is sent again cannot become another protocol");
}

void InnerCall::leave() {
  gone_ = true;
  if (gone_callback_) gone_callback_();
}

}  // namespace flotte::hub
