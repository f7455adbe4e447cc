// Closing words.
#include "cli/batch/summary.hpp"

#include <fmt/format.h>

#include "base/money.hpp"
#include "cli/batch/progress.hpp"
#include "cli/batch/rate.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {
constexpr std::size_t troubles_shown = 10;

/// To the last digit; what is not known is said.
std::string describe_cost(const wire::Usage& usage) {
  const std::string known = "$" + format_usd(usage.cost_pico_usd);
  if (usage.unpriced_calls == 0) return known;
  if (usage.cost_pico_usd == 0) return "unknown";
  return fmt::format("{} and {} calls of unknown price", known, usage.unpriced_calls);
}

/// What stopped it, and what would go on: the next call may cost more than what is left, so less than the limit is spent.
std::string describe_budget(const Summary& s) {
  const std::string limit = "$" + format_usd(*s.spent_limit);
  const bool all = s.usage.unpriced_calls == 0 && s.usage.cost_pico_usd >= *s.spent_limit;
  return fmt::format("budget reached: {} of --max-cost {} is spent{}, so what had not begun was cancelled\n", describe_cost(s.usage), limit,
                     all ? "" : " and the next call might cost more than the rest");
}

/// What the same command would do now.
std::string describe_again(const Summary& s) {
  if (!s.spent_limit) return "the same command again does only what has not succeeded\n";
  if (s.succeeded > s.kept) return "the same command again does only what has not succeeded, with as much money anew\n";
  return "nothing was done for that money: the same command with a higher --max-cost goes on\n";
}
}  // namespace

std::string render_summary(const Summary& s) {
  std::string out;
  const std::string subject = s.batch.empty() ? "nothing to do" : s.batch + " " + s.state;
  out += fmt::format("{}: {} of {} succeeded", subject, s.succeeded, s.total);
  if (s.kept > 0) out += fmt::format(" ({} before)", s.kept);
  if (s.failed > 0) out += fmt::format(", {} failed", s.failed);
  if (s.cancelled > 0) out += fmt::format(", {} cancelled", s.cancelled);
  if (!s.batch.empty()) {
    out += fmt::format(", in {}\n", format_duration(s.elapsed));
    out += fmt::format("tokens: {} in ({} cached), {} out; cost: {}", format_count(s.usage.input_tokens),
                       format_count(s.usage.cached_tokens), format_count(s.usage.output_tokens), describe_cost(s.usage));
  }
  out += "\n";
  if (s.spent_limit) out += describe_budget(s);
  for (std::size_t i = 0; i < s.troubles.size() && i < troubles_shown; ++i) {
    const ResultRow& row = s.troubles[i];
    out += "  " + row.state + ": " + make_line(row.input);
    if (row.error) {
      out += ": " + make_line(row.error->message);
      if (!row.error->hint.empty()) out += " (" + make_line(row.error->hint) + ")";
    }
    out += "\n";
  }
  if (s.troubles.size() > troubles_shown) out += fmt::format("  and {} more\n", s.troubles.size() - troubles_shown);
  out += "results: " + make_line(s.directory) + "/results.jsonl, and a file per document beside it\n";
  if (!s.troubles.empty()) out += describe_again(s);
  return out;
}

json::object to_json(const Summary& s) {
  json::object o;
  o["batch"] = s.batch.empty() ? json::value(nullptr) : json::value(s.batch);
  o["state"] = s.state.empty() ? json::value(nullptr) : json::value(s.state);
  o["total"] = s.total;
  o["succeeded"] = s.succeeded;
  o["failed"] = s.failed;
  o["cancelled"] = s.cancelled;
  o["kept"] = s.kept;
  o["seconds"] = s.elapsed.count();
  o["usage"] = s.usage.to_json();
  o["reason"] = s.spent_limit ? json::value("budget") : json::value(nullptr);
  o["directory"] = s.directory;
  o["results"] = s.directory + "/results.jsonl";
  return o;
}

std::string render_farewell(const Farewell& f) {
  if (f.batch.empty()) return "nothing was started";
  if (!f.sealed)
    return fmt::format(
        "{} waits: {} of {} inputs were handed in. The same command again hands in the rest; `flotte batch cancel {}` ends it", f.batch,
        f.handed_in, f.to_hand_in, f.batch);
  return fmt::format("{} goes on, {} of {} done. `flotte batch attach {}` follows it again into {}/; `flotte batch cancel {}` ends it",
                     f.batch, f.ended, f.total, f.batch, make_line(f.directory), f.batch);
}

}  // namespace flotte::cli
