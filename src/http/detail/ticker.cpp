// The coarse timer of a loop.
#include "http/detail/ticker.hpp"

#include <array>
#include <ctime>

namespace flotte::http::detail {
namespace {
constexpr std::chrono::milliseconds period{250};
}

asio::execution_context::id Ticker::id;

Ticker& Ticker::of(Executor executor) { return asio::use_service<Ticker>(executor.context()); }

Ticker::Ticker(asio::execution_context& context) : service(context), timer_(static_cast<asio::io_context&>(context).get_executor()) {
  read_clocks();
}

void Ticker::add(Ticked& item) {
  item.place_ = items_.size();
  items_.push_back(&item);
  if (running_) return;
  running_ = true;
  read_clocks();
  schedule();
}

void Ticker::remove(Ticked& item) {
  if (item.place_ >= items_.size() || items_[item.place_] != &item) return;
  items_[item.place_] = items_.back();
  items_[item.place_]->place_ = item.place_;
  items_.pop_back();
}

void Ticker::read_clocks() {
  now_ = std::chrono::steady_clock::now();
  const std::time_t second = std::time(nullptr);
  if (second == second_) return;
  second_ = second;
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  std::array<char, 40> text;
  date_.assign(text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

void Ticker::schedule() {
  timer_.expires_after(period);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

void Ticker::tick() {
  read_clocks();
  // Backwards, because an item may take itself out: then the last one, which was seen already, gets its place.
  for (std::size_t i = items_.size(); i-- > 0;)
    if (i < items_.size()) items_[i]->on_tick(now_);
  running_ = !items_.empty();
  if (running_) schedule();
}

void Ticker::shutdown() {
  items_.clear();
  lot_.drop_all();
}

}  // namespace flotte::http::detail
