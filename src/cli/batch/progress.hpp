// What a person sees of a batch while it runs: lines for a terminal, or one plain line. Pure.
#pragma once
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "wire/task.hpp"

namespace flotte::cli {

/// One worker and the newest thing it is on.
struct WorkerNow {
  std::string id;     // "reader@box"
  std::string title;  // of the task; empty: idle
  std::string step, target, tail;
  double progress = -1;  // 0..1, -1 unknown
  std::size_t more = 0;  // further tasks at the same time
};

struct ProgressView {
  std::string batch;
  std::size_t total = 0, succeeded = 0, failed = 0, cancelled = 0;
  std::size_t kept = 0;       // of `succeeded`: done in an earlier run
  std::size_t handed_in = 0;  // of this run's items, while `submitting`
  std::size_t to_hand_in = 0;
  bool submitting = false;
  std::int64_t running = 0;
  std::string state;  // of the batch: paused is worth saying
  std::optional<double> per_second;
  std::optional<std::chrono::seconds> left;
  std::chrono::seconds elapsed{0};
  wire::Usage usage;
  std::optional<std::int64_t> spent_limit;  // trillionths of a dollar: nothing more starts
  std::string trouble;                      // the hub is away
  std::string waiting;                      // why nothing runs although something is left
  std::vector<WorkerNow> workers;

  std::size_t ended() const { return succeeded + failed + cancelled; }
};

enum class Colour { none, ansi };

/// Lines of less than `columns` columns, at most `rows` of them: bar, figures, then one line per worker.
std::vector<std::string> render_block(const ProgressView& view, int columns, int rows, Colour colour);
/// One line without control characters, for logs and pipes.
std::string render_line(const ProgressView& view);
/// "reader@box: letter.txt (part 3 of 7)" for each worker that does something, for logs and pipes; empty where nobody does.
std::string render_workers(const ProgressView& view);

/// The `items` of GET /fleet/v1/workers that do something now, or did in `before`; sorted by id. `only`: of these tasks alone.
std::vector<WorkerNow> parse_workers(const std::vector<json::object>& items, const std::vector<WorkerNow>& before,
                                     const std::optional<std::set<std::string>>& only = std::nullopt);

/// "2.1/min", "3.4/s".
std::string format_rate(double per_second);
/// "12,345".
std::string format_count(std::int64_t n);

}  // namespace flotte::cli
