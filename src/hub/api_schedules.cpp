// Schedules over HTTP.
#include <fmt/format.h>

#include "base/money.hpp"
#include "fleet/schedules.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/perform.hpp"
#include "hub/rights.hpp"
#include "hub/task_spec.hpp"
#include "wire/members.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t most_items = 1000;                       // of a batch that is made again and again
constexpr std::size_t body_limit = 2 * fleet::schedule_bytes;  // what it makes, however it is spaced
constexpr int shown_instants = 5;

using View = Result<fleet::ScheduleView>;
using Change = std::function<Result<void>(fleet::Ledger&, std::int64_t)>;

Failure no_schedule(const std::string& id) {
  return fail(Code::not_found, fmt::format("no schedule '{}'", id), "see `flotte schedule ls`");
}

/// A whole number of the body within bounds.
Result<std::int64_t> number_of(const json::object& body, std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high) {
  const auto it = body.find(key);
  if (it == body.end() || it->value().is_null()) return fallback;
  const auto number = json::get_int(body, key);
  if (!number || *number < low || *number > high)
    return fail(Code::invalid_argument, fmt::format("\"{}\" must be a whole number from {} to {}", key, low, high));
  return *number;
}

/// Everything but what it makes; what the body does not say stays as it is.
Result<void> read_schedule(const json::object& body, fleet::NewSchedule& into) {
  static constexpr std::array<std::string_view, 9> known{"name",    "cron",   "zone", "catch_up", "catch_up_limit",
                                                         "overlap", "paused", "task", "batch"};
  if (auto good = wire::check_members(body, "a schedule", known); !good) return pass(good);
  into.name = json::string_or(body, "name", into.name);
  into.cron = json::string_or(body, "cron", into.cron);
  into.zone = json::string_or(body, "zone", into.zone);
  const auto catch_up = fleet::parse_catch_up(json::string_or(body, "catch_up", std::string(fleet::to_string(into.catch_up))));
  if (!catch_up) return fail(Code::invalid_argument, "\"catch_up\" must be none, last or all");
  into.catch_up = *catch_up;
  auto limit = number_of(body, "catch_up_limit", into.catch_up_limit, 1, 1000);
  if (!limit) return pass(limit);
  into.catch_up_limit = *limit;
  const std::string overlap = json::string_or(body, "overlap", into.overlap == fleet::Overlap::skip ? "skip" : "run");
  if (overlap != "run" && overlap != "skip") return fail(Code::invalid_argument, "\"overlap\" must be run or skip");
  into.overlap = overlap == "skip" ? fleet::Overlap::skip : fleet::Overlap::run;
  if (const auto it = body.find("paused"); it != body.end() && it->value().is_bool()) into.paused = it->value().get_bool();
  return {};
}

Result<void> read_batch(const json::object& batch, fleet::NewSchedule& into) {
  into.batch = true;
  static constexpr std::array<std::string_view, 2> known{"items", "max_cost_usd"};
  if (auto good = wire::check_members(batch, "the \"batch\" of a schedule", known); !good) return good;
  const json::array* items = json::get_array(batch, "items");
  if (!items || items->empty() || items->size() > most_items)
    return fail(Code::invalid_argument, fmt::format("\"batch.items\" must hold 1 to {} tasks", most_items));
  if (const auto it = batch.find("max_cost_usd"); it != batch.end() && !it->value().is_null()) {
    into.max_cost_pico_usd = parse_usd(json::string_or(batch, "max_cost_usd", ""));
    if (!into.max_cost_pico_usd || *into.max_cost_pico_usd <= 0)
      return fail(Code::invalid_argument, "\"batch.max_cost_usd\" must be an amount above 0 as a string", "for example \"2.50\"");
  }
  return {};
}

/// What is wrong with a task is said now and not when it is due.
Awaitable<Result<void>> admit_specs(Request& request, const json::object& body, fleet::NewSchedule& into) {
  const json::object* task = json::get_object(body, "task");
  const json::object* batch = json::get_object(body, "batch");
  if ((task == nullptr) == (batch == nullptr)) co_return fail(Code::invalid_argument, "a schedule has either \"task\" or \"batch\"");
  std::vector<json::object> wanted;
  if (task) {
    wanted.push_back(*task);
  } else {
    if (auto good = read_batch(*batch, into); !good) co_return pass(good);
    for (const json::value& item : batch->at("items").get_array()) {
      if (!item.is_object()) co_return fail(Code::invalid_argument, "\"batch.items\" must hold tasks");
      wanted.push_back(item.get_object());
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto spec = co_await admit_spec(request, std::move(wanted[i]));
    if (!spec) {
      const std::string where = task ? std::string("task") : fmt::format("batch.items[{}]", i);
      co_return pass(spec, where);
    }
    if (into.max_cost_pico_usd && !is_priced(request.loop.table.get(), *spec))
      co_return fail(Code::unprocessable, fmt::format("batch.items[{}]: what its model costs is not known, so a limit cannot be kept", i),
                     "write its price into models.toml, or leave max_cost_usd out");
    into.specs.push_back(std::move(*spec));
  }
  co_return Result<void>{};
}

/// What an action needs: commands the caller's scope for them, where the schedule makes any; running also an owner who pays.
enum class Asks { nothing, commands, owner_and_commands };

Result<void> check(Asks asks, const Caller& caller, store::Transaction& rows, const fleet::ScheduleView& schedule) {
  if (asks == Asks::nothing) return {};
  if (auto good = may_set_going(caller, schedule); !good) return good;
  return asks == Asks::commands ? Result<void>() : check_owner(rows, schedule.what);
}

Awaitable<View> change(Request& request, Asks asks, Change what) {
  const std::string id = request.captures.at(0);
  std::function<View(fleet::Ledger&)> body = [id, asks, what, caller = request.caller](fleet::Ledger& ledger) -> View {
    const auto number = fleet::find_schedule(ledger.rows, id);
    if (!number) return no_schedule(id);
    auto was = *fleet::show_schedule(ledger.rows, *number);
    if (auto good = check(asks, *caller, ledger.rows, was); !good) return pass(good);
    if (auto good = what(ledger, *number); !good) return pass(good);
    return fleet::show_schedule(ledger.rows, *number).value_or(std::move(was));
  };
  auto view = co_await perform<fleet::ScheduleView>(request.hub.fleet(), std::move(body));
  co_return view;
}

Awaitable<void> respond_schedule(Request& request, int status, const View& view) {
  if (!view) co_return co_await respond_error(request.call, view.error());
  const json::value answer = view->to_json();
  co_await respond_json(request.call, status, answer);
}

/// With its story and what comes next.
Result<json::object> describe(store::Transaction& tx, const std::string& id) {
  const auto number = fleet::find_schedule(tx, id);
  if (!number) return no_schedule(id);
  const auto view = fleet::show_schedule(tx, *number);
  json::object out = view->to_json();
  json::array runs, upcoming;
  for (const fleet::ScheduleRun& run : fleet::list_schedule_runs(tx, *number)) runs.emplace_back(run.to_json());
  const auto cron = fleet::parse_cron(view->what.cron);
  const auto zone = fleet::TimeZone::load(view->what.zone);
  if (cron && zone && view->next_at) {
    WallTime at = tx.now();
    for (int i = 0; i < shown_instants; ++i) {
      const auto next = fleet::next_instant(*cron, *zone, at);
      if (!next) break;
      at = *next;
      upcoming.emplace_back(to_rfc3339(at));
    }
  }
  out["runs"] = std::move(runs);
  out["upcoming"] = std::move(upcoming);
  return out;
}

}  // namespace

Awaitable<void> add_schedule(Request& request) {
  auto body = co_await read_object(request.call, body_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  fleet::NewSchedule schedule;
  auto read = read_schedule(*body, schedule);
  if (!read) co_return co_await respond_error(request.call, read.error());
  schedule.owner = request.caller->who.name;
  auto admitted = co_await admit_specs(request, *body, schedule);
  if (!admitted) co_return co_await respond_error(request.call, admitted.error());
  std::function<View(fleet::Ledger&)> add = [what = std::move(schedule)](fleet::Ledger& ledger) -> View {
    if (auto good = check_owner(ledger.rows, what); !good) return pass(good);  // its key may have been removed meanwhile
    const auto id = fleet::add_schedule(ledger, what);
    if (!id) return Failure(id.error());
    return *fleet::show_schedule(ledger.rows, *id);
  };
  const auto view = co_await perform<fleet::ScheduleView>(request.hub.fleet(), std::move(add));
  co_await respond_schedule(request, 201, view);
}

namespace {

/// Before anything of it is admitted.
Result<void> check_edit(const json::object& body) {
  if (body.empty())
    return fail(Code::invalid_argument, "nothing to change", "cron, zone, catch_up, catch_up_limit, overlap, task or batch");
  if (body.contains("name"))
    return fail(Code::invalid_argument, "\"name\" cannot be changed", "make another schedule, and remove this one");
  if (body.contains("paused")) return fail(Code::invalid_argument, "\"paused\" is not changed here", "POST .../pause or .../resume");
  return {};
}

/// `made`: what it makes from now on; empty where that stays.
Result<void> edit(fleet::Ledger& ledger, std::int64_t id, const json::object& body, const fleet::NewSchedule& made) {
  fleet::NewSchedule wanted = fleet::show_schedule(ledger.rows, id)->what;
  if (auto good = read_schedule(body, wanted); !good) return good;
  wanted.specs = made.specs;
  wanted.batch = made.batch;
  wanted.max_cost_pico_usd = made.max_cost_pico_usd;
  return fleet::change_schedule(ledger, id, wanted);
}

}  // namespace

Awaitable<void> change_schedule(Request& request) {
  auto body = co_await read_object(request.call, body_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto good = check_edit(*body);
  if (!good) co_return co_await respond_error(request.call, good.error());
  fleet::NewSchedule made;
  if (body->contains("task") || body->contains("batch")) good = co_await admit_specs(request, *body, made);
  if (!good) co_return co_await respond_error(request.call, good.error());
  Change write = [body = std::move(*body), made = std::move(made)](fleet::Ledger& ledger, std::int64_t id) {
    return edit(ledger, id, body, made);
  };
  const auto view = co_await change(request, Asks::owner_and_commands, std::move(write));
  co_await respond_schedule(request, 200, view);
}

Awaitable<void> list_schedules(Request& request) {
  const auto limit = limit_of(request.call.head());
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  const std::string after = request.call.head().query("cursor").value_or("");
  std::function<Result<fleet::SchedulePage>(store::Transaction&)> list = [after, most = *limit](store::Transaction& tx) {
    return Result<fleet::SchedulePage>(fleet::list_schedules(tx, after, most));
  };
  const auto page = co_await request.hub.database().read<fleet::SchedulePage>(std::move(list));
  if (!page) co_return co_await respond_error(request.call, page.error());
  json::array items;
  for (const fleet::ScheduleView& view : page->items) items.emplace_back(view.summary());
  const json::value answer = page_of(std::move(items), page->next ? json::value(*page->next) : json::value(nullptr));
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> show_schedule(Request& request) {
  std::function<Result<json::object>(store::Transaction&)> show = [id = request.captures.at(0)](store::Transaction& tx) {
    return describe(tx, id);
  };
  auto schedule = co_await request.hub.database().read<json::object>(std::move(show));
  if (!schedule) co_return co_await respond_error(request.call, schedule.error());
  const json::value answer = *schedule;
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> pause_schedule(Request& request) {
  Change pause = fleet::pause_schedule;
  const auto view = co_await change(request, Asks::nothing, std::move(pause));
  co_await respond_schedule(request, 200, view);
}

Awaitable<void> resume_schedule(Request& request) {
  Change resume = fleet::resume_schedule;
  const auto view = co_await change(request, Asks::owner_and_commands, std::move(resume));
  co_await respond_schedule(request, 200, view);
}

Awaitable<void> run_schedule(Request& request) {
  Change run = [](fleet::Ledger& ledger, std::int64_t id) -> Result<void> {
    const auto made = fleet::run_schedule(ledger, id);
    if (!made) return Failure(made.error());
    return {};
  };
  const auto view = co_await change(request, Asks::owner_and_commands, std::move(run));
  co_await respond_schedule(request, 200, view);
}

Awaitable<void> remove_schedule(Request& request) {
  Change remove = fleet::remove_schedule;
  const auto view = co_await change(request, Asks::commands, std::move(remove));
  co_await respond_schedule(request, 200, view);
}

}  // namespace flotte::hub
