// Both sides of a call as the flight recorder sees them: calls that pass everything on and keep what went through.
#pragma once
#include <memory>

#include "http/client.hpp"
#include "http/server.hpp"
#include "route/recorder.hpp"

namespace flotte::route::detail {

/// The client's side. Hands the inner call's awaitables on, so that watching costs no coroutine of its own (but for a body that is kept).
class WatchedCall final : public http::ServerCall {
 public:
  WatchedCall(http::ServerCall& call, Recorder& recorder, Trace& trace) : call_(call), recorder_(recorder), trace_(trace) {}

  const http::RequestHead& head() const override { return call_.head(); }
  std::string peer() const override { return call_.peer(); }
  bool peer_is_local() const override { return call_.peer_is_local(); }
  bool encrypted() const override { return call_.encrypted(); }
  Executor executor() const override { return call_.executor(); }
  std::optional<std::uint64_t> content_length() const override { return call_.content_length(); }
  Awaitable<Result<std::string>> read_body(std::optional<std::size_t> limit) override;
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
  Awaitable<Result<Upgraded>> upgrade(http::ResponseHead head) override { return call_.upgrade(std::move(head)); }

 private:
  Awaitable<Result<std::string>> read_and_keep(std::optional<std::size_t> limit);
  void keep_head(const http::ResponseHead& head);
  void keep_piece(std::string_view piece);

  http::ServerCall& call_;
  Recorder& recorder_;
  Trace& trace_;
};

/// The target's side, of the trace's last attempt. Only where bodies are kept.
class WatchedAnswer final : public http::ClientCall {
 public:
  WatchedAnswer(std::unique_ptr<http::ClientCall> call, Recorder& recorder, Trace& trace)
      : call_(std::move(call)), recorder_(recorder), trace_(trace), attempt_(trace.attempts.size() - 1) {}

  const http::ResponseHead& head() const override { return call_->head(); }
  Awaitable<Result<std::string_view>> next() override;
  Awaitable<Result<std::string>> read_all(std::size_t limit) override;
  http::Stream take_stream(std::string& rest) override { return call_->take_stream(rest); }

 private:
  void keep_piece(std::string_view piece);

  std::unique_ptr<http::ClientCall> call_;
  Recorder& recorder_;
  Trace& trace_;
  std::size_t attempt_;
};

/// A head as a trace keeps it: "POST /v1/messages" or "200", then "name: value" for each field, without secrets.
Words put_head(Trace& trace, const http::RequestHead& head);
Words put_head(Trace& trace, const http::ResponseHead& head);

}  // namespace flotte::route::detail
