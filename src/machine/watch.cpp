// One measurement after the other.
#include "machine/watch.hpp"

namespace flotte::machine {

Awaitable<void> Watch::run() {
  std::optional<wire::Capacity> told;
  for (;;) {
    std::function<Result<wire::Capacity>()> work = [this]() -> Result<wire::Capacity> { return meter_.measure(system_clock().wall()); };
    auto now = co_await pool_.run<wire::Capacity>(std::move(work));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return;
    const bool due = now && (!told || differs(*told, *now) || now->measured_at_ms - told->measured_at_ms >= pace_.told_again.count());
    if (due) {
      told = *now;
      on_change_(*now);
    }
    const bool rested = co_await sleep_for(pace_.between);
    if (!rested) co_return;
  }
}

}  // namespace flotte::machine
