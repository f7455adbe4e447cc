// Turns of a loop.
#include "http/detail/poller.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/clock_step.hpp"
#include "http/detail/ticker.hpp"

namespace flotte::http::detail {
namespace {

constexpr int most_events = 64;       // of one turn: what comes first must not wait for too many others
constexpr std::size_t busy_from = 8;  // events of a turn after which the next one is not waited for

void forget(std::vector<Watch*>& list, const Watch& watch) noexcept {
  for (Watch*& entry : list)
    if (entry == &watch) entry = nullptr;
}

}  // namespace

asio::execution_context::id Poller::id;

Watch::Watch(Executor executor, int socket)
    : reader(Ticker::of(executor).lot()),
      writer(Ticker::of(executor).lot()),
      executor_(executor),
      poller_(Poller::of(executor)),
      socket_(socket) {}

bool Watch::enter() {
  if (!entered_) entered_ = poller_.add(*this);
  return entered_;
}
void Watch::leave() noexcept {
  owner = nullptr;
  if (std::exchange(entered_, false)) poller_.remove(*this);
}
void Watch::look_again() {
  if (!entered_ || std::exchange(again_, true)) return;
  poller_.again_.push_back(this);
  poller_.turn_soon();
}
void Watch::flush_soon() {
  if (!entered_ || std::exchange(flushing_, true)) return;
  poller_.flush_.push_back(this);
  poller_.turn_soon();
}

Poller& Poller::of(const Executor& executor) { return asio::use_service<Poller>(executor.context()); }

Poller::Poller(asio::execution_context& context)
    : service(context), executor_(static_cast<asio::io_context&>(context).get_executor()), set_(executor_) {
  Ticker::of(executor_);  // made first, so that it ends after this
  const int native = ::epoll_create1(EPOLL_CLOEXEC);
  FLOTTE_ASSERT(native >= 0);
  set_.assign(native);
}

void Poller::shutdown() {
  over_ = true;
  ready_.clear();
  flush_.clear();
  again_.clear();
  boost::system::error_code ignored;
  set_.close(ignored);
}

bool Poller::add(Watch& watch) {
  if (over_) return false;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watch;
  watch.again_ = watch.flushing_ = false;
  if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, watch.socket_, &event) != 0) return false;
  ++watched_;
  if (!turning_ && !armed_) arm();
  return true;
}

void Poller::remove(Watch& watch) noexcept {
  if (over_) return;
  epoll_event event{};
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, watch.socket_, &event);
  if (turning_) forget(ready_, watch);
  if (watch.flushing_) forget(flush_, watch);
  if (watch.again_) forget(again_, watch);
  // Nothing is under way any more that would keep the loop from ending by itself.
  boost::system::error_code ignored;
  if (--watched_ == 0 && armed_) set_.cancel(ignored);
}

void Poller::turn_soon() {
  if (turning_ || std::exchange(posted_, true)) return;
  asio::post(executor_, [this] {
    posted_ = false;
    turn();
  });
}

void Poller::arm() {
  armed_ = true;
  set_.async_wait(asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    armed_ = false;
    if (!error) return turn();
    if (watched_ > 0 && !over_) arm();  // somebody came while the last one's leaving was on its way
  });
}

/// Also where a handler throws, nobody's event may be lost: the set tells each only once.
struct Poller::EndOfTurn {
  Poller& poller;
  ~EndOfTurn() {
    for (std::size_t i = poller.next_ready_; i < poller.ready_.size(); ++i)
      if (Watch* watch = poller.ready_[i]; watch && !std::exchange(watch->again_, true)) poller.again_.push_back(watch);
    poller.ready_.clear();
    poller.turning_ = false;
    if (poller.over_) return;
    if (poller.busy_ || !poller.again_.empty() || !poller.flush_.empty())
      poller.turn_soon();
    else if (!poller.armed_ && !poller.posted_ && poller.watched_ > 0)
      poller.arm();
  }
};

void Poller::turn() {
  if (over_) return;
  turning_ = true;
  next_ready_ = 0;
  const EndOfTurn end{*this};
  collect();
  run_ready();
  run_flushes();
}

void Poller::collect() {
  ready_.swap(again_);
  std::erase(ready_, nullptr);
  for (Watch* watch : ready_) {
    watch->again_ = false;
    watch->readable = true;
  }
  std::array<epoll_event, most_events> events;
  const int n = ::epoll_wait(set_.native_handle(), events.data(), most_events, 0);
  busy_ = n >= static_cast<int>(busy_from);
  for (int i = 0; i < n; ++i) {
    auto* watch = static_cast<Watch*>(events[static_cast<std::size_t>(i)].data.ptr);
    const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
    const bool broken = (what & (EPOLLERR | EPOLLHUP)) != 0;
    watch->readable = watch->readable || broken || (what & (EPOLLIN | EPOLLRDHUP)) != 0;
    watch->hung_up = watch->hung_up || broken || (what & EPOLLRDHUP) != 0;
    watch->writable = watch->writable || broken || (what & EPOLLOUT) != 0;
    ready_.push_back(watch);
  }
  for (Watch* watch : ready_)
    if (watch->owner && watch->readable) watch->owner->receive();
}

void Poller::run_ready() {
  ClockStep step;
  while (next_ready_ < ready_.size()) {
    const std::size_t i = next_ready_++;
    step.next();
    if (ready_[i] && ready_[i]->owner) ready_[i]->owner->on_ready();
    if (ready_[i] && ready_[i]->readable) ready_[i]->reader.wake();
    if (ready_[i] && ready_[i]->writable) ready_[i]->writer.wake();
  }
}

void Poller::run_flushes() {
  // By index: a flush may add to the list.
  for (std::size_t i = 0; i < flush_.size(); ++i) {
    Watch* watch = flush_[i];
    if (!watch) continue;
    watch->flushing_ = false;
    if (watch->owner) watch->owner->end_turn();
  }
  flush_.clear();
}

}  // namespace flotte::http::detail
