// Rows.
#include "store/value.hpp"

#include "base/assert.hpp"

namespace flotte::store {

const Value& Row::at(std::size_t column) const {
  FLOTTE_ASSERT(column < values_.size());
  return values_[column];
}

std::int64_t Row::integer(std::size_t column) const {
  const auto* v = std::get_if<std::int64_t>(&at(column));
  FLOTTE_ASSERT(v != nullptr);
  return *v;
}

double Row::real(std::size_t column) const {
  const auto* v = std::get_if<double>(&at(column));
  FLOTTE_ASSERT(v != nullptr);
  return *v;
}

const std::string& Row::text(std::size_t column) const {
  const auto* v = std::get_if<std::string>(&at(column));
  FLOTTE_ASSERT(v != nullptr);
  return *v;
}

bool Row::is_null(std::size_t column) const { return std::holds_alternative<std::nullptr_t>(at(column)); }

std::optional<std::int64_t> Row::maybe_integer(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<WallTime> Row::maybe_time(std::size_t column) const { return is_null(column) ? std::nullopt : std::optional(time(column)); }

std::string Row::text_or_empty(std::size_t column) const { return is_null(column) ? std::string() : text(column); }

}  // namespace flotte::store
