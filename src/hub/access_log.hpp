// The access log: one JSON line for each request that this hub has answered, without secrets.
#pragma once
#include <memory>
#include <string>

#include "base/line_log.hpp"
#include "http/server.hpp"
#include "route/call_end.hpp"

namespace flotte::hub {

/// A call that counts what goes through it. Hands the inner call's awaitables on.
class CountedCall final : public http::ServerCall {
 public:
  explicit CountedCall(http::ServerCall& call) : call_(call) {}

  const http::RequestHead& head() const override { return call_.head(); }
  std::string peer() const override { return call_.peer(); }
  bool peer_is_local() const override { return call_.peer_is_local(); }
  bool encrypted() const override { return call_.encrypted(); }
  Executor executor() const override { return call_.executor(); }
  std::optional<std::uint64_t> content_length() const override { return call_.content_length(); }
  Awaitable<Result<std::string>> read_body(std::optional<std::size_t> limit) override { return call_.read_body(limit); }
  Awaitable<Result<std::size_t>> read_some(std::span<char> into) override { return call_.read_some(into); }
  Awaitable<Result<void>> respond(http::Response response) override;
  Awaitable<Result<void>> respond(http::ResponseHead head, std::string_view body) override;
  Awaitable<Result<void>> start(http::ResponseHead head) override;
  Awaitable<Result<void>> write(std::string_view bytes) override;
  Awaitable<Result<void>> flush() override { return call_.flush(); }
  Awaitable<Result<void>> finish() override { return call_.finish(); }
  void abort() override { call_.abort(); }
  bool started() const override { return call_.started(); }
  void on_gone(std::function<void()> callback) override { call_.on_gone(std::move(callback)); }
  bool gone() const override { return call_.gone(); }
  Awaitable<Result<Upgraded>> upgrade(http::ResponseHead head) override;

  /// What it has come to. `status` 0: there was no answer.
  int status = 0;
  std::uint64_t bytes = 0;
  std::string request_id, key_id;
  std::chrono::steady_clock::time_point first_byte{};

 private:
  void note(const http::ResponseHead& head);
  void count(std::string_view piece);
  http::ServerCall& call_;
};

/// The line of an ended call. `last` belongs to it if it has the same request id.
std::string access_line(const CountedCall& call, const route::LastCall& last, std::chrono::steady_clock::time_point began, WallTime at);

}  // namespace flotte::hub
