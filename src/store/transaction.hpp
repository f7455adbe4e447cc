// What a closure given to Store::write or Store::read works with.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/value.hpp"

namespace flotte::store {

/// A statement failed. Thrown inside closures only; the store turns it into the closure's error:
/// disk full -> exhausted, a broken constraint -> conflict, a damaged file -> corrupt, anything else -> io.
class SqlError : public std::runtime_error {
 public:
  SqlError(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

namespace detail {
class Connection;
}

/// Valid only inside the closure. Parameters are written `?`, in order; statements are cached by their text, so texts must
/// come from a small fixed set (never with values in them).
class Transaction {
 public:
  Transaction(detail::Connection& connection, WallTime now, std::uint64_t rollbacks)
      : connection_(connection), now_(now), rollbacks_(rollbacks) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Runs a statement; how many rows it inserted, changed or deleted.
  template <class... A>
  std::int64_t execute(std::string_view sql, const A&... arguments) {
    const std::array<Argument, sizeof...(A)> list{Argument(arguments)...};
    return run(sql, list);
  }
  /// All rows; put a LIMIT where there may be many.
  template <class... A>
  Rows query(std::string_view sql, const A&... arguments) {
    const std::array<Argument, sizeof...(A)> list{Argument(arguments)...};
    return fetch(sql, list, SIZE_MAX);
  }
  /// The first row.
  template <class... A>
  std::optional<Row> one(std::string_view sql, const A&... arguments) {
    const std::array<Argument, sizeof...(A)> list{Argument(arguments)...};
    Rows rows = fetch(sql, list, 1);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }
  /// For statements whose number of parameters is known only at run time.
  std::int64_t run(std::string_view sql, std::span<const Argument> arguments);
  Rows fetch(std::string_view sql, std::span<const Argument> arguments, std::size_t limit = SIZE_MAX);

  /// The key that the last INSERT into a table with an integer key was given.
  std::int64_t last_id();
  /// The database's clock, the only one that leases and schedules know. The same value through the whole closure.
  WallTime now() const noexcept { return now_; }
  /// Grows when something that a write closure had done was undone after the closure had run so far: its own failure or the
  /// group's. Memory that mirrors rows must be read again when this number has changed.
  std::uint64_t rollbacks() const noexcept { return rollbacks_; }

 private:
  detail::Connection& connection_;
  WallTime now_;
  std::uint64_t rollbacks_;
};

}  // namespace flotte::store
