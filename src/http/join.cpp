// Two copying loops that end together.
#include "http/join.hpp"

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <vector>

#include "http/detail/parking.hpp"
#include "http/detail/ticker.hpp"

namespace flotte::http {
namespace {

constexpr std::size_t buffer_size = 16 * 1024;  // one TLS record

class Joint final : public detail::Ticked {
 public:
  Joint(Executor executor, Stream& a, Stream& b, std::chrono::milliseconds half_open)
      : ticker_(detail::Ticker::of(executor)), a_(a), b_(b), half_open_(half_open), waiter_(ticker_.lot()) {
    ticker_.add(*this);
  }
  ~Joint() { ticker_.remove(*this); }

  /// One direction. It ends in order (the end is passed on) or breaks both.
  Awaitable<void> copy(Stream& from, Stream& to, std::uint64_t& count) {
    std::vector<char> memory(buffer_size);
    for (;;) {
      auto n = co_await from.read_some(memory);
      if (!n) co_return break_off();
      if (*n == 0) break;
      const std::string_view bytes(memory.data(), *n);
      auto sent = co_await to.write(bytes);
      if (!sent) co_return break_off();
      count += *n;
    }
    to.end_writing();
    deadline_ = ticker_.now() + half_open_;
  }
  void break_off() {
    a_.close();
    b_.close();
  }
  /// The second direction, which runs beside the first.
  static Awaitable<void> copy_back(std::shared_ptr<Joint> self) { co_await self->copy(self->b_, self->a_, self->counts.backward); }
  void on_back_end() {
    back_ended_ = true;
    waiter_.wake_soon();
  }
  Awaitable<void> wait_for_back() {
    while (!back_ended_) co_await waiter_.park();
  }

  JoinCounts counts;

 private:
  void on_tick(detail::CoarseTime now) override {
    if (now >= deadline_) break_off();
  }
  detail::Ticker& ticker_;
  Stream& a_;
  Stream& b_;
  std::chrono::milliseconds half_open_;
  detail::CoarseTime deadline_ = detail::never;
  bool back_ended_ = false;
  detail::Parking waiter_;
};

/// However the first direction ends, the second one must not outlive the streams.
struct EndsBoth {
  std::shared_ptr<Joint> joint;
  ~EndsBoth() { joint->break_off(); }
};

}  // namespace

Awaitable<JoinCounts> join(Stream& a, Stream& b, std::chrono::milliseconds half_open) {
  const Executor executor = co_await asio::this_coro::executor;
  // The second direction uses the caller's streams, so also a cancelled join waits for it: no await here may throw.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto joint = std::make_shared<Joint>(executor, a, b, half_open);
  const EndsBoth guard{joint};
  auto on_end = [joint](std::exception_ptr) { joint->on_back_end(); };
  asio::co_spawn(executor, Joint::copy_back(joint), std::move(on_end));
  co_await joint->copy(a, b, joint->counts.forward);
  co_await joint->wait_for_back();
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return joint->counts;
}

}  // namespace flotte::http
