// One format's column of the matrix, and the words it is written in. Internal to dialect.
#pragma once
#include <array>

#include "dialect/features.hpp"

namespace flotte::dialect {

struct ColumnRow {
  Feature feature;
  Cell cell;
};
using Column = std::array<ColumnRow, feature_count>;

namespace detail {

constexpr bool in_order(const Column& column) {
  for (std::size_t i = 0; i < column.size(); ++i)
    if (column[i].feature != static_cast<Feature>(i)) return false;
  return true;
}

namespace cells {
inline constexpr Cell carried{Fate::carried, ""};
constexpr Cell as(std::string_view how) { return {Fate::carried, how}; }
constexpr Cell approximated(std::string_view how) { return {Fate::approximated, how}; }
constexpr Cell dropped(std::string_view how) { return {Fate::dropped, how}; }
constexpr Cell refused(std::string_view how) { return {Fate::refused, how}; }
}  // namespace cells

}  // namespace detail

// One in each format's folder: cells.cpp.
namespace openai_chat {
const Column& column() noexcept;
}
namespace anthropic {
const Column& column() noexcept;
}
namespace responses {
const Column& column() noexcept;
}
namespace gemini {
const Column& column() noexcept;
}
namespace ollama {
const Column& column() noexcept;
}

}  // namespace flotte::dialect
