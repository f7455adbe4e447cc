// A key's rate and money.
#include "route/account.hpp"

#include <algorithm>
#include <limits>
#include <thread>

namespace flotte::route {
namespace {

using namespace std::chrono;

constexpr std::int64_t being_cleared = -1;
/// While this many calls have not been settled yet, estimates are only believed so far.
constexpr std::int64_t trusted_after = 16;
constexpr std::int64_t first_calls = 4;  // at once, and as many more for each that was settled
/// Where this many times what the calls under way may cost still fits, an estimate may be as wrong as it likes.
constexpr std::int64_t ample = 100;

year_month_day date_of(WallTime time) noexcept { return year_month_day(floor<days>(time)); }

}  // namespace

std::int64_t day_of(WallTime time) noexcept { return floor<days>(time).time_since_epoch().count(); }

std::int64_t month_of(WallTime time) noexcept {
  const year_month_day date = date_of(time);
  return std::int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month()) - 1;
}

WallTime next_day(WallTime time) noexcept { return floor<days>(time) + days(1); }

WallTime next_month(WallTime time) noexcept {
  const year_month_day date = date_of(time);
  return sys_days((date.year() / date.month() + months(1)) / 1);
}

std::atomic<std::int64_t>& SumByPeriod::at(std::int64_t period) noexcept {
  Slot& slot = slots_[static_cast<std::size_t>(period) % slots_.size()];
  for (;;) {
    std::int64_t has = slot.period.load(std::memory_order_acquire);
    // A later one than asked for: a clock that was set back by days. What is spent stays spent.
    if (has >= period) return slot.sum;
    if (has == being_cleared) {
      std::this_thread::yield();  // another thread, between two lines, once a day
      continue;
    }
    if (!slot.period.compare_exchange_weak(has, being_cleared, std::memory_order_acquire)) continue;
    slot.sum.store(0, std::memory_order_relaxed);
    slot.period.store(period, std::memory_order_release);
    return slot.sum;
  }
}

std::optional<milliseconds> Account::ask(SteadyTime now) noexcept {
  if (allowance_.requests_per_minute <= 0) return std::nullopt;
  SlidingWindow::Taken taken;
  return requests_.take(1, allowance_.requests_per_minute, now, taken);
}

std::int64_t Account::scaled(std::int64_t pico_usd) const noexcept {
  // Rounded up, as `learn` does: a call like the last one is never taken for cheaper.
  const __int128 more = (static_cast<__int128>(pico_usd) * factor_.load(std::memory_order_relaxed) + 999) / 1'000;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 4;
  return more > most ? most : static_cast<std::int64_t>(more);
}

std::int64_t Account::room(const Reservation& where) noexcept {
  std::int64_t left = std::numeric_limits<std::int64_t>::max();
  if (allowance_.day_pico_usd) left = std::min(left, *allowance_.day_pico_usd - day_.at(where.day).load(std::memory_order_relaxed));
  if (allowance_.month_pico_usd) left = std::min(left, *allowance_.month_pico_usd - month_.at(where.month).load(std::memory_order_relaxed));
  if (allowance_.total_pico_usd) left = std::min(left, *allowance_.total_pico_usd - total_.load(std::memory_order_relaxed));
  return left;
}

/// From all sums or from none.
bool Account::take(std::int64_t amount, const Reservation& where) noexcept {
  const auto take_from = [amount](std::atomic<std::int64_t>& sum, const std::optional<std::int64_t>& most) {
    std::int64_t had = sum.load(std::memory_order_relaxed);
    do {
      if (most && had > *most - amount) return false;
    } while (!sum.compare_exchange_weak(had, had + amount, std::memory_order_relaxed));
    return true;
  };
  auto& day = day_.at(where.day);
  if (!take_from(day, allowance_.day_pico_usd)) return false;
  auto& month = month_.at(where.month);
  if (take_from(month, allowance_.month_pico_usd)) {
    if (take_from(total_, allowance_.total_pico_usd)) return true;
    month.fetch_sub(amount, std::memory_order_relaxed);
  }
  day.fetch_sub(amount, std::memory_order_relaxed);
  return false;
}

Account::Verdict Account::reserve(Estimate estimate, WallTime now, Reservation& reservation) noexcept {
  Reservation made{.estimate = std::max<std::int64_t>(estimate.pico_usd, 0), .day = day_of(now), .month = month_of(now)};
  made.pico_usd = scaled(made.estimate);
  const std::int64_t settled = settled_.load();
  const std::int64_t at_once = settled < trusted_after ? first_calls * (1 + settled) : std::numeric_limits<std::int64_t>::max();
  std::int64_t others = under_way_.load();
  do {
    if (others >= at_once && !estimate.urgent && made.pico_usd > room(made) / (ample * (others + 1))) return Verdict::wait;
  } while (!under_way_.compare_exchange_weak(others, others + 1));
  // The first call of a key whose answers have no bound: there is nothing yet to judge it by, so it may take what there is.
  if (const std::int64_t left = room(made); !estimate.bounded && settled == 0 && others == 0 && left > estimate.least)
    made.pico_usd = std::min(made.pico_usd, left);
  // Before the sums, so that nobody who compares both believes that less is set aside than is.
  reserved_.fetch_add(made.pico_usd);
  if (take(made.pico_usd, made)) {
    reservation = made;
    return Verdict::granted;
  }
  const bool may_fit = made.pico_usd <= room(made) + reserved_.load() - made.pico_usd;  // if everybody else turned out to be free
  reserved_.fetch_sub(made.pico_usd);
  under_way_.fetch_sub(1);
  return others > 0 && (may_fit || !estimate.bounded) ? Verdict::wait : Verdict::refused;
}

std::int64_t Account::settle(const Reservation& reservation, std::optional<std::int64_t> pico_usd) noexcept {
  const std::int64_t actual = pico_usd.value_or(reservation.pico_usd);
  if (pico_usd) learn(reservation, actual);
  give_back(reservation, reservation.pico_usd - actual);
  settled_.fetch_add(1);
  return actual;
}

void Account::release(const Reservation& reservation) noexcept { give_back(reservation, reservation.pico_usd); }

/// In the opposite order of `reserve`: whoever sees nobody under way sees what they cost.
void Account::give_back(const Reservation& reservation, std::int64_t amount) noexcept {
  day_.at(reservation.day).fetch_sub(amount);
  month_.at(reservation.month).fetch_sub(amount);
  total_.fetch_sub(amount);
  reserved_.fetch_sub(reservation.pico_usd);
  under_way_.fetch_sub(1);
}

/// At once where a call cost more than was thought, slowly back.
void Account::learn(const Reservation& reservation, std::int64_t actual) noexcept {
  if (reservation.estimate <= 0) return;
  const __int128 seen = static_cast<__int128>(actual) * 1'000 / reservation.estimate + (actual % reservation.estimate != 0 ? 1 : 0);
  const auto ratio = static_cast<std::int64_t>(std::clamp<__int128>(seen, 1'000, 1'000'000));
  const std::int64_t factor = factor_.load(std::memory_order_relaxed);
  const std::int64_t learned = ratio >= factor ? ratio : factor - std::max<std::int64_t>(1, (factor - ratio) / 8);
  if (learned != factor) factor_.store(learned, std::memory_order_relaxed);
}

void Account::learn_output(std::int64_t tokens) noexcept {
  const std::int64_t usual = usual_output();
  if (tokens < 0 || tokens == usual) return;
  if (settled_.load(std::memory_order_relaxed) == 0)
    return usual_output_.store(2 * tokens, std::memory_order_relaxed);  // until now a guess
  usual_output_.store(tokens > usual ? tokens : usual - (usual - tokens + 3) / 4, std::memory_order_relaxed);
}

void Account::book(std::int64_t pico_usd, WallTime now) noexcept {
  if (pico_usd <= 0) return;
  day_.at(day_of(now)).fetch_add(pico_usd, std::memory_order_relaxed);
  month_.at(month_of(now)).fetch_add(pico_usd, std::memory_order_relaxed);
  total_.fetch_add(pico_usd, std::memory_order_relaxed);
}

}  // namespace flotte::route
