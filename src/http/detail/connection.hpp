// A stream with a read always under way, so that the next bytes and the peer's end are both noticed by the same operation. Base of
// the server's and the client's connections.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "http/detail/buffer.hpp"
#include "http/detail/parking.hpp"
#include "http/detail/ticker.hpp"
#include "http/stream.hpp"

namespace flotte::http::detail {

class Connection : public std::enable_shared_from_this<Connection>, public Ticked {
 public:
  /// Reads ahead until `bound` bytes wait.
  Connection(Executor executor, Stream stream, std::size_t bound);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits for more bytes in `in`. Error: why none will come.
  Awaitable<Result<void>> more();
  /// Sees to it that a read is under way, unless enough waits already or the input has ended.
  void keep_reading();
  /// Waits until no read is under way: the stream can then be taken. Bytes that came are in `in`.
  Awaitable<void> stop_reading();
  /// True where everything was sent at once; otherwise `send_rest` does what is left. A failed step is reported there too.
  bool send_now(std::span<std::string_view> pieces);
  Awaitable<Result<void>> send_rest(std::span<std::string_view> pieces);
  /// Ends everything that is under way with this error.
  void end(Error why);
  /// Ends and closes.
  void shut(Error why);

  /// Between messages: large buffers are given back at the next opportunity.
  void calm() noexcept { chunk_ = first_chunk; }
  bool ended() const noexcept { return end_.has_value(); }
  const std::optional<Error>& why() const noexcept { return end_; }
  void on_tick(CoarseTime now) override;

  Stream stream;
  Buffer in;
  /// The bytes at the front of `in` are shown to somebody: they must not move.
  bool pinned = false;
  CoarseTime read_deadline = never;
  CoarseTime write_deadline = never;
  std::chrono::milliseconds write_gap{60'000};
  Ticker& ticker() noexcept { return ticker_; }
  Executor executor() const noexcept { return executor_; }

 protected:
  /// After bytes came or the input ended, before the waiting coroutine runs.
  virtual void on_input() {}
  virtual Error deadline_error() const { return {Code::deadline, "took too long"}; }

 private:
  struct ReadHandler;
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  bool pull();
  std::span<char> reading_room();
  Executor executor_;
  Ticker& ticker_;
  std::size_t bound_;
  static constexpr std::size_t first_chunk = 2048;
  std::size_t chunk_ = first_chunk;
  std::uint64_t received_ = 0;
  bool reading_ = false;
  bool stopping_ = false;
  std::optional<Error> end_;
  Parking waiter_;
};

}  // namespace flotte::http::detail
