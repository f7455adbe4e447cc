// Coarse time for one loop: deadlines are plain fields that one timer looks at four times a second, so that a request costs no
// timer operation and asks no clock.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/execution_context.hpp>

#include "base/async/types.hpp"
#include "http/detail/parking.hpp"

namespace flotte::http::detail {

/// Coarse: up to a quarter of a second old.
using CoarseTime = std::chrono::steady_clock::time_point;
inline constexpr CoarseTime never = CoarseTime::max();

/// Something whose deadlines are looked at.
class Ticked {
 public:
  virtual void on_tick(CoarseTime now) = 0;

 protected:
  ~Ticked() = default;

 private:
  friend class Ticker;
  std::size_t place_ = 0;
};

/// One per io_context; it ticks only while something is in its list. Used on the loop.
class Ticker final : public asio::execution_context::service {
 public:
  using key_type = Ticker;
  static asio::execution_context::id id;
  static Ticker& of(Executor executor);

  explicit Ticker(asio::execution_context& context);
  void add(Ticked& item);
  void remove(Ticked& item);
  CoarseTime now() const noexcept { return now_; }
  ParkingLot& lot() noexcept { return lot_; }
  /// "Fri, 21 Nov 2026 08:30:00 GMT".
  std::string_view date() const noexcept { return date_; }

 private:
  void shutdown() override;
  void read_clocks();
  void schedule();
  void tick();
  Timer timer_;
  ParkingLot lot_;
  std::vector<Ticked*> items_;
  CoarseTime now_;
  std::time_t second_ = 0;
  std::string date_;
  bool running_ = false;
};

}  // namespace flotte::http::detail
