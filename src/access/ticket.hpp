// Credentials that are computed instead of stored: keys of runs, sessions of the board. A MAC by the hub's secret makes them ours.
// Pure: the time comes in as an argument.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

namespace flotte::access {

/// A run's key, "fr_...": valid as long as the run's lease, which whoever checks it must know.
struct RunKey {
  std::int64_t task = 0, fence = 0;
};

/// A browser's session, "fs_...": stands for a client key until it ends.
struct Session {
  std::string key_id;
  WallTime ends_at;
};

class Tickets {
 public:
  explicit Tickets(Secret secret) : secret_(std::move(secret)) {}
  /// The hub's secret, 32 bytes, from `path` (mode 0600); made on first start. Errors: io, corrupt.
  static Result<Tickets> load(const std::string& path);

  /// 32 bytes that follow from the hub's secret and `purpose`, for whatever is to be kept from readers of a copy of the data.
  std::string derived_key(std::string_view purpose) const;

  std::string run_key(const RunKey& run) const;
  std::optional<RunKey> parse_run_key(std::string_view text) const;
  std::string session(const Session& session) const;
  /// Nothing where it is not ours or has ended.
  std::optional<Session> parse_session(std::string_view text, WallTime now) const;

 private:
  std::string mac(std::string_view purpose, std::string_view body) const;
  std::string seal(std::string_view prefix, std::string_view body) const;
  std::optional<std::string> open(std::string_view prefix, std::string_view text) const;
  Secret secret_;
};

}  // namespace flotte::access
