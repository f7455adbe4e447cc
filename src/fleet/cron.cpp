// Cron expressions.
#include "fleet/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <span>

namespace flotte::fleet {
namespace {

using namespace std::chrono;

constexpr days longest_wait{12 * 366};  // 29 February may be eight years away
constexpr std::int64_t count_most = 10'000;

struct Field {
  std::string_view name;
  int low, high;
  std::span<const std::string_view> words;  // for low, low + 1, ...
};
constexpr std::array<std::string_view, 12> month_words{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_words{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<Field, 5> fields{{{"minute", 0, 59, {}},
                                       {"hour", 0, 23, {}},
                                       {"day of the month", 1, 31, {}},
                                       {"month", 1, 12, month_words},
                                       {"day of the week", 0, 7, day_words}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> names{{{"@hourly", "0 * * * *"},
                                                                              {"@daily", "0 0 * * *"},
                                                                              {"@midnight", "0 0 * * *"},
                                                                              {"@weekly", "0 0 * * 0"},
                                                                              {"@monthly", "0 0 1 * *"},
                                                                              {"@yearly", "0 0 1 1 *"},
                                                                              {"@annually", "0 0 1 1 *"}}};

Failure wrong(const Field& field, std::string_view text) {
  return fail(Code::invalid_argument, fmt::format("cron: \"{}\" is no {}", text, field.name),
              fmt::format("numbers from {} to {}, *, and of these lists 1,2, ranges 1-5 and steps */2", field.low, field.high));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return out;
}

std::optional<int> value_of(const Field& field, std::string_view text) {
  const std::string word = lower(text);
  for (std::size_t i = 0; i < field.words.size(); ++i)
    if (field.words[i] == word) return field.low + static_cast<int>(i);
  int value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size() || value < field.low || value > field.high)
    return std::nullopt;
  return value;
}

/// One of a list: "*", "3", "1-5", "*/2", "10-20/5", "3/15" (from 3 on).
bool read_part(const Field& field, std::string_view part, std::uint64_t& into) {
  int step = 1;
  const std::size_t slash = part.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view text = part.substr(slash + 1);
    const auto end = std::from_chars(text.data(), text.data() + text.size(), step);
    if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size() || step < 1 || step > field.high) return false;
    part = part.substr(0, slash);
  }
  int from = field.low, to = field.high;
  if (part != "*") {
    const std::size_t dash = part.find('-');
    const auto low = value_of(field, part.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : value_of(field, part.substr(dash + 1));
    if (!low || !high || *high < *low) return false;
    from = *low;
    to = dash == std::string_view::npos && slash != std::string_view::npos ? field.high : *high;
  }
  for (int value = from; value <= to; value += step) into |= std::uint64_t{1} << value;
  return true;
}

Result<std::uint64_t> read_field(const Field& field, std::string_view text) {
  std::uint64_t bits = 0;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    if (!read_part(field, rest.substr(0, comma), bits)) return wrong(field, text);
    if (comma == std::string_view::npos) return bits;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t", begin), text.size());
    out.push_back(text.substr(begin, at - begin));
  }
  return out;
}

UtcSeconds up_to_minute(UtcSeconds time) { return ceil<minutes>(time); }

/// For an expression that follows the time that passes: from minute to minute, in leaps that no change of the clock is within.
std::optional<WallTime> next_by_time(const Cron& cron, const TimeZone& zone, WallTime after) {
  UtcSeconds time = floor<minutes>(after) + minutes(1);
  const UtcSeconds end = time + longest_wait;
  std::optional<UtcSeconds> change = zone.next_change(time);
  while (time < end) {
    if (change && time >= *change) change = zone.next_change(time);
    const LocalSeconds local = zone.to_local(time);
    const local_days day = floor<days>(local);
    const hh_mm_ss clock(local - LocalSeconds(day));
    seconds leap{60};
    if (!cron.on_day(day))
      leap = seconds(days(1)) - (local - LocalSeconds(day));
    else if ((cron.hours >> clock.hours().count() & 1) == 0)
      leap = seconds(hours(1)) - clock.minutes() - clock.seconds();
    else if ((cron.minutes >> clock.minutes().count() & 1) != 0)
      return WallTime(time);
    time += leap;
    if (change && time > *change) time = std::max(up_to_minute(*change), UtcSeconds(time - leap) + seconds(60));
    time = up_to_minute(time);
  }
  return std::nullopt;
}

/// For certain hours: from day to day on the wall.
std::optional<WallTime> next_by_clock(const Cron& cron, const TimeZone& zone, WallTime after) {
  const local_days first = floor<days>(zone.to_local(floor<seconds>(after))) - days(1);
  for (local_days day = first; day < first + longest_wait; day += days(1)) {
    if (!cron.on_day(day)) continue;
    for (int h = 0; h < 24; ++h) {
      if ((cron.hours >> h & 1) == 0) continue;
      if (zone.when(LocalSeconds(day) + hours(h) + minutes(59)).first <= after) continue;  // all of it
      for (int m = 0; m < 60; ++m) {
        if ((cron.minutes >> m & 1) == 0) continue;
        const WallTime at = zone.when(LocalSeconds(day) + hours(h) + minutes(m)).first;
        if (at > after) return at;
      }
    }
  }
  return std::nullopt;
}

/// The newest instants of (from, to], at most `most`.
std::deque<WallTime> newest(const Cron& cron, const TimeZone& zone, WallTime from, WallTime to, std::size_t most) {
  std::deque<WallTime> out;
  for (auto at = next_instant(cron, zone, from); at && *at <= to; at = next_instant(cron, zone, *at)) {
    out.push_back(*at);
    if (out.size() > most) out.pop_front();
  }
  return out;
}

}  // namespace

bool Cron::on_day(local_days day) const {
  const year_month_day date(day);
  if ((months >> static_cast<unsigned>(date.month()) & 1) == 0) return false;
  const bool of_month = (days >> static_cast<unsigned>(date.day()) & 1) != 0;
  const bool of_week = (weekdays >> weekday(day).c_encoding() & 1) != 0;
  return any_day || any_weekday ? of_month && of_week : of_month || of_week;
}

Result<Cron> parse_cron(std::string_view text) {
  for (const auto& [name, meaning] : names)
    if (lower(text) == name) return parse_cron(meaning);
  const std::vector<std::string_view> words = words_of(text);
  if (words.size() != fields.size())
    return fail(Code::invalid_argument, fmt::format("cron: \"{}\" has not five fields", text),
                "minute hour day-of-month month day-of-week, as in \"30 2 * * *\"; or @hourly, @daily, @weekly, @monthly, @yearly");
  std::array<std::uint64_t, 5> bits{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto read = read_field(fields[i], words[i]);
    if (!read) return pass(read);
    bits[i] = *read;
  }
  Cron cron;
  cron.minutes = bits[0];
  cron.hours = static_cast<std::uint32_t>(bits[1]);
  cron.days = static_cast<std::uint32_t>(bits[2]);
  cron.months = static_cast<std::uint32_t>(bits[3]);
  cron.weekdays = static_cast<std::uint32_t>((bits[4] | bits[4] >> 7) & 0x7f);
  cron.every_hour = words[1].front() == '*';
  cron.any_day = words[2].front() == '*';
  cron.any_weekday = words[4].front() == '*';
  if (!next_instant(cron, TimeZone::utc(), WallTime(sys_days(2024y / January / 1))))
    return fail(Code::invalid_argument, fmt::format("cron: \"{}\" never comes", text), "that month has no such day");
  return cron;
}

std::optional<WallTime> next_instant(const Cron& cron, const TimeZone& zone, WallTime after) {
  return cron.every_hour ? next_by_time(cron, zone, after) : next_by_clock(cron, zone, after);
}

std::string_view to_string(CatchUp how) noexcept { return how == CatchUp::none ? "none" : how == CatchUp::last ? "last" : "all"; }

std::optional<CatchUp> parse_catch_up(std::string_view word) noexcept {
  for (const CatchUp how : {CatchUp::none, CatchUp::last, CatchUp::all})
    if (to_string(how) == word) return how;
  return std::nullopt;
}

Firing plan_firing(const Cron& cron, const TimeZone& zone, WallTime due, WallTime now, const CatchUpRule& rule) {
  Firing out;
  out.next = next_instant(cron, zone, now);
  if (due > now) return out;
  const WallTime before = due - milliseconds(1);
  const std::size_t most = rule.how == CatchUp::all ? static_cast<std::size_t>(std::clamp<std::int64_t>(rule.most, 1, 1000)) : 1;
  // Looked for backwards in growing steps: of a year of minutes nobody wants more than the end.
  std::deque<WallTime> found;
  for (milliseconds span = minutes(2);; span *= 8) {
    const WallTime from = std::max(before, now - span);
    found = newest(cron, zone, from, now, most);
    if (from == before || found.size() == most) break;
  }
  if (rule.how == CatchUp::none)
    while (!found.empty() && now - found.front() > rule.on_time) found.pop_front();
  out.instants.assign(found.begin(), found.end());
  const WallTime kept = out.instants.empty() ? now + milliseconds(1) : out.instants.front();
  for (auto at = next_instant(cron, zone, before); at && *at < kept && out.missed < count_most; at = next_instant(cron, zone, *at)) {
    if (!out.first_missed) out.first_missed = *at;
    ++out.missed;
  }
  return out;
}

}  // namespace flotte::fleet
