// A stream that is always watched, so that the next bytes and the peer's end are both noticed the same way, and whose small writes go
// out together at the end of a turn. Base of the server's and the client's connections.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "http/detail/buffer.hpp"
#include "http/detail/parking.hpp"
#include "http/detail/poller.hpp"
#include "http/detail/ticker.hpp"
#include "http/stream.hpp"

namespace flotte::http::detail {

class Connection : public std::enable_shared_from_this<Connection>, public Ticked, private Watcher {
 public:
  /// Reads ahead until `bound` bytes wait.
  Connection(Executor executor, Stream stream, std::size_t bound);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits for more bytes in `in`. Error: why none will come.
  Awaitable<Result<void>> more();
  /// Sees to it that what comes is read, unless enough waits already or the input has ended.
  void keep_reading();
  /// Nothing is read any more: the stream can then be taken. Bytes that came are in `in`.
  void stop_reading();
  /// True where everything was sent, or is kept for the end of this turn; otherwise `send_rest` does what is left. A failed step is
  /// reported there too, and one of the end of the turn by the end of the input.
  bool send_now(std::span<std::string_view> pieces);
  /// After what is kept.
  Awaitable<Result<void>> send_rest(std::span<std::string_view> pieces);
  /// Ends everything that is under way with this error; `on_input` follows.
  void end(Error why);
  /// Sends what is kept, if that is possible at once; ends and closes.
  void shut(Error why);

  /// Nothing waits for the end of a turn, or for the socket to take more.
  bool all_sent() const noexcept { return kept_.empty(); }
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
  void receive() override;
  void on_ready() override;
  void end_turn() override;
  void pull();
  std::span<char> reading_room();
  void keep(std::span<std::string_view> pieces);
  void send_kept();
  Executor executor_;
  Ticker& ticker_;
  std::size_t bound_;
  static constexpr std::size_t first_chunk = 2048;
  std::size_t chunk_ = first_chunk;
  std::uint64_t received_ = 0;
  bool watched_ = false, stopping_ = false;
  bool left_ = false;         // reading stopped although there may be more: no event will tell
  bool news_ = false;         // something came, or the input has ended, and nobody was told
  bool write_broke_ = false;  // at the end of a turn
  std::string kept_;          // to be sent at the end of this turn, or when the socket takes more
  std::optional<Error> end_;
  Parking waiter_;
};

}  // namespace flotte::http::detail
