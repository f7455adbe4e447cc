// Values that go into a statement and rows that come out, the same for every database behind the store.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"

namespace flotte::store {

/// A parameter of a statement; refers to the caller's text, which must live until the call returns.
/// Whole numbers, bool, double, text, WallTime (milliseconds since 1970), optional of these, nullptr.
class Argument {
 public:
  using Held = std::variant<std::nullptr_t, std::int64_t, double, std::string_view>;
  Argument(std::nullptr_t) : held_(nullptr) {}
  template <std::integral T>
  Argument(T number) : held_(static_cast<std::int64_t>(number)) {}
  Argument(double number) : held_(number) {}
  Argument(std::string_view text) : held_(text) {}
  Argument(const std::string& text) : held_(std::string_view(text)) {}
  Argument(const char* text) : held_(std::string_view(text)) {}
  Argument(WallTime time) : held_(to_ms(time)) {}
  template <class T>
  Argument(const std::optional<T>& value) : held_(nullptr) {
    if (value) *this = Argument(*value);
  }
  const Held& held() const noexcept { return held_; }

 private:
  Held held_;
};

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// One row; columns count from 0. Reading a column as what it is not is a bug (asserted), NULL included.
class Row {
 public:
  Row() = default;
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  const std::string& text(std::size_t column) const;
  bool flag(std::size_t column) const { return integer(column) != 0; }
  WallTime time(std::size_t column) const { return from_ms(integer(column)); }
  bool is_null(std::size_t column) const;
  /// The same for columns that may be NULL.
  std::optional<std::int64_t> maybe_integer(std::size_t column) const;
  std::optional<WallTime> maybe_time(std::size_t column) const;
  /// NULL reads as "".
  std::string text_or_empty(std::size_t column) const;
  std::size_t size() const noexcept { return values_.size(); }

 private:
  const Value& at(std::size_t column) const;
  std::vector<Value> values_;
};

using Rows = std::vector<Row>;

}  // namespace flotte::store
