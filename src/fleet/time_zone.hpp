// A time zone as its TZif file (RFC 8536) says: between UTC and the clock on the wall. Pure but for `load`.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace flotte::fleet {

using UtcSeconds = std::chrono::sys_seconds;
using LocalSeconds = std::chrono::local_seconds;

class TimeZone {
 public:
  static TimeZone utc() { return TimeZone("UTC"); }
  /// Versions 1 to 4. The rule behind the table is written out until the year 2500. Error: corrupt.
  static Result<TimeZone> parse(std::string name, std::string_view bytes);
  /// By its name, as in Europe/Berlin; "UTC" needs no file. Errors: invalid_argument (no such zone), corrupt, io.
  static Result<TimeZone> load(const std::string& name, const std::string& directory = "/usr/share/zoneinfo");

  const std::string& name() const noexcept { return name_; }
  /// What is added to UTC at that time.
  std::chrono::seconds offset_at(UtcSeconds time) const;
  LocalSeconds to_local(UtcSeconds time) const { return LocalSeconds(time.time_since_epoch() + offset_at(time)); }

  /// When the clock on the wall shows that. Twice, and `first` is the first time, where it was set back; never where it was set
  /// forward: then `first` is when that happened, and `skipped` is true.
  struct Shown {
    UtcSeconds first;
    std::optional<UtcSeconds> again;
    bool skipped = false;
  };
  Shown when(LocalSeconds local) const;
  /// The first change of the offset after that time, if any is known.
  std::optional<UtcSeconds> next_change(UtcSeconds time) const;

 private:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}
  struct Change {
    UtcSeconds at;
    std::chrono::seconds offset;  // from then on
  };
  friend class TzifReader;
  std::string name_;
  std::chrono::seconds first_offset_{0};  // before the first change
  std::vector<Change> changes_;           // in order; each differs from the one before
};

}  // namespace flotte::fleet
