// Submitting a task, and the commands about tasks.
#include "cli/command/task.hpp"

#include <charconv>

#include <unistd.h>

#include "base/crypto.hpp"
#include "base/money.hpp"
#include "base/units.hpp"
#include "cli/batch/patience.hpp"
#include "cli/command/known_model.hpp"
#include "cli/command/listing.hpp"
#include "cli/command/task_follow.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

/// "site" or "site:2".
Result<wire::Concurrency> parse_concurrency(const std::string& text) {
  wire::Concurrency out{text, 1};
  const std::size_t at = text.rfind(':');
  if (at == std::string::npos) return out;
  out.key = text.substr(0, at);
  const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), out.limit);
  if (out.key.empty() || error != std::errc() || end != text.data() + text.size() || out.limit < 1)
    return fail(Code::invalid_argument, "--concurrency wants KEY or KEY:N, not \"" + text + "\"", "for example: --concurrency site:2");
  return out;
}

/// "2026-11-21T08:30:00Z", or "90m" from now.
Result<WallTime> parse_moment(const std::string& text) {
  if (const auto time = parse_rfc3339(text)) return *time;
  if (const auto wait = parse_duration(text)) return system_clock().wall() + *wait;
  return fail(Code::invalid_argument, "\"" + text + "\" is no time", "as in 2026-11-21T08:30:00Z, or 90m from now");
}

Result<wire::TaskSpec> make_task(const TaskRunOptions& options) {
  wire::TaskSpec spec;
  spec.title = options.title;
  spec.model = options.model;
  spec.priority = options.priority;
  spec.max_attempts = options.attempts;
  spec.unique = options.unique;
  if (!options.concurrency.empty()) {
    auto concurrency = parse_concurrency(options.concurrency);
    if (!concurrency) return pass(concurrency);
    spec.concurrency = std::move(*concurrency);
  }
  for (const std::string& id : options.after)
    if (!wire::parse_id('t', id) && !wire::parse_id('b', id))
      return fail(Code::invalid_argument, "--after wants the id of a task or a batch, not \"" + id + "\"", "as in t42 or b3");
  spec.depends_on = options.after;
  if (options.even_if_failed) spec.if_dependency_fails = wire::IfDependencyFails::run;
  if (!options.budget.empty()) {
    spec.budget_pico_usd = parse_usd(options.budget);
    if (!spec.budget_pico_usd || *spec.budget_pico_usd <= 0)
      return fail(Code::invalid_argument, "--budget wants dollars above 0, not \"" + options.budget + "\"", "for example: --budget 0.50");
  }
  for (const auto& [text, into] : {std::pair(&options.not_before, &spec.not_before), std::pair(&options.deadline, &spec.deadline)}) {
    if (text->empty()) continue;
    auto time = parse_moment(*text);
    if (!time) return pass(time);
    *into = *time;
  }
  spec.worker = options.placement.worker;
  spec.project = options.placement.project;
  spec.node = options.placement.node;
  spec.labels = options.placement.labels;
  spec.features = options.features;
  spec.exclusive = options.placement.exclusive;
  if (options.command.empty()) {
    spec.kind = wire::TaskKind::prompt;
    spec.input["prompt"] = options.prompt;
    if (!options.system.empty()) spec.input["system"] = options.system;
    return spec;
  }
  spec.kind = wire::TaskKind::command;
  json::array argv;
  for (const std::string& word : options.command) {
    if (!is_utf8(word)) return fail(Code::invalid_argument, "an argument of the command is not UTF-8 text");
    argv.emplace_back(word);
  }
  spec.input["argv"] = std::move(argv);
  if (!options.cwd.empty()) spec.input["cwd"] = options.cwd;
  json::object env;
  for (const std::string& pair : options.env) {
    const std::size_t at = pair.find('=');
    if (at == std::string::npos || at == 0) return fail(Code::invalid_argument, "--env wants NAME=VALUE, not \"" + pair + "\"");
    env[pair.substr(0, at)] = pair.substr(at + 1);
  }
  if (!env.empty()) spec.input["env"] = std::move(env);
  return spec;
}

/// `id` is set as soon as it is known, for the words after Ctrl-C.
Awaitable<Result<int>> submit(Session& session, wire::TaskSpec spec, bool detach, std::string& id) {
  const std::string model = spec.model;
  auto task = co_await session.fleet().submit(std::move(spec), random_token(18));
  if (!task) co_return pass(task);
  id = task->id;
  const std::string note = co_await find_model_note(session.fleet(), model);
  if (!note.empty()) write_all(STDERR_FILENO, fmt::format("flotte: {}: {}\n", id, make_line(note)));
  if (!detach) co_return co_await follow_task(session, id);
  if (session.common().json())
    print_json(json::value(task->to_json()));
  else
    print(id + "\n");
  co_return status::done;
}

Awaitable<Result<int>> show(Session& session, std::string id) {
  auto task = co_await session.fleet().get(client::make_path("tasks", id));
  if (!task) co_return pass(task);
  if (session.common().json())
    print_json(json::value(*task));
  else
    print(render_task(*task, output_columns()));
  co_return status::done;
}

Awaitable<Result<int>> logs(Session& session, std::string id, int attempt) {
  client::Query query;
  if (attempt > 0) query.emplace_back("attempt", std::to_string(attempt));
  auto text = co_await session.fleet().get_text(client::make_target(client::make_path("tasks", id, "log"), query));
  if (!text) co_return pass(text);
  if (session.common().json())
    print_json(json::object{{"id", id}, {"text", *text}});
  else
    print(*text);
  co_return status::done;
}

Awaitable<Result<int>> why(Session& session, std::string id) {
  auto told = co_await session.fleet().get(client::make_path("tasks", id, "why"));
  if (!told) co_return pass(told);
  if (session.common().json())
    print_json(json::value(*told));
  else
    print(render_why(*told, output_columns()));
  co_return status::done;
}

Awaitable<Result<int>> act(Session& session, std::string id, std::string what) {
  json::object nothing;
  auto task = co_await session.fleet().post(client::make_path("tasks", id, what), std::move(nothing));
  if (!task) co_return pass(task);
  if (session.common().json())
    print_json(json::value(*task));
  else
    print(fmt::format("{} {}\n", json::string_or(*task, "id", id), json::string_or(*task, "state", "")));
  co_return status::done;
}

}  // namespace

Result<wire::TaskSpec> make_task_spec(const TaskRunOptions& options) { return make_task(options); }

int run_task(const Common& common, const TaskRunOptions& options) {
  auto spec = make_task(options);
  if (!spec) {
    report(spec.error(), common.output);
    return status::usage;
  }
  Session session(common);
  std::string id;
  const int code = session.run([&](Session& s) { return submit(s, *spec, options.detach, id); });
  if (session.interrupted() && !id.empty() && !common.json())
    write_all(STDERR_FILENO, fmt::format("\n{0} goes on. `flotte task show {0}` shows it; `flotte task cancel {0}` ends it\n", id));
  return code;
}

namespace {

/// A batch that is not there has no tasks either; which of the two it is makes a difference.
Awaitable<Result<int>> look_for_batch(Session& session, std::string id) {
  auto batch = co_await session.fleet().get(client::make_path("batches", id));
  if (!batch) co_return pass(batch);
  co_return status::done;
}

/// Again from its first output on, to its end.
Awaitable<Result<int>> follow_again(Session& session, std::string id) {
  auto task = co_await session.fleet().get(client::make_path("tasks", id));
  if (!task) co_return pass(task);
  co_return co_await follow_task(session, id);
}

}  // namespace

int run_task_ls(const Common& common, const TaskListOptions& options) {
  if (!options.batch.empty()) {
    Session session(common);
    const int found = session.run([&](Session& s) { return look_for_batch(s, options.batch); });
    if (found != status::done) return found;
  }
  Listing listing;
  listing.path = client::make_path("tasks");
  listing.query = {{"state", options.state}, {"batch", options.batch}, {"worker", options.worker}, {"node", options.node}};
  listing.limit = options.limit;
  listing.render = render_tasks;
  return run_listing(common, listing);
}

int run_task_show(const Common& common, const std::string& id) {
  Session session(common);
  return session.run([&](Session& s) { return show(s, id); });
}

int run_task_logs(const Common& common, const std::string& id, int attempt) {
  Session session(common);
  return session.run([&](Session& s) { return logs(s, id, attempt); });
}

int run_task_follow(const Common& common, const std::string& id) {
  Session session(common);
  return session.run([&](Session& s) { return follow_again(s, id); });
}

int run_task_why(const Common& common, const std::string& id) {
  Session session(common);
  return session.run([&](Session& s) { return why(s, id); });
}

int run_task_action(const Common& common, const std::vector<std::string>& ids, const std::string& what) {
  int worst = status::done;
  for (const std::string& id : ids) {
    Session session(common);
    const int code = session.run([&](Session& s) { return act(s, id, what); });
    if (code == status::no_hub || code == status::not_allowed || code == status::interrupted) return code;
    worst = std::max(worst, code);
  }
  return worst;
}

}  // namespace flotte::cli
