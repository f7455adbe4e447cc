// Nodes, workers, models, usage and keys.
#include "cli/command/fleet.hpp"

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/units.hpp"
#include "cli/command/listing.hpp"
#include "cli/screen/local_time.hpp"
#include "cli/screen/screen.hpp"

#include <unistd.h>

namespace flotte::cli {
namespace {

int list(const Common& common, Listing listing) { return run_listing(common, listing); }

/// A request whose answer is an object, and the line that says it to people.
struct Action {
  enum class Method { post, patch, remove };
  Method method = Method::post;
  std::string path;
  json::object body;
  std::function<std::string(const json::object&)> render;
};

Awaitable<Result<int>> perform(Session& session, Action action) {
  Result<json::object> answer = json::object{};
  if (action.method == Action::Method::post) {
    answer = co_await session.fleet().post(action.path, std::move(action.body));
  } else if (action.method == Action::Method::patch) {
    answer = co_await session.fleet().patch(action.path, std::move(action.body));
  } else {
    auto removed = co_await session.fleet().remove(action.path);
    if (removed)
      answer = std::move(*removed);
    else
      answer = pass(removed);
  }
  if (!answer) co_return pass(answer);
  if (session.common().json())
    print_json(json::value(*answer));
  else
    print(action.render(*answer));
  co_return status::done;
}

int act(const Common& common, const Action& action) {
  Session session(common);
  return session.run([&](Session& s) { return perform(s, action); });
}

std::string name_and(const json::object& o, const std::string& fallback, std::string_view what) {
  return fmt::format("{} {}\n", json::string_or(o, "name", fallback), what);
}

/// "http://127.0.0.1:7700#CODE": what others cannot reach.
bool only_here(std::string_view join) {
  const auto url = http::Url::parse(join.substr(0, join.find('#')));
  return url && (url->host == "localhost" || url->host == "::1" || url->host == "[::1]" || url->host.starts_with("127."));
}

std::string render_invite(const json::object& o) {
  const std::string until = local_time(json::string_or(o, "expires_at", ""));
  // The command alone goes to standard output, so that it can be piped to a machine.
  if (only_here(json::string_or(o, "join", "")))
    write_all(
        STDERR_FILENO,
        fmt::format("this hub is reached from this machine only, so the line makes a node on this machine only (good once, until {}); "
                    "for other machines start the hub with `flotte up --lan`:\n",
                    until));
  else
    write_all(STDERR_FILENO, fmt::format("paste this on the machine that is to join (good once, until {}):\n", until));
  return json::string_or(o, "command", "") + "\n";
}

std::string render_new_key(const json::object& o) {
  write_all(STDERR_FILENO, "the key is shown only now; keep it somewhere safe:\n");
  return json::string_or(o, "key", "") + "\n";
}

}  // namespace

int run_node_ls(const Common& common) { return list(common, {client::make_path("nodes"), {}, 0, render_nodes}); }

namespace {

json::object body_of(const NodeSettings& settings) {
  json::object body;
  if (!settings.name.empty()) body["name"] = settings.name;
  if (settings.labels) body["labels"] = json::array(settings.labels->begin(), settings.labels->end());
  return body;
}

std::string labels_of(const json::object& node) {
  const std::vector<std::string> labels = json::strings(node, "labels");
  return labels.empty() ? "no labels of the hub's" : fmt::format("labels {}", fmt::join(labels, ", "));
}

}  // namespace

int run_node_invite(const Common& common, const NodeSettings& settings) {
  return act(common, {Action::Method::post, client::make_path("invites"), body_of(settings), render_invite});
}

int run_node_set(const Common& common, const std::string& node, const NodeSettings& settings) {
  if (settings.name.empty() && !settings.labels) {
    report(Error(Code::invalid_argument, "nothing to set", "give --name NEW, --label LABEL or --no-labels"), common.output);
    return status::usage;
  }
  const auto render = [node](const json::object& o) { return fmt::format("{}: {}\n", json::string_or(o, "name", node), labels_of(o)); };
  return act(common, {Action::Method::patch, client::make_path("nodes", node), body_of(settings), render});
}

int run_node_drain(const Common& common, const std::string& name) {
  const auto render = [name](const json::object& o) {
    return name_and(o, name, "gets no new work; what runs there runs to its end. `flotte node resume` ends that");
  };
  return act(common, {Action::Method::post, client::make_path("nodes", name, "drain"), {}, render});
}

int run_node_suspend(const Common& common, const std::string& name, std::int64_t seconds) {
  json::object body;
  if (seconds > 0) body["seconds"] = seconds;
  const auto render = [name](const json::object& o) {
    const auto until = json::get_string(o, "suspended_until");
    return name_and(
        o, name,
        until ? fmt::format("sleeps; its commands stand still and go on when it wakes; if it has not by {}, they are given to others",
                            local_time(*until))
              : std::string("sleeps; its work goes back to the queue"));
  };
  return act(common, {Action::Method::post, client::make_path("nodes", name, "suspend"), std::move(body), render});
}

int run_node_resume(const Common& common, const std::string& name) {
  json::object body;
  body["draining"] = false;
  const auto render = [name](const json::object& o) { return name_and(o, name, "gets work again"); };
  return act(common, {Action::Method::patch, client::make_path("nodes", name), std::move(body), render});
}

int run_node_rm(const Common& common, const std::string& name) {
  const auto render = [name](const json::object& o) { return name_and(o, name, "was revoked; its work goes back to the queue"); };
  return act(common, {Action::Method::remove, client::make_path("nodes", name), {}, render});
}

int run_worker_ls(const Common& common, const std::string& node) {
  return list(common, {client::make_path("workers"), {{"node", node}}, 0, render_workers_table});
}

int run_model_ls(const Common& common) { return list(common, {client::make_path("models"), {}, 0, render_models}); }

int run_usage(const Common& common, const UsageOptions& options) {
  std::string from = options.from;
  if (!options.last.empty()) {
    const auto time = parse_duration(options.last);
    if (!time) {
      report(Error(Code::invalid_argument, fmt::format("--last {} is no time", options.last), "as in 7d or 12h"), common.output);
      return status::usage;
    }
    from = to_rfc3339(system_clock().wall() - *time);
  }
  return list(common, {client::make_path("usage"), {{"by", options.by}, {"from", from}, {"to", options.to}}, 0, render_usage});
}

int run_key_add(const Common& common, const KeyOptions& options) {
  for (const auto& [option, amount] : {std::pair("--budget-day", &options.budget_day), std::pair("--budget-month", &options.budget_month)})
    if (const auto parsed = parse_usd(*amount); !amount->empty() && (!parsed || *parsed < 0)) {
      report(Error(Code::invalid_argument, fmt::format("{} wants dollars, not \"{}\"", option, *amount), "as in 5 or 0.50"), common.output);
      return status::usage;
    }
  json::object body;
  body["name"] = options.name;
  body["scopes"] = json::array(options.scopes.begin(), options.scopes.end());
  if (!options.models.empty()) body["models"] = json::array(options.models.begin(), options.models.end());
  if (!options.providers.empty()) body["providers"] = json::array(options.providers.begin(), options.providers.end());
  if (options.rpm > 0) body["rpm"] = options.rpm;
  if (options.weight > 0) body["weight"] = options.weight;
  if (!options.budget_day.empty()) body["budget_day_usd"] = options.budget_day;
  if (!options.budget_month.empty()) body["budget_month_usd"] = options.budget_month;
  return act(common, {Action::Method::post, client::make_path("keys"), std::move(body), render_new_key});
}

int run_key_ls(const Common& common) { return list(common, {client::make_path("keys"), {}, 0, render_keys}); }

int run_key_rm(const Common& common, const std::string& name) {
  const auto render = [name](const json::object& o) { return name_and(o, name, "was revoked"); };
  return act(common, {Action::Method::remove, client::make_path("keys", name), {}, render});
}

}  // namespace flotte::cli
