// Painting and asking.
#include "cli/batch/board.hpp"

#include <unistd.h>

#include "base/async/wait.hpp"
#include "cli/command/why.hpp"

namespace flotte::cli {
namespace {
constexpr std::chrono::milliseconds frame{200}, ask_live{500};
constexpr std::chrono::seconds line_pause{5};
constexpr std::chrono::seconds quiet_time{5}, reason_pause{15};  // nothing runs for so long: ask why, and again after so long
}  // namespace

Board::Board(client::Fleet& fleet, ProgressView& view, BoardStyle style, const Clock& clock)
    : fleet_(fleet),
      view_(view),
      style_(style),
      clock_(clock),
      screen_(STDERR_FILENO, style == BoardStyle::live),
      colour_(wants_colour(STDERR_FILENO) ? Colour::ansi : Colour::none),
      start_(clock.steady()),
      next_line_(start_ + line_pause),
      last_life_(start_),
      next_reason_(start_) {}

Awaitable<void> Board::run_painter() {
  // No `do ... while (co_await ...)`: g++ 12 makes an illegal instruction of it.
  for (bool going_on = true; going_on;) {
    paint();
    going_on = co_await sleep_for(frame);
  }
}

Awaitable<void> Board::run_worker_watch() {
  if (style_ == BoardStyle::silent) co_return;
  const std::string path = client::make_path("workers");
  const std::chrono::milliseconds pause = style_ == BoardStyle::live ? ask_live : std::chrono::milliseconds(line_pause);
  for (bool going_on = true; going_on;) {
    client::Query query;
    auto workers = co_await fleet_.list(path, std::move(query), 0);
    // Who does what is decoration: where it cannot be had, the last picture stays.
    const auto own = co_await running_tasks();
    if (workers) view_.workers = parse_workers(*workers, view_.workers, own);
    co_await look_for_reason();
    going_on = co_await sleep_for(pause);
  }
}

/// What the batch has running, so that others' work on the same workers is not shown as its own; nothing where it cannot be told.
Awaitable<std::optional<std::set<std::string>>> Board::running_tasks() {
  constexpr std::size_t most = 1'000;
  std::optional<std::set<std::string>> ids;
  if (view_.batch.empty()) co_return ids;
  const std::string path = client::make_path("tasks");
  client::Query query{{"batch", view_.batch}, {"state", "running"}};
  auto tasks = co_await fleet_.list(path, std::move(query), most);
  if (!tasks || tasks->size() == most) co_return ids;
  ids.emplace();
  for (const json::object& task : *tasks) ids->insert(json::string_or(task, "id", ""));
  co_return ids;
}

Awaitable<void> Board::look_for_reason() {
  const SteadyTime now = clock_.steady();
  const bool alive =
      view_.running > 0 || view_.submitting || view_.ended() != last_ended_ || view_.ended() >= view_.total || view_.state == "paused";
  last_ended_ = view_.ended();
  if (alive) {
    last_life_ = now;
    view_.waiting.clear();
  }
  if (now < last_life_ + quiet_time || now < next_reason_ || view_.batch.empty()) co_return;
  next_reason_ = now + reason_pause;
  const std::string path = client::make_path("tasks");
  client::Query query{{"batch", view_.batch}, {"state", "queued,waiting"}};
  auto waiting = co_await fleet_.list(path, std::move(query), 1);
  if (!waiting || waiting->empty()) co_return;
  const std::string id = json::string_or(waiting->front(), "id", "");
  const std::string why = co_await find_why(fleet_, id);
  if (why.empty() || why == view_.waiting) co_return;
  view_.waiting = why;
  if (style_ == BoardStyle::lines) screen_.print("nothing runs: " + why);
}

void Board::say(std::string_view text) {
  if (style_ != BoardStyle::silent) screen_.print(text);
}

void Board::paint() {
  const SteadyTime now = clock_.steady();
  view_.elapsed = std::chrono::duration_cast<seconds>(now - start_);
  if (style_ == BoardStyle::live) {
    const TerminalSize size = terminal_size(STDERR_FILENO);
    screen_.draw(render_block(view_, size.columns, std::min(size.rows - 1, 16), colour_));
  } else if (style_ == BoardStyle::lines && now >= next_line_) {
    print_line();
    next_line_ = now + line_pause;
  }
}

void Board::print_line() {
  ProgressView timeless = view_;
  timeless.elapsed = seconds(0);
  timeless.per_second.reset();
  timeless.left.reset();
  const std::string workers = render_workers(view_);
  std::string line = render_line(timeless) + workers;
  if (line == last_line_) return;
  last_line_ = std::move(line);
  screen_.print(render_line(view_));
  if (!workers.empty()) screen_.print("  " + workers);
}

void Board::close() {
  if (style_ == BoardStyle::live) screen_.erase();
  if (style_ == BoardStyle::lines) screen_.print(render_line(view_));
}

}  // namespace flotte::cli
