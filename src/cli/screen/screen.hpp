// Standard error as a screen: a block of lines redrawn in place on a terminal, plain lines every few seconds elsewhere. One owner.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace flotte::cli {

/// Columns and rows of the terminal on that descriptor; 80 by 24 where it does not say.
struct TerminalSize {
  int columns = 80, rows = 24;
};
TerminalSize terminal_size(int descriptor);
/// True where the descriptor is a terminal that can move its cursor.
bool is_terminal(int descriptor);
/// A terminal, and NO_COLOR is unset or empty.
bool wants_colour(int descriptor);

class Screen {
 public:
  /// `live`: redraw in place.
  Screen(int descriptor, bool live) : descriptor_(descriptor), live_(live) {}
  ~Screen() { erase(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  bool live() const noexcept { return live_; }
  /// Replaces the block; each line must be narrower than the terminal. Nothing where not live.
  void draw(const std::vector<std::string>& lines);
  /// A line that stays, above the block.
  void print(std::string_view line);
  /// Takes the block away.
  void erase();

 private:
  int descriptor_;
  bool live_;
  std::vector<std::string> shown_;
};

/// Writes everything to a descriptor; false where the reader has gone.
bool write_all(int descriptor, std::string_view text);

}  // namespace flotte::cli
