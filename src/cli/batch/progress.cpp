// Drawing a batch.
#include "cli/batch/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/money.hpp"
#include "cli/batch/rate.hpp"
#include "cli/screen/text_width.hpp"
#include "wire/fleet.hpp"

namespace flotte::cli {
namespace {

constexpr const char* green = "\x1b[32m";
constexpr const char* red = "\x1b[31m";
constexpr const char* dim = "\x1b[2m";
constexpr const char* bold = "\x1b[1m";
constexpr const char* plain = "\x1b[0m";

std::string paint(const char* how, const std::string& text, Colour colour) {
  return colour == Colour::none || text.empty() ? text : how + text + plain;
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " · ") + part;
  return out;
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

/// "█████░░░": good, failed, rest.
std::string render_bar(const ProgressView& view, int width, Colour colour) {
  const auto cells = [&](std::size_t n) {
    return view.total == 0 ? 0 : static_cast<int>(n * static_cast<std::size_t>(width) / view.total);
  };
  const int all = cells(view.ended());
  // A single failure shows, however large the batch.
  const int bad = view.failed + view.cancelled == 0 ? 0 : std::min(all, std::max(1, cells(view.failed + view.cancelled)));
  return paint(green, repeat("█", all - bad), colour) + paint(red, repeat("█", bad), colour) + paint(dim, repeat("░", width - all), colour);
}

std::string render_pace(const ProgressView& view) {
  std::vector<std::string> parts;
  if (view.per_second) parts.push_back(format_rate(*view.per_second));
  if (view.left && view.ended() < view.total) parts.push_back("about " + format_duration(*view.left) + " left");
  parts.push_back(format_duration(view.elapsed) + " so far");
  return join(parts);
}

std::string render_figures(const ProgressView& view, Colour colour) {
  std::vector<std::string> parts;
  if (view.submitting) parts.push_back(fmt::format("handing in {} of {}", view.handed_in, view.to_hand_in));
  if (view.state == "paused") parts.push_back("paused");
  parts.push_back(fmt::format("{} done", view.succeeded));
  if (view.kept > 0) parts.back() += fmt::format(" ({} before)", view.kept);
  if (view.failed > 0) parts.push_back(paint(red, fmt::format("{} failed", view.failed), colour));
  if (view.cancelled > 0) parts.push_back(fmt::format("{} cancelled", view.cancelled));
  parts.push_back(fmt::format("{} running", view.running));
  parts.push_back(fmt::format("{} in, {} out tokens", format_count(view.usage.input_tokens), format_count(view.usage.output_tokens)));
  if (view.usage.unpriced_calls == 0 || view.usage.cost_pico_usd > 0) parts.push_back("$" + round_usd(view.usage.cost_pico_usd));
  return join(parts);
}

std::string render_worker(const WorkerNow& worker, int columns, int name_columns, Colour colour) {
  std::string line = "  " + pad_right(make_line(worker.id), name_columns) + "  ";
  int room = columns - 1 - width_of(line);
  if (room < 8) return cut_to(line, columns - 1);
  if (worker.title.empty()) return line + paint(dim, cut_to("idle", room), colour);
  std::string step = make_line(worker.step);
  if (worker.progress >= 0) step += fmt::format("{}{:.0f} %", step.empty() ? "" : " ", worker.progress * 100);
  if (worker.more > 0) step += fmt::format("{}+{} more", step.empty() ? "" : ", ", worker.more);
  if (!worker.target.empty()) step += (step.empty() ? "← " : " ← ") + make_line(worker.target);
  const int title_columns = std::clamp(room / 3, 8, 40);
  line += pad_right(make_line(worker.title), std::min(room, title_columns));
  room -= std::min(room, title_columns);
  if (room > 4 && !step.empty()) {
    const std::string shown = "  " + cut_to(step, std::min(room - 2, std::max(24, room / 2)));
    line += shown;
    room -= width_of(shown);
  }
  const std::string tail = make_line(worker.tail);
  if (room > 16 && !tail.empty()) {
    // The end of it is what is new.
    std::string_view end = tail;
    while (width_of(end) > room - 4) take_code_point(end);
    line += "  " + paint(dim, (end.size() < tail.size() ? "…" : "") + std::string(end), colour);
  }
  return line;
}

}  // namespace

std::string format_rate(double per_second) {
  if (per_second >= 10) return fmt::format("{:.0f}/s", per_second);
  if (per_second >= 1) return fmt::format("{:.1f}/s", per_second);
  return fmt::format("{:.1f}/min", per_second * 60);
}

std::string format_count(std::int64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3 && digits[at - 4] != '-'; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::vector<std::string> render_block(const ProgressView& view, int columns, int rows, Colour colour) {
  std::vector<std::string> lines;
  const std::string head = (view.batch.empty() ? "batch" : view.batch) + "  ";
  const int percent = view.total == 0 ? 0 : static_cast<int>(view.ended() * 100 / view.total);
  const std::string tail = fmt::format("  {}/{}  {} %  {}", view.ended(), view.total, percent, render_pace(view));
  const int bar = std::min(40, columns - 1 - width_of(head) - width_of(tail));
  if (bar >= 8)
    lines.push_back(paint(bold, head, colour) + render_bar(view, bar, colour) + tail);
  else
    lines.push_back(cut_to(head + tail.substr(2), columns - 1));

  const std::string figures = render_figures(view, Colour::none);
  if (width_of(figures) + 4 <= columns - 1)
    lines.push_back(std::string(static_cast<std::size_t>(std::min(4, columns)), ' ') + render_figures(view, colour));
  else
    lines.push_back(cut_to(figures, columns - 1));
  if (!view.trouble.empty()) lines.push_back(paint(red, cut_to("    " + make_line(view.trouble), columns - 1), colour));

  if (!view.waiting.empty()) lines.push_back(cut_to("    nothing runs: " + make_line(view.waiting), columns - 1));

  int name_columns = 8;
  for (const WorkerNow& worker : view.workers) name_columns = std::max(name_columns, width_of(make_line(worker.id)));
  name_columns = std::min(name_columns, std::max(8, columns / 4));
  const auto room = static_cast<std::size_t>(std::max(0, rows - static_cast<int>(lines.size())));
  const std::size_t shown = view.workers.size() <= room ? view.workers.size() : room - (room > 0 ? 1 : 0);
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(render_worker(view.workers[i], columns, name_columns, colour));
  if (shown < view.workers.size() && room > 0)
    lines.push_back(cut_to(fmt::format("  and {} more workers", view.workers.size() - shown), columns - 1));
  if (lines.size() > static_cast<std::size_t>(std::max(1, rows))) lines.resize(static_cast<std::size_t>(std::max(1, rows)));
  return lines;
}

std::string render_line(const ProgressView& view) {
  std::string line = fmt::format("{}: {}/{}", view.batch.empty() ? "batch" : view.batch, view.ended(), view.total);
  line += ", " + render_figures(view, Colour::none) + ", " + render_pace(view);
  return line;
}

std::string render_workers(const ProgressView& view) {
  std::string out;
  for (const WorkerNow& worker : view.workers) {
    if (worker.title.empty()) continue;
    out += (out.empty() ? "" : "; ") + make_line(worker.id) + ": " + make_line(worker.title);
    if (!worker.step.empty()) out += " (" + make_line(worker.step) + ")";
    if (worker.more > 0) out += fmt::format(" +{} more", worker.more);
  }
  return out;
}

std::vector<WorkerNow> parse_workers(const std::vector<json::object>& items, const std::vector<WorkerNow>& before,
                                     const std::optional<std::set<std::string>>& only) {
  std::vector<WorkerNow> out;
  for (const json::object& item : items) {
    WorkerNow worker;
    worker.id = json::string_or(item, "id", "");
    std::int64_t newest = -1;
    if (const json::array* activities = json::get_array(item, "activities")) {
      for (const json::value& value : *activities) {
        if (!value.is_object()) continue;
        wire::Activity activity = wire::Activity::from_json(value.get_object());
        if (only && !only->contains(activity.task)) continue;
        if (newest >= 0) ++worker.more;
        if (activity.since_ms < newest) continue;
        newest = std::max<std::int64_t>(0, activity.since_ms);
        worker.title = activity.title.empty() ? activity.task : activity.title;
        worker.step = std::move(activity.step);
        worker.target = std::move(activity.target);
        worker.tail = std::move(activity.tail);
        worker.progress = activity.progress;
      }
    }
    const bool seen = std::any_of(before.begin(), before.end(), [&](const WorkerNow& w) { return w.id == worker.id; });
    if (!worker.title.empty() || seen) out.push_back(std::move(worker));
  }
  std::sort(out.begin(), out.end(), [](const WorkerNow& a, const WorkerNow& b) { return a.id < b.id; });
  return out;
}

}  // namespace flotte::cli
