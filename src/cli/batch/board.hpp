// The batch on the screen while it runs: draws the view, and asks who is on what.
#pragma once
#include <string>

#include "base/async/scope.hpp"
#include "cli/batch/progress.hpp"
#include "cli/screen/screen.hpp"
#include "client/fleet.hpp"

namespace flotte::cli {

/// A terminal is redrawn five times a second; elsewhere there is a line every few seconds while something changes; or nothing at all.
enum class BoardStyle { live, lines, silent };

class Board {
 public:
  Board(client::Fleet& fleet, ProgressView& view, BoardStyle style, const Clock& clock);
  /// Both until cancelled. The watch also asks why, where nothing runs for a while although something is left.
  Awaitable<void> run_painter();
  Awaitable<void> run_worker_watch();
  /// A sentence that stays on the screen.
  void say(std::string_view text);
  /// The last state as one line (where lines are written), and the block taken away.
  void close();

 private:
  Awaitable<void> look_for_reason();
  Awaitable<std::optional<std::set<std::string>>> running_tasks();
  void paint();
  void print_line();
  client::Fleet& fleet_;
  ProgressView& view_;
  BoardStyle style_;
  const Clock& clock_;
  Screen screen_;
  Colour colour_;
  SteadyTime start_, next_line_, last_life_, next_reason_;
  std::size_t last_ended_ = 0;
  std::string last_line_;
};

}  // namespace flotte::cli
