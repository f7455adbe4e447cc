// POSIX rules of daylight saving time.
#include "fleet/detail/tz_rule.hpp"

namespace flotte::fleet::detail {
namespace {

using std::chrono::seconds;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return rest_.starts_with(c); }

  /// "CET" or "<+03>".
  bool name() {
    if (skip('<')) {
      const auto end = rest_.find('>');
      if (end == std::string_view::npos) return false;
      rest_.remove_prefix(end + 1);
      return true;
    }
    std::size_t letters = 0;
    while (letters < rest_.size() && ((rest_[letters] | 0x20) >= 'a' && (rest_[letters] | 0x20) <= 'z')) ++letters;
    rest_.remove_prefix(letters);
    return letters >= 3;
  }

  std::optional<int> number(int low, int high) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < rest_.size() && digits < 4 && rest_[digits] >= '0' && rest_[digits] <= '9')
      value = value * 10 + (rest_[digits++] - '0');
    if (digits == 0 || value < low || value > high) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  /// [+-]hh[:mm[:ss]]
  std::optional<seconds> time() {
    const bool minus = skip('-');
    if (!minus) skip('+');
    const auto hours = number(0, 167);
    if (!hours) return std::nullopt;
    seconds out = std::chrono::hours(*hours);
    for (const int unit : {60, 1}) {
      if (!skip(':')) break;
      const auto more = number(0, 59);
      if (!more) return std::nullopt;
      out += seconds(*more * unit);
    }
    return minus ? -out : out;
  }

  bool when(TzRule::When& into) {
    using Kind = TzRule::When::Kind;
    if (skip('M')) {
      const auto month = number(1, 12);
      const auto week = month && skip('.') ? number(1, 5) : std::nullopt;
      const auto day = week && skip('.') ? number(0, 6) : std::nullopt;
      if (!day) return false;
      into = {Kind::month_week_day, *month, *week, *day, 0, seconds(7200)};
    } else {
      const bool without_leap = skip('J');
      const auto day = number(without_leap ? 1 : 0, 365);
      if (!day) return false;
      into = {without_leap ? Kind::day_without_leap : Kind::day_with_leap, 1, 1, 0, *day, seconds(7200)};
    }
    if (!skip('/')) return true;
    const auto at = time();
    if (at) into.time = *at;
    return at.has_value();
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<TzRule> TzRule::parse(std::string_view text) {
  TzRule rule;
  Reader in(text);
  if (!in.name()) return std::nullopt;
  const auto standard = in.time();
  if (!standard) return std::nullopt;
  rule.standard = -*standard;  // POSIX counts to the west
  if (in.at_end()) return rule;
  if (!in.name()) return std::nullopt;
  rule.daylight = rule.standard + std::chrono::hours(1);
  if (!in.next_is(',')) {
    const auto daylight = in.time();
    if (!daylight) return std::nullopt;
    rule.daylight = -*daylight;
  }
  if (!in.skip(',') || !in.when(rule.start) || !in.skip(',') || !in.when(rule.end) || !in.at_end()) return std::nullopt;
  return rule;
}

std::chrono::local_seconds TzRule::moment(const When& when, int y) {
  using namespace std::chrono;
  local_days day;
  switch (when.kind) {
    case When::Kind::month_week_day: {
      const auto of_month = year(y) / month(static_cast<unsigned>(when.month));
      const weekday wanted(static_cast<unsigned>(when.weekday));
      day = when.week == 5 ? local_days(of_month / wanted[last]) : local_days(of_month / wanted[static_cast<unsigned>(when.week)]);
      break;
    }
    case When::Kind::day_without_leap:  // 1 to 365, as if there were no 29 February
      day = local_days(year(y) / January / 1) + days(when.day - 1 + (year(y).is_leap() && when.day >= 60 ? 1 : 0));
      break;
    case When::Kind::day_with_leap: day = local_days(year(y) / January / 1) + days(when.day); break;
  }
  return local_seconds(day) + when.time;
}

}  // namespace flotte::fleet::detail
