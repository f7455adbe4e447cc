// Lists for people.
#include "cli/command/listing.hpp"

#include <unistd.h>

#include "base/money.hpp"
#include "cli/batch/progress.hpp"
#include "cli/command/why.hpp"
#include "cli/screen/local_time.hpp"
#include "cli/screen/member.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/table.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

using Align = Table::Align;

std::string count(const json::object& o, std::string_view key) { return format_count(json::int_or(o, key, 0)); }
std::string join_list(const json::object& o, std::string_view key) { return fmt::format("{}", fmt::join(json::strings(o, key), ", ")); }
std::string moment(const json::object& o, std::string_view key) { return local_time(text(o, key)); }

std::string dash(std::string text) { return text.empty() ? "-" : text; }

std::string who(const json::object& task) {
  const std::string worker = text(task, "worker"), node = text(task, "node");
  return worker.empty() ? "-" : node.empty() ? worker : worker + "@" + node;
}

std::string state_of(const json::object& task) {
  const std::string reason = text(task, "reason");
  return text(task, "state") + (reason.empty() ? "" : "/" + reason);
}

std::string or_none(const Table& table, int columns, std::string_view none) {
  return table.empty() ? std::string(none) + "\n" : table.render(columns);
}

std::string field(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("{:<10} {}\n", name, make_line(value));
}

/// "$1.25"; "unknown" where no call's price was known, "$1.25+?" where that of some was not.
std::string money(const json::object& usage) {
  if (const auto cost = usage.find("cost_usd"); cost != usage.end() && cost->value().is_null()) return "unknown";
  const std::string known = json::string_or(usage, "cost_usd", "0.00");
  const auto exact = parse_usd(known);
  return "$" + (exact ? round_usd(*exact) : known) + (json::int_or(usage, "unpriced_calls", 0) > 0 ? "+?" : "");
}

std::string usage_line(const json::object& o) {
  const json::object* usage = json::get_object(o, "usage");
  if (!usage) return {};
  return fmt::format("{} tokens in ({} cached), {} out, {}", count(*usage, "input_tokens"), count(*usage, "cached_tokens"),
                     count(*usage, "output_tokens"), money(*usage));
}

std::string error_line(const json::object& o) {
  const json::object* error = json::get_object(o, "error");
  if (!error) return {};
  const std::string hint = text(*error, "hint");
  return text(*error, "code") + ": " + text(*error, "message") + (hint.empty() ? "" : " (" + hint + ")");
}

Awaitable<Result<int>> list(Session& session, Listing listing) {
  auto items = co_await session.fleet().list(listing.path, listing.query, listing.limit);
  if (!items) co_return pass(items);
  if (session.common().json())
    print_json(*items);
  else
    print(listing.render(*items, output_columns()));
  co_return status::done;
}

}  // namespace

int run_listing(const Common& common, const Listing& listing) {
  Session session(common);
  return session.run([&](Session& s) { return list(s, listing); });
}

int output_columns() { return is_terminal(STDOUT_FILENO) ? terminal_size(STDOUT_FILENO).columns : 0; }

std::string render_tasks(const Items& items, int columns) {
  Table table({{"TASK"}, {"KIND"}, {"STATE"}, {"TRY", Align::right}, {"WORKER"}, {"MODEL"}, {"CREATED"}, {"TITLE"}});
  for (const json::object& o : items)
    table.add({text(o, "id"), text(o, "kind"), state_of(o), count(o, "attempt"), who(o), dash(text(o, "model")), moment(o, "created_at"),
               text(o, "title")});
  return or_none(table, columns, "no tasks");
}

std::string render_batches(const Items& items, int columns) {
  Table table({{"BATCH"},
               {"STATE"},
               {"TOTAL", Align::right},
               {"DONE", Align::right},
               {"FAILED", Align::right},
               {"COST", Align::right},
               {"CREATED"},
               {"TITLE"}});
  for (const json::object& o : items) {
    static const json::object none;
    const json::object* counts = json::get_object(o, "counts");
    const json::object* usage = json::get_object(o, "usage");
    if (!counts) counts = &none;
    table.add({text(o, "id"), state_of(o), count(o, "total"), count(*counts, "succeeded"), count(*counts, "failed"),
               usage ? money(*usage) : "$0.00", moment(o, "created_at"), text(o, "title")});
  }
  return or_none(table, columns, "no batches");
}

std::string render_nodes(const Items& items, int columns) {
  Table table({{"NODE"}, {"STATE"}, {"HOST"}, {"CPUS", Align::right}, {"LOAD", Align::right}, {"ENGINES"}, {"SEEN"}, {"ID"}});
  for (const json::object& o : items) {
    std::string engines;
    if (const json::array* list = json::get_array(o, "engines"))
      for (const json::value& value : *list) {
        if (!value.is_object()) continue;
        const json::object& engine = value.get_object();
        engines += (engines.empty() ? "" : ", ") + text(engine, "name") + " " + text(engine, "state");
        if (json::get_bool(engine, "demonstration").value_or(false)) engines += " (demonstration)";
      }
    static const json::object none;
    const json::object* host = json::get_object(o, "host");
    if (!host) host = &none;
    table.add({text(o, "name") + (json::get_bool(o, "home").value_or(false) ? " (the hub's own)" : ""), text(o, "state"),
               dash(text(*host, "hostname")), count(*host, "cpus"), fmt::format("{:.2f}", json::get_number(o, "load").value_or(0)),
               dash(engines), moment(o, "seen_at"), text(o, "id")});
  }
  return or_none(table, columns, "no nodes");
}

std::string render_workers_table(const Items& items, int columns) {
  Table table({{"WORKER"},
               {"STATE"},
               {"KIND"},
               {"MODEL"},
               {"FROM"},
               {"SLOTS", Align::right},
               {"DONE", Align::right},
               {"FAILED", Align::right},
               {"ON"}});
  for (const json::object& o : items) {
    const auto now = parse_workers({o}, {});
    std::string on = "-";
    if (!now.empty()) {
      on = now[0].title + (now[0].step.empty() ? "" : " (" + now[0].step + ")");
      if (now[0].more > 0) on += fmt::format(" +{} more", now[0].more);
    }
    const json::array* activities = json::get_array(o, "activities");
    table.add({text(o, "id"), text(o, "state"), text(o, "kind"), dash(text(o, "model")), text(o, "origin") == "hub" ? "hub" : "its node",
               fmt::format("{}/{}", activities ? activities->size() : 0, json::int_or(o, "slots", 1)), count(o, "done"), count(o, "failed"),
               on});
  }
  return table.empty() ? "no workers\n" : table.render(columns) + "(done and failed: since the hub began to run)\n";
}

namespace {
/// "$0.25 in, $2.00 out": dollars per million tokens.
std::string price_of(const json::object& model) {
  if (json::get_bool(model, "local").value_or(false)) return "local";
  const json::object* price = json::get_object(model, "price");
  if (!price) return "unknown";
  return fmt::format("${} in, ${} out", json::string_or(*price, "input", "?"), json::string_or(*price, "output", "?"));
}
}  // namespace

std::string render_models(const Items& items, int columns) {
  Table table({{"MODEL"}, {"KIND"}, {"STANDS FOR"}, {"CONTEXT", Align::right}, {"PRICE OF A MILLION"}, {"WHY"}});
  for (const json::object& o : items) {
    const auto context = json::int_or(o, "context_tokens", 0);
    std::string targets = join_list(o, "targets");
    if (json::get_bool(o, "demonstration").value_or(false)) targets += " (demonstration: no intelligence)";
    table.add({text(o, "id"), text(o, "kind"), targets, context > 0 ? format_count(context) : "-", price_of(o), text(o, "why")});
  }
  return or_none(table, columns, "no models: connect an engine or a provider");
}

std::string render_usage(const Items& items, int columns) {
  Table table({{"BY"},
               {"CALLS", Align::right},
               {"TOKENS IN", Align::right},
               {"CACHED", Align::right},
               {"TOKENS OUT", Align::right},
               {"COST", Align::right}});
  for (const json::object& o : items)
    table.add({dash(text(o, "name").empty() ? text(o, "group") : text(o, "name")), count(o, "calls"), count(o, "input_tokens"),
               count(o, "cached_tokens"), count(o, "output_tokens"), money(o)});
  return or_none(table, columns, "nothing was used yet");
}

namespace {

/// "0.42 of 5.00": what is spent and what may be; without a budget only the former.
std::string spent_of(const json::object& key, std::string_view period) {
  const std::string budget = text(key, fmt::format("budget_{}_usd", period));
  const auto spent = parse_usd(text(key, fmt::format("spent_{}_usd", period)));
  if (!spent || (*spent == 0 && budget.empty())) return budget;
  return budget.empty() ? round_usd(*spent) : fmt::format("{} of {}", round_usd(*spent), budget);
}

}  // namespace

namespace {
std::string weight_of(const json::object& o) {
  const auto it = o.find("weight");
  return it != o.end() && it->value().is_number() ? fmt::format("{:g}", it->value().to_number<double>()) : "1";
}
}  // namespace

std::string render_keys(const Items& items, int columns) {
  Table table({{"KEY"},
               {"SCOPES"},
               {"MODELS"},
               {"RPM", Align::right},
               {"WEIGHT", Align::right},
               {"TODAY", Align::right},
               {"MONTH", Align::right},
               {"CREATED"},
               {"USED"},
               {"REVOKED"},
               {"ID"}});
  for (const json::object& o : items) {
    const std::string models = join_list(o, "models");
    const std::int64_t rpm = json::int_or(o, "rpm", 0);
    table.add({text(o, "name"), join_list(o, "scopes"), models.empty() ? "all" : models, rpm > 0 ? fmt::format("{}", rpm) : "",
               weight_of(o), spent_of(o, "day"), spent_of(o, "month"), moment(o, "created_at"), moment(o, "used_at"),
               moment(o, "revoked_at"), text(o, "id")});
  }
  return or_none(table, columns, "no keys");
}

namespace {

/// "12 replayed, 1 perhaps bought twice", or nothing.
std::string calls_line(const json::object& o) {
  const json::object* usage = json::get_object(o, "usage");
  if (!usage) return {};
  std::string out;
  if (json::int_or(*usage, "replayed_calls", 0) > 0) out = count(*usage, "replayed_calls") + " replayed";
  if (json::int_or(*usage, "maybe_bought_twice", 0) > 0)
    out += fmt::format("{}{} perhaps bought twice", out.empty() ? "" : ", ", count(*usage, "maybe_bought_twice"));
  return out;
}

std::string steps_table(const json::object& o, int columns) {
  Table steps({{"STEP"}, {"TRY", Align::right}, {"FINISHED"}, {"BYTES", Align::right}});
  if (const json::array* list = json::get_array(o, "steps"))
    for (const json::value& value : *list)
      if (value.is_object()) {
        const json::object& step = value.get_object();
        steps.add({text(step, "name"), count(step, "attempt"), moment(step, "at"), count(step, "bytes")});
      }
  return steps.empty() ? std::string() : "\n" + steps.render(columns);
}

}  // namespace

std::string render_task(const json::object& o, int columns) {
  std::string out = field("task", text(o, "id") + "  " + text(o, "kind") + "  " + state_of(o));
  out += field("title", text(o, "title"));
  out += field("batch", text(o, "batch"));
  out += field("retry of", text(o, "retry_of"));
  out += field("after", join_list(o, "depends_on"));
  if (const std::string budget = text(o, "budget_usd"); !budget.empty()) out += field("budget", "$" + budget);
  out += field("worker", text(o, "worker").empty() ? "" : who(o));
  out += field("model", text(o, "model"));
  out += field("answered", text(o, "target"));
  out += field("created", moment(o, "created_at"));
  if (!text(o, "ended_at").empty()) out += field("ended", moment(o, "ended_at"));
  out += field("usage", usage_line(o));
  out += field("calls", calls_line(o));
  out += field("error", error_line(o));
  Table attempts({{"TRY", Align::right}, {"OUTCOME"}, {"WORKER"}, {"STARTED"}, {"ENDED"}, {"WHY"}});
  if (const json::array* list = json::get_array(o, "attempts"))
    for (const json::value& value : *list)
      if (value.is_object()) {
        const json::object& a = value.get_object();
        attempts.add({count(a, "attempt"), text(a, "outcome"), who(a), moment(a, "started_at"), moment(a, "ended_at"), text(a, "message")});
      }
  if (!attempts.empty()) out += "\n" + attempts.render(columns);
  out += steps_table(o, columns);
  if (const json::object* result = json::get_object(o, "result")) {
    if (const auto exit_code = json::get_int(*result, "exit_code")) out += "\n" + field("exit", std::to_string(*exit_code));
    if (const auto answer = json::get_string(*result, "text"))
      out += "\n" + (columns > 0 ? make_harmless(*answer) : std::string(*answer)) + "\n";
    if (const auto blob = json::get_string(*result, "blob")) out += "\n" + field("result", "blob " + std::string(*blob));
  }
  return out;
}

std::string render_batch(const json::object& o) {
  std::string out = field("batch", text(o, "id") + "  " + state_of(o));
  out += field("title", text(o, "title"));
  std::string counts = count(o, "total") + " items";
  if (const json::object* list = json::get_object(o, "counts"))
    for (const char* state : {"succeeded", "failed", "cancelled", "running", "offered", "queued", "waiting"})
      if (json::int_or(*list, state, 0) > 0) counts += fmt::format(", {} {}", count(*list, state), state);
  out += field("items", counts);
  out += field("usage", usage_line(o));
  if (const std::string limit = text(o, "max_cost_usd"); !limit.empty())
    out += field("limit", fmt::format("${}{}", limit, text(o, "reason") == "budget" ? ", reached: what had not begun was cancelled" : ""));
  out += field("created", moment(o, "created_at"));
  if (!text(o, "ended_at").empty()) out += field("ended", moment(o, "ended_at"));
  return out;
}

std::string render_why(const json::object& o, int columns) {
  std::string out = why_line(o) + "\n";
  Table table({{"WORKER"}, {"FITS"}, {"BECAUSE"}});
  if (const json::array* workers = json::get_array(o, "workers"))
    for (const json::value& value : *workers)
      if (value.is_object())
        table.add({text(value.get_object(), "worker"), json::get_bool(value.get_object(), "fits").value_or(false) ? "yes" : "no",
                   text(value.get_object(), "because")});
  if (!table.empty()) out += "\n" + table.render(columns);
  return out;
}

}  // namespace flotte::cli
