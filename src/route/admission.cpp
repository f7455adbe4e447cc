// The rules of admission: first the quota that the provider told, then money, then a place.
#include "route/detail/admission.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.hpp"
#include "route/detail/in_line.hpp"
#include "route/target.hpp"

namespace flotte::route::detail {
namespace {

/// When to look again for something that nobody tells the time of.
constexpr milliseconds a_moment{20};
/// Of a stream that broke off before it told its usage: more than that no token needs, so that an answer is rather taken for too long.
constexpr std::int64_t bytes_per_token = 30;
/// Calls of one key that wait for each other.
constexpr std::int32_t waiting_for_money = 256;

std::string limits_text(const Limits& limits) {
  std::string text;
  const auto add = [&text](std::int64_t number, std::string_view what) {
    if (number > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, what);
  };
  add(limits.rpm, "requests a minute");
  add(limits.tpm, "tokens a minute");
  add(limits.concurrent, "calls at the same time");
  return text;
}

}  // namespace

Admission::Admission(Lines& lines, const Clock& clock, const GatewayOptions& options, const Caller& caller)
    : lines_(lines),
      clock_(clock),
      options_(options),
      account_(caller.account.get()),
      purses_(caller.purses),
      urgency_(caller.run ? Urgency::task : Urgency::interactive) {}

Admission::~Admission() {
  if (target_) leave({.silent = true});
}

std::optional<Admission::Refused> Admission::begin(const Route& route, std::string_view body, bool pays) {
  pays_ = pays;
  const SteadyTime now = clock_.steady();
  if (account_) {
    if (const auto wait = account_->ask(now))
      return Refused{
          Error(Code::exhausted, fmt::format("this key may make {} requests a minute", account_->allowance().requests_per_minute),
                "wait as long as Retry-After says, or ask whoever gave you the key for a higher rate"),
          "rate_limit_exceeded", *wait};
  }
  measured_ = ((account_ && account_->has_budget()) || !purses_.empty()) && pays;
  for (const Target& target : route.targets)
    measured_ = measured_ || target.load->limiter.limits().tpm > 0 || target.health->quota.known(now);
  if (measured_) measure_ = measure_request(body);
  return std::nullopt;
}

bool Admission::enter(const Route& route, std::size_t target) {
  const Entry entry = try_enter(route.targets[target], nullptr);
  if (entry == Entry::full) full_ |= Tried{1} << target;
  return entry == Entry::granted;
}

Admission::Entry Admission::try_enter(const Target& target, InLine* in_line) {
  if (const auto wait = target.health->quota.wait(measure_.input_tokens, clock_.steady())) {
    if (in_line) in_line->leave(target.load->limiter);
    return full(*wait, Error(Code::exhausted, fmt::format("the quota of {} is used up", target.name),
                             "wait as long as Retry-After says; GET /fleet/v1/providers shows the quotas"));
  }
  const Entry money = reserve(target, in_line && in_line->long_since(clock_.steady()));
  if (money != Entry::granted) {
    if (in_line) in_line->leave(target.load->limiter);
    return money;
  }
  const Entry place = take_place(target, in_line);
  if (place == Entry::granted)
    target_ = &target;
  else {
    if (money_) account_->release(*std::exchange(money_, std::nullopt));
    close_purses();
  }
  return place;
}

Admission::Entry Admission::full(milliseconds wait, Error error) {
  wait_ = wait;
  // What has to wait longest is not what the client should be told.
  if (!refused_ || !refused_->retry_after || wait < *refused_->retry_after || refused_->error.code != Code::exhausted)
    refused_ = Refused{std::move(error), "rate_limit_exceeded", wait};
  return Entry::full;
}

Admission::Entry Admission::reserve(const Target& target, bool urgent) {
  const bool of_key = account_ && account_->has_budget();
  if ((!of_key && purses_.empty()) || !pays_ || target.kind == TargetKind::engine) return Entry::granted;
  if (!target.price) {
    refused_ = Refused{
        Error(Code::forbidden, fmt::format("nobody knows what {} costs, and this {} has a budget", target.name, of_key ? "key" : "task"),
              of_key ? "add its price to models.toml beside flotte.toml, or ask with a key without a budget"
                     : "add its price to models.toml beside flotte.toml, or submit without a budget"),
        "price_unknown", std::nullopt};
    return Entry::refused;
  }
  const bool bounded = measure_.output_tokens > 0;
  const llm::Usage most{.input_tokens = measure_.input_tokens,
                        .output_tokens = bounded ? measure_.output_tokens : (of_key ? account_ : purses_.front().get())->usual_output()};
  const std::int64_t cost = target.price->cost(most).value_or(0);
  if (cost == 0) return Entry::granted;
  const llm::Usage question{.input_tokens = measure_.input_tokens, .output_tokens = 0};
  if (const Entry open = open_purses({cost, bounded, urgent, target.price->cost(question).value_or(0)}); open != Entry::granted || !of_key)
    return open;
  Account::Reservation reservation;
  switch (account_->reserve({cost, bounded, urgent}, clock_.wall(), reservation)) {
    case Account::Verdict::granted: money_ = reservation; return Entry::granted;
    case Account::Verdict::refused:
      close_purses();
      refuse_budget(cost);
      return Entry::refused;
    case Account::Verdict::wait: break;
  }
  close_purses();
  refuse_budget(cost);
  wait_ = a_moment;
  return Entry::full;
}

/// From all of them or from none.
Admission::Entry Admission::open_purses(Account::Estimate estimate) {
  for (const auto& purse : purses_) {
    Account::Reservation reservation;
    const Account::Verdict verdict = purse->reserve(estimate, clock_.wall(), reservation);
    if (verdict == Account::Verdict::granted) {
      in_purses_.push_back(reservation);
      continue;
    }
    close_purses();
    if (verdict == Account::Verdict::wait) {
      // In the end they may have been cheaper: whoever asks comes back, and nothing is stopped.
      return full(a_moment,
                  Error(Code::exhausted,
                        fmt::format("other calls of {} are under way, and its budget may not hold for this one too", purse->key_id()),
                        "wait as long as Retry-After says"));
    }
    const std::int64_t most = purse->allowance().total_pico_usd.value_or(0);
    const std::int64_t rest = std::max<std::int64_t>(0, most - purse->total());
    refused_ = Refused{Error(Code::exhausted,
                             fmt::format("the budget of {} is {} USD; {} USD of it are left, and this call may cost {} USD",
                                         purse->key_id(), format_usd(most), round_usd(rest), round_usd(estimate.pico_usd)),
                             "a smaller max_tokens makes it cheaper; what has been written is kept"),
                       "insufficient_quota", std::nullopt, purse.get()};
    return Entry::refused;
  }
  return Entry::granted;
}

void Admission::close_purses() noexcept {
  for (std::size_t i = 0; i < in_purses_.size(); ++i) purses_[i]->release(in_purses_[i]);
  in_purses_.clear();
}

void Admission::refuse_budget(std::int64_t pico_usd) {
  const WallTime now = clock_.wall();
  const Allowance& allowance = account_->allowance();
  const auto left = [](const std::optional<std::int64_t>& most, std::int64_t total) { return most ? *most - total : INT64_MAX; };
  const std::int64_t day = left(allowance.day_pico_usd, account_->day_total(now));
  const std::int64_t month = left(allowance.month_pico_usd, account_->month_total(now));
  const bool of_day = day <= month;
  const std::int64_t rest = std::max<std::int64_t>(0, std::min(day, month));
  const std::string begins = to_rfc3339(of_day ? next_day(now) : next_month(now)).substr(0, 10);
  refused_ = Refused{
      Error(
          Code::exhausted,
          fmt::format("this key's budget for {} is {} USD; {} USD of it are left, and this call may cost {} USD",
                      of_day ? "today" : "this month", format_usd(*(of_day ? allowance.day_pico_usd : allowance.month_pico_usd)),
                      round_usd(rest), round_usd(pico_usd)),
          fmt::format("a smaller max_tokens makes it cheaper; the budget begins anew on {} (UTC); whoever gave you the key can give you a "
                      "larger one",
                      begins)),
      "insufficient_quota", std::nullopt};
}

Admission::Entry Admission::take_place(const Target& target, InLine* in_line) {
  Limiter& limiter = target.load->limiter;
  const Limits limits = limiter.limits();
  if (!limits.any()) return Entry::granted;
  const bool my_turn = in_line ? in_line->first(limiter) : !limiter.others_first(urgency_);
  const Limiter::Need need = pays_ ? Limiter::Need{measure_.input_tokens, measure_.output_tokens} : Limiter::Need{0, 1};
  std::optional<milliseconds> wait = a_moment;
  if (my_turn) wait = limiter.enter(urgency_, need, clock_.steady(), place_);
  if (!wait) return Entry::granted;
  if (in_line) in_line->join(limiter);
  return full(*wait, Error(Code::exhausted, fmt::format("every place at {} is taken; it allows {}", target.place, limits_text(limits)),
                           "wait as long as Retry-After says; a second target of the model would take what is too much"));
}

Awaitable<std::optional<std::size_t>> Admission::wait(const Route& route, const http::ServerCall& call) {
  if (full_ == 0 || lines_.size() >= options_.queue_places) co_return std::nullopt;
  if (account_ && account_->waiting.load() >= waiting_for_money) co_return std::nullopt;
  const SteadyTime until = clock_.steady() + options_.queue_patience;
  InLine in_line(lines_, call.executor(), urgency_, account_, clock_.steady());
  for (;;) {
    milliseconds soonest = milliseconds::max();
    refused_.reset();
    for (std::size_t i = 0; i < std::min<std::size_t>(route.targets.size(), 64); ++i) {
      if ((full_ >> i & 1) == 0) continue;
      const Entry entry = try_enter(route.targets[i], &in_line);
      if (entry == Entry::full) {
        soonest = std::min(soonest, wait_);
        continue;
      }
      full_ &= ~(Tried{1} << i);
      if (entry == Entry::granted) co_return i;
    }
    // Nobody waits in vain: what cannot become free in time is said at once.
    if (full_ == 0 || clock_.steady() + soonest > until) co_return std::nullopt;
    const bool on = co_await in_line.pause(soonest);
    if (!on || call.gone()) co_return std::nullopt;
  }
}

void Admission::learn(const Target& target, const http::Headers& headers) const {
  if (target.kind == TargetKind::engine) return;
  if (const auto windows = read_quota(headers, clock_.wall())) target.health->quota.learn(*windows, clock_.steady());
}

/// Of a call that did not tell its usage, or not all of it: its input, and the answer by its length.
std::int64_t Admission::likely_cost(const Outcome& outcome) const {
  const std::int64_t held = money_ ? money_->pico_usd : in_purses_.front().pico_usd;
  if (outcome.bytes == 0) return held;  // a whole answer without its usage
  llm::Usage usage = outcome.usage;
  if (usage.input_tokens <= 0) usage.input_tokens = measure_.input_tokens;
  usage.output_tokens = std::max(usage.output_tokens, outcome.bytes / bytes_per_token);
  return std::min(target_->price->cost(usage).value_or(held), std::max(held, outcome.pico_usd.value_or(0)));
}

void Admission::settle(Account& account, const Account::Reservation& money, const Outcome& outcome, std::int64_t& booked) {
  if (outcome.answered && outcome.whole && outcome.pico_usd) {
    if (measure_.output_tokens == 0) account.learn_output(outcome.usage.output_tokens);
    booked += account.settle(money, outcome.pico_usd);
  } else if (outcome.answered) {
    booked += account.settle(money, likely_cost(outcome));
  } else if (outcome.silent) {
    booked += account.settle(money, std::nullopt);
  } else {
    account.release(money);
  }
}

void Admission::leave(const Outcome& outcome) {
  if (!target_) return;
  const WallTime now = clock_.wall();
  const llm::Usage& usage = outcome.usage;
  std::int64_t in_purses = 0;
  for (std::size_t i = 0; i < in_purses_.size(); ++i) settle(*purses_[i], in_purses_[i], outcome, in_purses);
  const bool paid = !in_purses_.empty();
  if (money_) {
    day_ = money_->day;
    settle(*account_, *money_, outcome, booked_);
    money_.reset();
  } else if (account_ && outcome.pico_usd.value_or(0) > 0) {
    day_ = day_of(now);
    account_->book(*outcome.pico_usd, now);
    booked_ += *outcome.pico_usd;
  }
  // An answer that cost something where nothing was thought to: the purses know it too.
  if (!paid && outcome.pico_usd.value_or(0) > 0)
    for (const auto& purse : purses_) purse->book(*outcome.pico_usd, now);
  in_purses_.clear();
  if (place_.held) {
    const bool told = usage.input_tokens >= 0 && usage.output_tokens >= 0;
    const bool nothing = !outcome.answered && !outcome.silent;
    const std::int64_t tokens = told ? usage.input_tokens + usage.output_tokens : nothing ? 0 : -1;
    target_->load->limiter.leave(place_, tokens, told ? usage.output_tokens : -1, clock_.steady());
  }
  target_ = nullptr;
}

void Admission::note(UsageRecord& record) const {
  if (!account_ || booked_ == 0) return;
  if (account_->key_id() != record.key) record.account = account_->key_id();
  record.booked_pico_usd = booked_;
  record.booked_day = day_;
}

}  // namespace flotte::route::detail
