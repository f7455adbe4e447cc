// Reading TZif, and asking it.
#include "fleet/time_zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "fleet/detail/tz_rule.hpp"

namespace flotte::fleet {

using std::chrono::seconds;

namespace {
constexpr std::size_t longest_file = std::size_t{1024} * 1024;
/// More than any zone is away from UTC, or a change of one moves it.
constexpr seconds widest = std::chrono::hours(27);
constexpr int last_year = 2500;
}  // namespace

/// The bytes of one file, in order.
class TzifReader {
 public:
  explicit TzifReader(std::string_view bytes) : rest_(bytes) {}

  bool read(TimeZone& zone) {
    Header header;
    if (!read_header(header)) return false;
    if (header.version == 0) return read_block(header, 4, zone);
    const std::size_t old = block_size(header, 4);
    if (rest_.size() < old) return false;
    rest_.remove_prefix(old);
    if (!read_header(header) || !read_block(header, 8, zone)) return false;
    return read_footer(zone);
  }

 private:
  struct Header {
    char version = 0;
    std::uint32_t utc = 0, standard = 0, leaps = 0, times = 0, types = 0, letters = 0;
  };

  static std::size_t block_size(const Header& h, std::size_t width) {
    return h.times * (width + 1) + h.types * std::size_t{6} + h.letters + h.leaps * (width + 4) + h.standard + h.utc;
  }

  /// Big-endian, two's complement.
  std::int64_t number(std::size_t width) {
    std::uint64_t value = !rest_.empty() && (static_cast<unsigned char>(rest_[0]) & 0x80) ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(width);
    return static_cast<std::int64_t>(value);
  }

  bool read_header(Header& h) {
    if (rest_.size() < 44 || !rest_.starts_with("TZif")) return false;
    h.version = rest_[4];
    rest_.remove_prefix(20);
    for (std::uint32_t* count : {&h.utc, &h.standard, &h.leaps, &h.times, &h.types, &h.letters}) {
      const std::int64_t n = number(4);
      if (n < 0 || n > 100'000) return false;
      *count = static_cast<std::uint32_t>(n);
    }
    return h.types > 0 && (h.version == 0 || (h.version >= '2' && h.version <= '9'));
  }

  bool read_block(const Header& h, std::size_t width, TimeZone& zone) {
    const std::size_t size = block_size(h, width);
    if (rest_.size() < size || h.leaps > 0) return false;  // "right/" zones count leap seconds; nobody's cron does
    const std::string_view behind = rest_.substr(size);
    std::vector<std::int64_t> times(h.times);
    for (std::int64_t& time : times) time = number(width);
    const std::string_view indices = rest_.substr(0, h.times);
    rest_.remove_prefix(h.times);
    std::vector<seconds> offsets(h.types);
    for (seconds& offset : offsets) {
      offset = seconds(number(4));
      rest_.remove_prefix(2);
      if (offset < -widest || offset > widest) return false;
    }
    zone.first_offset_ = offsets[0];
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto type = static_cast<unsigned char>(indices[i]);
      if (type >= offsets.size() || (i > 0 && times[i] <= times[i - 1])) return false;
      add(zone, UtcSeconds(seconds(times[i])), offsets[type]);
      table_ends_ = UtcSeconds(seconds(times[i]));
    }
    rest_ = behind;
    return true;
  }

  static void add(TimeZone& zone, UtcSeconds at, seconds offset) {
    const seconds before = zone.changes_.empty() ? zone.first_offset_ : zone.changes_.back().offset;
    if (offset != before) zone.changes_.push_back({at, offset});
  }

  bool read_footer(TimeZone& zone) {
    if (!rest_.starts_with('\n')) return false;
    rest_.remove_prefix(1);
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) return false;
    const std::string_view text = rest_.substr(0, end);
    if (text.empty()) return true;
    const auto rule = detail::TzRule::parse(text);
    if (!rule) return false;
    write_out(zone, *rule);
    return true;
  }

  /// The rule's changes from the table's end on.
  void write_out(TimeZone& zone, const detail::TzRule& rule) const {
    using namespace std::chrono;
    if (!rule.daylight) {
      if (!table_ends_) zone.first_offset_ = rule.standard;
      return;
    }
    const int first = table_ends_ ? static_cast<int>(year_month_day(floor<days>(*table_ends_)).year()) : 1970;
    for (int y = std::max(first, 1900); y <= last_year; ++y) {
      std::array<TimeZone::Change, 2> two{{{UtcSeconds(rule.starts_at(y).time_since_epoch() - rule.standard), *rule.daylight},
                                           {UtcSeconds(rule.ends_at(y).time_since_epoch() - *rule.daylight), rule.standard}}};
      if (two[1].at < two[0].at) std::swap(two[0], two[1]);
      for (const TimeZone::Change& change : two)
        if (!table_ends_ || change.at > *table_ends_) add(zone, change.at, change.offset);
    }
  }

  std::string_view rest_;
  std::optional<UtcSeconds> table_ends_;
};

Result<TimeZone> TimeZone::parse(std::string name, std::string_view bytes) {
  TimeZone zone(std::move(name));
  if (!TzifReader(bytes).read(zone)) return fail(Code::corrupt, fmt::format("the time zone file of {} cannot be read", zone.name_));
  return zone;
}

Result<TimeZone> TimeZone::load(const std::string& name, const std::string& directory) {
  if (name == "UTC" || name == "Etc/UTC") return utc();
  const bool spelled =
      !name.empty() && name.size() <= 64 && name.front() != '/' && name.find("..") == std::string::npos &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+';
      });
  constexpr const char* hint = "names are those of the IANA database, as in Europe/Berlin, Asia/Tokyo or UTC; its package is tzdata";
  if (!spelled) return fail(Code::invalid_argument, fmt::format("\"{}\" is no name of a time zone", name), hint);
  const auto bytes = read_file(directory + "/" + name, longest_file);
  if (!bytes) return fail(Code::invalid_argument, fmt::format("this hub knows no time zone \"{}\"", name), hint);
  return parse(name, *bytes);
}

seconds TimeZone::offset_at(UtcSeconds time) const {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), time, [](UtcSeconds t, const Change& c) { return t < c.at; });
  return after == changes_.begin() ? first_offset_ : std::prev(after)->offset;
}

std::optional<UtcSeconds> TimeZone::next_change(UtcSeconds time) const {
  const auto after = std::upper_bound(changes_.begin(), changes_.end(), time, [](UtcSeconds t, const Change& c) { return t < c.at; });
  return after == changes_.end() ? std::nullopt : std::optional(after->at);
}

TimeZone::Shown TimeZone::when(LocalSeconds local) const {
  const UtcSeconds as_utc(local.time_since_epoch());
  auto change = std::upper_bound(changes_.begin(), changes_.end(), as_utc - widest, [](UtcSeconds t, const Change& c) { return t < c.at; });
  seconds offset = change == changes_.begin() ? first_offset_ : std::prev(change)->offset;
  std::optional<Shown> found;
  for (;; ++change) {
    const UtcSeconds at = as_utc - offset;
    const bool begun = change == changes_.begin() || at >= std::prev(change)->at;
    const bool over = change != changes_.end() && at >= change->at;
    if (begun && !over) {
      if (found) {
        found->again = at;
        return *found;
      }
      found = Shown{at, std::nullopt, false};
    } else if (!begun && !found) {
      return Shown{std::prev(change)->at, std::nullopt, true};  // it was over before this offset began: the clock jumped across it
    }
    if (change == changes_.end() || change->at > as_utc + widest) return *found;
    offset = change->offset;
  }
}

}  // namespace flotte::fleet
