// Workers of the hub's, and single nodes.
#include "cli/command/workers.hpp"

#include "base/async/wait.hpp"
#include "cli/command/listing.hpp"
#include "cli/screen/member.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

enum class Method { get, post, put, remove };
struct Call {
  Method method = Method::get;
  std::string path;
  json::object body;
  std::string (*render)(const json::object&) = nullptr;
  std::string echo = {};  // path of the worker that its node takes up in a moment; empty: nothing
};

constexpr std::chrono::milliseconds echo_step{100};
constexpr int echo_looks = 30;  // 3 s

/// Whether the node has taken up what was asked for. An alias becomes the name that it stands for, so a model only has to be another one.
bool has_echoed(const json::object& shown, const json::object& before, const json::object& wanted) {
  if (text(shown, "state") == "away") return false;
  for (const std::string_view key : {"slots", "labels", "exclusive"}) {
    const auto asked = wanted.find(key), is = shown.find(key);
    if (asked != wanted.end() && (is == shown.end() || asked->value() != is->value())) return false;
  }
  const std::string model = text(wanted, "model");
  return model.empty() || text(before, "state") == "away" || text(shown, "model") == model || text(shown, "model") != text(before, "model");
}

/// A worker as its node has taken it up; where that takes longer, as the hub was told. A node that is away takes it up when it links again.
Awaitable<json::object> wait_for_echo(client::Fleet& fleet, std::string path, json::object before, json::object wanted) {
  for (int look = 0; look < echo_looks; ++look) {
    auto shown = co_await fleet.get(path);
    if (!shown) break;
    if (has_echoed(*shown, before, wanted)) co_return std::move(*shown);
    const bool rested = co_await sleep_for(echo_step);
    if (!rested) break;
  }
  for (const auto& [key, value] : wanted) before[key] = value;
  if (text(before, "message").empty()) before["message"] = "its node takes that up in a moment";
  co_return before;
}

Awaitable<Result<int>> perform(Session& session, Call call) {
  const json::object wanted = call.body;
  Result<json::object> answer = json::object{};
  if (call.method == Method::get) answer = co_await session.fleet().get(call.path);
  if (call.method == Method::post) answer = co_await session.fleet().post(call.path, std::move(call.body));
  if (call.method == Method::put) answer = co_await session.fleet().put(call.path, std::move(call.body));
  if (call.method == Method::remove) answer = co_await session.fleet().remove(call.path);
  if (!answer) co_return pass(answer);
  if (!call.echo.empty()) {
    json::object echoed = co_await wait_for_echo(session.fleet(), call.echo, std::move(*answer), wanted);
    answer = std::move(echoed);
  }
  if (session.common().json())
    print_json(json::value(*answer));
  else
    print(call.render(*answer));
  co_return status::done;
}

int run(const Common& common, const Call& call) {
  Session session(common);
  return session.run([&](Session& s) { return perform(s, call); });
}

/// "reader@box"; a name without a node is home's.
std::string id_of(const WorkerSettings& settings) {
  if (settings.name.find('@') != std::string::npos) return settings.name;
  return settings.name + "@" + (settings.node.empty() ? "home" : settings.node);
}

json::object body_of(const WorkerSettings& settings) {
  json::object body;
  if (!settings.model.empty()) body["model"] = settings.model;
  if (settings.slots > 0) body["slots"] = settings.slots;
  if (settings.labels) body["labels"] = json::array(settings.labels->begin(), settings.labels->end());
  if (settings.exclusive) body["exclusive"] = *settings.exclusive;
  return body;
}

std::string render_worker(const json::object& o) {
  const std::vector<std::string> labels = json::strings(o, "labels");
  std::string out = fmt::format(
      "{}: {}, model {}, {} slot{}{}{}\n", text(o, "id"), text(o, "state"), text(o, "model").empty() ? "-" : text(o, "model"),
      json::int_or(o, "slots", 1), json::int_or(o, "slots", 1) == 1 ? "" : "s",
      labels.empty() ? "" : fmt::format(", labels {}", fmt::join(labels, ", ")), text(o, "origin") == "hub" ? ", defined at the hub" : "");
  if (const std::string message = text(o, "message"); !message.empty()) out += fmt::format("  {}\n", make_line(message));
  return out;
}

std::string render_removed(const json::object& o) {
  return fmt::format("{} is no worker any more; what it runs, it ends\n", text(o, "id"));
}

std::string render_waking(const json::object& o) {
  const json::object* waking = json::get_object(o, "waking");
  return fmt::format("waking {}: a magic packet was sent by {}; `flotte node ls` shows when it is linked\n", text(o, "name"),
                     waking ? text(*waking, "by") : "a node near it");
}

/// "15.6 GiB"; empty for 0.
std::string size(std::int64_t mb) {
  return mb >= 10 * 1024 ? fmt::format("{:.0f} GiB", static_cast<double>(mb) / 1024)
                         : fmt::format("{:.1f} GiB", static_cast<double>(mb) / 1024);
}

std::string line(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("{:<10} {}\n", name, make_line(value));
}

const json::object& object_or_none(const json::object& o, std::string_view key) {
  static const json::object none;
  const json::object* found = json::get_object(o, key);
  return found ? *found : none;
}

std::vector<const json::object*> objects(const json::object& o, std::string_view key) {
  std::vector<const json::object*> out;
  if (const json::array* list = json::get_array(o, key))
    for (const json::value& value : *list)
      if (const json::object* one = value.if_object()) out.push_back(one);
  return out;
}

std::string capacity_lines(const json::object& has) {
  std::string out;
  const auto number = [&](std::string_view key) { return json::int_or(has, key, 0); };
  if (number("cores") > 0) out += line("cores", std::to_string(number("cores")));
  if (number("memory_mb") > 0)
    out += line("memory", fmt::format("{}, {} available", size(number("memory_mb")), size(number("memory_available_mb"))));
  if (number("disk_mb") > 0) out += line("disk", fmt::format("{}, {} free", size(number("disk_mb")), size(number("disk_free_mb"))));
  for (const json::object* gpu : objects(has, "gpus")) {
    const std::int64_t total = json::int_or(*gpu, "memory_mb", 0);
    out += line("gpu", text(*gpu, "name") +
                           (total > 0 ? fmt::format(", {}, {} free", size(total), size(json::int_or(*gpu, "memory_free_mb", 0))) : ""));
  }
  if (const auto percent = json::get_int(has, "battery_percent"))
    out += line("power", fmt::format("{}, battery at {} %", text(has, "power"), *percent));
  else
    out += line("power", text(has, "power"));
  if (const auto metered = json::get_bool(has, "metered"))
    out += line("network", *metered ? "metered: traffic is paid for" : "not metered");
  for (const json::object* card : objects(has, "networks"))
    out += line("card", fmt::format("{} {}{}{}", text(*card, "name"), text(*card, "mac"),
                                    text(*card, "subnet").empty() ? "" : " in " + text(*card, "subnet"),
                                    json::get_bool(*card, "wired").value_or(false) ? "" : ", wireless"));
  for (const json::object* agent : objects(has, "agents")) {
    const auto logged_in = json::get_bool(*agent, "logged_in");
    out += line("agent", fmt::format("{} {} at {}{}", text(*agent, "title"), text(*agent, "version"), text(*agent, "path"),
                                     !logged_in   ? ""
                                     : *logged_in ? ", logged in"
                                                  : ", not logged in"));
  }
  return out;
}

}  // namespace

std::string render_node(const json::object& node) {
  const json::object& host = object_or_none(node, "host");
  const json::object& has = object_or_none(node, "capacity");
  std::string out = line("node", fmt::format("{} ({})", text(node, "name"), text(node, "id"))) + line("state", text(node, "state"));
  out += line("machine",
              fmt::format("{}, {} {}, flotte {}", text(host, "hostname"), text(host, "os"), text(host, "arch"), text(host, "version")));
  std::vector<std::string> labels = json::strings(host, "labels");
  for (const json::object* from : {&node, &has})
    for (std::string& label : json::strings(*from, "labels")) labels.push_back(std::move(label));
  out += line("labels", fmt::format("{}", fmt::join(labels, ", ")));
  out += capacity_lines(has);
  for (const json::object* engine : objects(node, "engines"))
    out += line("engine",
                fmt::format("{} {}: {}", text(*engine, "name"), text(*engine, "state"), fmt::join(json::strings(*engine, "models"), ", ")));
  const json::object& waking = object_or_none(node, "waking");
  if (json::get_bool(node, "wake").value_or(false)) out += line("wake", "may be woken by network");
  if (!waking.empty())
    out += line("waking", text(waking, "why").empty()
                              ? fmt::format("called {} times by {}", json::int_or(waking, "packets", 0), text(waking, "by"))
                              : text(waking, "why"));
  const auto seen = objects(node, "seen");
  if (!seen.empty()) out += "\nseen, not usable\n";
  for (const json::object* one : seen) {
    const std::string hint = text(*one, "hint");
    out += fmt::format("  {:<8} {}: {}{}\n", text(*one, "kind"), make_line(text(*one, "name")), make_line(text(*one, "why")),
                       hint.empty() ? "" : " (" + make_line(hint) + ")");
  }
  return out;
}

int run_worker_add(const Common& common, const WorkerSettings& settings) {
  json::object body = body_of(settings);
  const std::string id = id_of(settings);
  const std::size_t at = id.rfind('@');
  body["name"] = id.substr(0, at);
  body["node"] = id.substr(at + 1);
  return run(common, {Method::post, client::make_path("workers"), std::move(body), render_worker, client::make_path("workers", id)});
}

int run_worker_set(const Common& common, const WorkerSettings& settings) {
  json::object body = body_of(settings);
  if (body.empty()) {
    report(Error(Code::invalid_argument, "nothing to set", "give --model, --slots, --label or --exclusive"), common.output);
    return status::usage;
  }
  const std::string path = client::make_path("workers", id_of(settings));
  return run(common, {Method::put, path, std::move(body), render_worker, path});
}

int run_worker_rm(const Common& common, const std::string& worker) {
  return run(common, {Method::remove, client::make_path("workers", id_of({.name = worker})), {}, render_removed});
}

int run_worker_show(const Common& common, const std::string& worker) {
  return run(common, {Method::get, client::make_path("workers", id_of({.name = worker})), {}, render_worker});
}

int run_node_show(const Common& common, const std::string& node) {
  return run(common, {Method::get, client::make_path("nodes", node), {}, render_node});
}

int run_node_wake(const Common& common, const std::string& node) {
  return run(common, {Method::post, client::make_path("nodes", node, "wake"), {}, render_waking});
}

}  // namespace flotte::cli
