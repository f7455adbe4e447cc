// Columns for people. Pure.
#pragma once
#include <string>
#include <vector>

namespace flotte::cli {

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// One cell per column; cells are made harmless (text_width.hpp).
  void add(std::vector<std::string> cells);
  bool empty() const noexcept { return rows_.empty(); }
  /// Lines with a newline at each end. `columns` > 0: the widest column gives way until a line fits.
  std::string render(int columns) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace flotte::cli
