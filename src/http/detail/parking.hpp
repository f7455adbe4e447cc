// The place where one coroutine waits for something that happens on its own loop. A wake costs no trip through the queue.
#pragma once
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "base/async/types.hpp"

namespace flotte::http::detail {

class Parking;

/// The parked coroutines of one loop. Each owns, by its frame, the place where it is parked, so that somebody else has to let go of
/// them when the loop ends: the lot does.
class ParkingLot {
 public:
  ParkingLot() = default;
  ParkingLot(const ParkingLot&) = delete;
  ParkingLot& operator=(const ParkingLot&) = delete;
  void drop_all();

 private:
  friend class Parking;
  Parking* first_ = nullptr;
};

/// Must outlive the wait (the waiting coroutine usually owns it). The coroutine may also be resumed because it was cancelled: it looks
/// at its condition and parks again, which then throws operation_aborted as every await of a cancelled coroutine does.
class Parking {
 public:
  explicit Parking(ParkingLot& lot) : lot_(lot) {}
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;
  ~Parking() { drop(); }

  Awaitable<void> park() {
    auto start = [this](auto handler) { keep(std::move(handler)); };
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(start, use_awaitable);
  }
  bool occupied() const noexcept { return act_ != nullptr; }
  /// Runs the waiting coroutine here and now. `this` may be gone afterwards.
  void wake() { act(How::call); }
  /// Runs it in a later turn of the loop.
  void wake_soon() { act(How::post); }
  /// Destroys it where it stands.
  void drop() { act(How::drop); }

 private:
  enum class How { call, post, drop };

  template <class Handler>
  void keep(Handler handler) {
    static_assert(sizeof(Handler) <= sizeof storage_ && alignof(Handler) <= alignof(void*));
    FLOTTE_ASSERT(!act_);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.assign([this](asio::cancellation_type) { wake_soon(); });
    ::new (static_cast<void*>(storage_)) Handler(std::move(handler));
    act_ = &act_on<Handler>;
    enter();
  }
  void enter() noexcept {
    before_ = nullptr;
    behind_ = lot_.first_;
    if (behind_) behind_->before_ = this;
    lot_.first_ = this;
  }
  void leave() noexcept {
    (before_ ? before_->behind_ : lot_.first_) = behind_;
    if (behind_) behind_->before_ = before_;
  }
  template <class Handler>
  static void act_on(Parking& parking, How how) {
    auto* kept = std::launder(reinterpret_cast<Handler*>(parking.storage_));
    Handler handler(std::move(*kept));
    kept->~Handler();
    parking.act_ = nullptr;
    parking.leave();
    if (how == How::call) std::move(handler)();
    if (how == How::post) asio::post(std::move(handler));
  }
  void act(How how) {
    if (act_) act_(*this, how);
  }

  alignas(void*) std::byte storage_[64];
  void (*act_)(Parking&, How) = nullptr;
  ParkingLot& lot_;
  Parking *before_ = nullptr, *behind_ = nullptr;
};

inline void ParkingLot::drop_all() {
  while (first_) first_->drop();
}

}  // namespace flotte::http::detail
