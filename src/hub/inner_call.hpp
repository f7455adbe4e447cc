// A request that nobody sends over a network: for asking the gateway again what a client asked once. Its answer goes nowhere.
#pragma once
#include <string>

#include "http/server.hpp"

namespace flotte::hub {

class InnerCall final : public http::ServerCall {
 public:
  InnerCall(Executor executor, http::RequestHead head, std::string body)
      : executor_(executor), head_(std::move(head)), body_(std::move(body)), length_(body_.size()) {}

  const http::RequestHead& head() const override { return head_; }
  std::string peer() const override { return "flotte"; }
  bool peer_is_local() const override { return true; }
  bool encrypted() const override { return false; }
  Executor executor() const override { return executor_; }
  std::optional<std::uint64_t> content_length() const override { return length_; }
  Awaitable<Result<std::string>> read_body(std::optional<std::size_t> limit) override;
  Awaitable<Result<std::size_t>> read_some(std::span<char> into) override;
  Awaitable<Result<void>> respond(http::Response response) override;
  Awaitable<Result<void>> respond(http::ResponseHead head, std::string_view body) override;
  Awaitable<Result<void>> start(http::ResponseHead head) override;
  Awaitable<Result<void>> write(std::string_view bytes) override;
  Awaitable<Result<void>> flush() override { return done(); }
  Awaitable<Result<void>> finish() override { return done(); }
  void abort() override { aborted = true; }
  bool started() const override { return status != 0; }
  void on_gone(std::function<void()> callback) override { gone_callback_ = std::move(callback); }
  bool gone() const override { return gone_; }
  Awaitable<Result<Upgraded>> upgrade(http::ResponseHead head) override;

  /// Whoever wanted to know has left.
  void leave();

  int status = 0;  // 0: there was no answer
  bool aborted = false;
  std::string request_id;

 private:
  Awaitable<Result<void>> done();
  void note(const http::ResponseHead& head);
  Executor executor_;
  http::RequestHead head_;
  std::string body_;
  std::size_t length_;
  bool gone_ = false;
  std::function<void()> gone_callback_;
};

}  // namespace flotte::hub
