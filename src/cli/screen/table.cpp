// Tables.
#include "cli/screen/table.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {
constexpr int gap = 2;
constexpr int narrowest = 8;
}  // namespace

void Table::add(std::vector<std::string> cells) {
  FLOTTE_ASSERT(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = make_line(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::render(int columns) const {
  std::vector<int> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    int width = width_of(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  const auto total = [&] { return std::accumulate(widths.begin(), widths.end(), gap * (static_cast<int>(widths.size()) - 1)); };
  while (columns > 0 && total() > columns) {
    auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= narrowest) break;
    *widest = std::max(narrowest, *widest - (total() - columns));
  }
  const auto line_of = [&](const auto& cell_at) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) line.append(gap, ' ');
      line += columns_[c].align == Align::left ? pad_right(cell_at(c), widths[c]) : pad_left(cell_at(c), widths[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  };
  std::string out = line_of([&](std::size_t c) { return columns_[c].title; });
  for (const auto& row : rows_) out += line_of([&](std::size_t c) { return row[c]; });
  return out;
}

}  // namespace flotte::cli
