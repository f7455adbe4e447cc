// One connection of a server: reads requests one after the other and is the ServerCall of each of them.
#pragma once
#include <array>

#include "http/detail/body.hpp"
#include "http/detail/connection.hpp"
#include "http/detail/head.hpp"
#include "http/detail/server_state.hpp"

namespace flotte::http::detail {

class ServerConnection final : public Connection, public ServerCall {
 public:
  ServerConnection(std::shared_ptr<ServerShared> shared, Stream stream, std::shared_ptr<TlsContext> tls);
  ~ServerConnection() override;
  /// The whole life of `self`. Spawned once.
  static Awaitable<void> run(std::shared_ptr<ServerConnection> self);
  /// Nothing is asked at the moment, so that it may be closed without loss.
  bool idle() const noexcept { return !active_ && all_sent(); }

  const RequestHead& head() const override { return request_; }
  std::string peer() const override { return stream.peer(); }
  bool peer_is_local() const override { return stream.peer_is_local(); }
  bool encrypted() const override { return stream.encrypted(); }
  Executor executor() const override { return Connection::executor(); }
  std::optional<std::uint64_t> content_length() const override;
  Awaitable<Result<std::string>> read_body(std::optional<std::size_t> limit) override;
  Awaitable<Result<std::size_t>> read_some(std::span<char> into) override;
  Awaitable<Result<void>> respond(Response response) override;
  Awaitable<Result<void>> respond(ResponseHead head, std::string_view body) override;
  Awaitable<Result<void>> start(ResponseHead head) override;
  Awaitable<Result<void>> write(std::string_view bytes) override;
  Awaitable<Result<void>> flush() override;
  Awaitable<Result<void>> finish() override;
  void abort() override;
  bool started() const override { return answer_ != Answer::none; }
  void on_gone(std::function<void()> callback) override;
  bool gone() const override { return ended(); }
  Awaitable<Result<Upgraded>> upgrade(ResponseHead head) override;

 private:
  enum class Answer { none, streaming, done, aborted, upgraded };
  enum class Sent { length, chunked, until_close, head_only };
  enum class Wait { request, head, body, nothing };

  Awaitable<bool> secure();
  Awaitable<bool> read_head();
  Awaitable<void> answer_request();
  Awaitable<void> refuse(int status, std::string_view what, std::string_view hint = {});
  Awaitable<void> linger();
  Awaitable<Result<BodyReader::Piece>> next_piece();
  bool body_is_read();
  void write_head(const ResponseHead& head, Answer next, std::optional<std::uint64_t> length);
  void wait_for(Wait what, std::chrono::milliseconds time);
  void stop_waiting() noexcept;
  void on_input() override;
  Error deadline_error() const override;
  Awaitable<Result<void>> send(std::span<std::string_view> pieces);

  std::shared_ptr<ServerShared> shared_;
  std::shared_ptr<TlsContext> tls_;
  RequestHead request_;
  HeadFacts facts_;
  BodyReader body_;
  std::size_t scanned_ = 0;
  Wait waiting_ = Wait::nothing;
  bool active_ = false;
  bool continue_due_ = false;
  bool keep_alive_ = true;
  Answer answer_ = Answer::none;
  Sent sent_ = Sent::length;
  std::uint64_t length_left_ = 0;
  std::string_view left_in_piece_;  // of `read_some`
  std::size_t used_in_piece_ = 0;
  std::string out_;  // head bytes that have not been sent
  std::function<void()> gone_;
};

/// `{"error":{"code":...,"message":...,"hint":...}}`
std::string error_body(Code code, std::string_view message, std::string_view hint);

}  // namespace flotte::http::detail
