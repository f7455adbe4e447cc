// Schedules: tasks that the clock submits.
#include "cli/command/schedule.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.hpp"
#include "cli/command/listing.hpp"
#include "cli/screen/local_time.hpp"
#include "cli/screen/member.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/table.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

std::string moment(const std::string& at) { return local_minute(at); }

std::string last_of(const json::object& schedule) {
  const json::object* last = json::get_object(schedule, "last");
  if (!last) return "-";
  const std::string made = text(*last, "made");
  return made.empty() ? text(*last, "outcome") : made;
}

std::string render(const Items& items, int columns) {
  Table table({{"SCHEDULE"}, {"STATE"}, {"CRON"}, {"ZONE"}, {"NEXT"}, {"LAST"}, {"PROBLEM"}});
  for (const json::object& o : items)
    table.add(
        {text(o, "name"), text(o, "state"), text(o, "cron"), text(o, "zone"), moment(text(o, "next_at")), last_of(o), text(o, "problem")});
  return table.empty() ? "no schedules: flotte schedule add NAME \"30 2 * * *\" PROMPT...\n" : table.render(columns);
}

std::string field(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("{:<10} {}\n", name, make_line(value));
}

/// What each instant makes.
std::string describe_task(const json::object& task) {
  static const json::object none;
  const json::object* input = json::get_object(task, "input");
  if (!input) input = &none;
  const std::string kind = text(task, "kind");
  const std::vector<std::string> argv = json::strings(*input, "argv");
  std::string out = field(kind.empty() ? "makes" : kind, argv.empty() ? text(*input, "prompt") : fmt::format("{}", fmt::join(argv, " ")));
  out += field("system", text(*input, "system")) + field("model", text(task, "model"));
  out += field("worker", text(task, "worker")) + field("node", text(task, "node"));
  out += field("labels", fmt::format("{}", fmt::join(json::strings(task, "labels"), ", "))) + field("project", text(task, "project"));
  if (const std::string budget = text(task, "budget_usd"); !budget.empty()) out += field("budget", "$" + budget);
  return out;
}

std::string describe_made(const json::object& schedule) {
  if (const json::object* task = json::get_object(schedule, "task")) return describe_task(*task);
  const json::object* batch = json::get_object(schedule, "batch");
  if (!batch) return {};
  const json::array* items = json::get_array(*batch, "items");
  const std::string limit = text(*batch, "max_cost_usd");
  return field("batch", fmt::format("{} items{}", items ? items->size() : 0, limit.empty() ? "" : ", at most $" + limit));
}

std::string render_one(const json::object& o) {
  std::string out = fmt::format("{} ({}), {}\n", make_line(text(o, "name")), text(o, "id"), text(o, "state"));
  out += fmt::format("cron       {} in {}\n", make_line(text(o, "cron")), make_line(text(o, "zone")));
  out += describe_made(o);
  const std::string catch_up = text(o, "catch_up");
  out += fmt::format("catch-up   {}\n", catch_up == "none"   ? "none: what passes while the hub is away is let go"
                                        : catch_up == "last" ? "last: of what passes while the hub is away, the newest is made"
                                                             : fmt::format("all: what passes while the hub is away is made, at most {}",
                                                                           json::int_or(o, "catch_up_limit", 0)));
  out +=
      fmt::format("overlap    {}\n", text(o, "overlap") == "skip" ? "skip: an instant is left out while the last one's task has not ended"
                                                                  : "run: also while the last one's task has not ended");
  if (const std::string problem = make_line(text(o, "problem")); !problem.empty()) out += fmt::format("problem    {}\n", problem);
  for (const std::string& at : json::strings(o, "upcoming")) out += fmt::format("next       {}\n", moment(at));
  if (const json::array* runs = json::get_array(o, "runs"))
    for (const json::value& run : *runs) {
      const json::object& r = run.get_object();
      const std::string made = text(r, "made"), message = make_line(with_local_times(text(r, "message")));
      out += fmt::format("{}  {:<8} {}{}{}\n", moment(text(r, "instant")), text(r, "outcome"), made,
                         made.empty() || message.empty() ? "" : "  ", message);
    }
  return out;
}

/// Of one that was just made or changed.
std::string outlook(const json::object& schedule) {
  const std::string name = make_line(text(schedule, "name")), state = text(schedule, "state");
  if (state == "paused") return fmt::format("{0} is paused; `flotte schedule resume {0}`\n", name);
  if (state == "broken") return fmt::format("{} is broken: {}\n", name, make_line(text(schedule, "problem")));
  return fmt::format("{} comes next at {}\n", name, moment(text(schedule, "next_at")));
}

Awaitable<Result<int>> add(Session& session, json::object body) {
  const std::string path = client::make_path("schedules");
  auto added = co_await session.fleet().post(path, std::move(body));
  if (!added) co_return pass(added);
  if (session.common().json())
    print_json(json::value(*added));
  else
    print(outlook(*added));
  co_return status::done;
}

Awaitable<Result<int>> edit(Session& session, std::string id, json::object body) {
  const std::string path = client::make_path("schedules", id);
  auto changed = co_await session.fleet().patch(path, std::move(body));
  if (!changed) co_return pass(changed);
  if (session.common().json())
    print_json(json::value(*changed));
  else
    print(outlook(*changed));
  co_return status::done;
}

Awaitable<Result<int>> show(Session& session, std::string id) {
  const std::string path = client::make_path("schedules", id);
  auto schedule = co_await session.fleet().get(path);
  if (!schedule) co_return pass(schedule);
  if (session.common().json())
    print_json(json::value(*schedule));
  else
    print(render_one(*schedule));
  co_return status::done;
}

Awaitable<Result<int>> act(Session& session, std::string id, std::string what) {
  Result<json::object> done;
  if (what == "rm") {
    const std::string path = client::make_path("schedules", id);
    done = co_await session.fleet().remove(path);
  } else {
    const std::string path = client::make_path("schedules", id, what);
    json::object nothing;
    done = co_await session.fleet().post(path, std::move(nothing));
  }
  if (!done) co_return pass(done);
  if (session.common().json())
    print_json(json::value(*done));
  else if (what == "run")
    print(last_of(*done) + "\n");
  else if (what == "rm")
    print(text(*done, "name") + " is gone; what it has made stays\n");
  else
    print(outlook(*done));
  co_return status::done;
}

}  // namespace

std::string local_zone() {
  std::string zone = environment("TZ");
  if (zone.starts_with(':')) zone.erase(0, 1);
  std::error_code failed;
  if (zone.empty()) zone = std::filesystem::read_symlink("/etc/localtime", failed).string();
  constexpr std::string_view place = "zoneinfo/";
  if (const auto at = zone.rfind(place); at != std::string::npos) zone.erase(0, at + place.size());
  const bool name = zone == "UTC" || (zone.find('/') != std::string::npos && zone.find(',') == std::string::npos && zone.front() != '/');
  return name ? zone : "UTC";
}

int run_schedule_add(const Common& common, const ScheduleOptions& options) {
  auto spec = make_task_spec(options.task);
  if (!spec) {
    report(spec.error(), common.output);
    return status::usage;
  }
  json::object body{
      {"name", options.name},         {"cron", options.cron},       {"zone", options.zone.empty() ? local_zone() : options.zone},
      {"catch_up", options.catch_up}, {"overlap", options.overlap}, {"catch_up_limit", options.catch_up_limit}};
  if (options.paused) body["paused"] = true;
  body["task"] = spec->to_json();
  Session session(common);
  return session.run([&](Session& s) { return add(s, body); });
}

int run_schedule_edit(const Common& common, const ScheduleEdit& wanted) {
  json::object body;
  if (wanted.cron) body["cron"] = *wanted.cron;
  if (wanted.zone) body["zone"] = *wanted.zone;
  if (wanted.catch_up) body["catch_up"] = *wanted.catch_up;
  if (wanted.catch_up_limit) body["catch_up_limit"] = *wanted.catch_up_limit;
  if (wanted.overlap) body["overlap"] = *wanted.overlap;
  if (wanted.task) {
    auto spec = make_task_spec(*wanted.task);
    if (!spec) {
      report(spec.error(), common.output);
      return status::usage;
    }
    body["task"] = spec->to_json();
  }
  Session session(common);
  return session.run([&](Session& s) { return edit(s, wanted.name, body); });
}

int run_schedule_ls(const Common& common) {
  Listing listing;
  listing.path = client::make_path("schedules");
  listing.render = render;
  return run_listing(common, listing);
}

int run_schedule_show(const Common& common, const std::string& schedule) {
  Session session(common);
  return session.run([&](Session& s) { return show(s, schedule); });
}

int run_schedule_action(const Common& common, const std::string& schedule, const std::string& what) {
  Session session(common);
  return session.run([&](Session& s) { return act(s, schedule, what); });
}

}  // namespace flotte::cli
