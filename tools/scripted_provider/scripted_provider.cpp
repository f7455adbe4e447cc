// Receiving, remembering, and the control paths.
#include "scripted_provider.hpp"

#include <charconv>

namespace flotte::scripted {
namespace {

constexpr std::string_view banner = "scripted provider, simulated";

constexpr std::pair<std::string_view, Form> forms[] = {{"/chat/completions", Form::chat},
                                                       {"/responses", Form::responses},
                                                       {"/messages", Form::messages},
                                                       {"/messages/count_tokens", Form::count_tokens},
                                                       {"/embeddings", Form::embeddings},
                                                       {":generateContent", Form::gemini},
                                                       {":streamGenerateContent", Form::gemini},
                                                       {"/api/chat", Form::ollama}};

Awaitable<void> answer_json(http::ServerCall& call, int status, json::value body) {
  http::Response response = http::Response::json(status, json::dump(body));
  (void)co_await call.respond(std::move(response));
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t n = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return n;
}

}  // namespace

Scenario Scenario::parse(std::string_view text) {
  Scenario scenario;
  const std::size_t colon = text.find(':');
  scenario.name = text.substr(0, colon);
  std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) scenario.options[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  }
  return scenario;
}

std::int64_t Scenario::number(const std::string& option, std::int64_t fallback) const {
  const auto it = options.find(option);
  return it == options.end() ? fallback : scripted::number(it->second).value_or(fallback);
}

json::object Logged::to_json() const {
  json::object o;
  o["number"] = number;
  o["method"] = head.method;
  o["target"] = head.target;
  json::array& headers = o["headers"].emplace_array();
  for (const auto& [name, value] : head.headers) headers.push_back(json::array{json::value(name), json::value(value)});
  o["peer"] = peer;
  o["body"] = body;
  o["sent_bytes"] = sent.size();
  o["state"] = state;
  return o;
}

bool Play::stream() const {
  if (form == Form::gemini) return call.head().path().ends_with(":streamGenerateContent");
  return json::get_bool(request, "stream").value_or(form == Form::ollama);
}

bool Play::wants_usage() const {
  const json::object* options = json::get_object(request, "stream_options");
  return options && json::get_bool(*options, "include_usage").value_or(false);
}

ScriptedProvider::ScriptedProvider(Executor executor, Options options) : executor_(executor), options_(std::move(options)) {}

void ScriptedProvider::acknowledge(std::int64_t n) { acknowledged_ = std::max(acknowledged_, n); }

void ScriptedProvider::clear_log() {
  log_.remove_if([](const Logged& entry) { return entry.state != "running"; });
  acknowledged_ = 0;
}

Awaitable<bool> ScriptedProvider::pause(Play& play, std::int64_t ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (!play.call.gone() && std::chrono::steady_clock::now() < end) {
    const std::chrono::steady_clock::duration slice =
        std::min<std::chrono::steady_clock::duration>(std::chrono::milliseconds(5), end - std::chrono::steady_clock::now());
    if (!co_await sleep_for(slice)) co_return false;
  }
  co_return !play.call.gone();
}

Awaitable<bool> ScriptedProvider::acknowledged(Play& play, std::int64_t n) {
  // With braces and a name: g++ 12 makes wrong code of a bare `if (!co_await ...)` under a loop.
  while (!play.call.gone() && acknowledged_ < n) {
    const bool slept = co_await sleep_for(std::chrono::milliseconds(2));
    if (!slept) co_return false;
  }
  co_return !play.call.gone();
}

Awaitable<bool> ScriptedProvider::send(Play& play, std::string_view bytes) {
  const auto sent = co_await play.call.write(bytes);
  if (sent)
    play.log.sent.append(bytes);
  else
    play.left = true;
  co_return sent.has_value();
}

Scenario ScriptedProvider::choose(const http::ServerCall& call, const std::string& model) const {
  if (const auto header = call.head().headers.get("x-scenario")) return Scenario::parse(*header);
  Scenario named = Scenario::parse(model);
  if (find_script(named.name)) return named;
  return Scenario::parse(options_.scenario.empty() ? "normal" : std::string_view(options_.scenario));
}

Awaitable<void> ScriptedProvider::play(http::ServerCall& call, Form form) {
  auto body = co_await call.read_body();
  Logged& log = log_.emplace_back();
  log.number = ++last_number_;
  log.head = call.head();
  log.peer = call.peer();
  if (!body) {
    log.state = "gone";
    co_return;
  }
  log.body = std::move(*body);
  Play play{call, log, {}, json::parse_object(log.body).value_or(json::object())};
  play.form = form;
  play.scenario = choose(call, play.model());
  const auto bearer = call.head().headers.get("authorization");
  const auto key = call.head().headers.get(form == Form::gemini ? "x-goog-api-key" : "x-api-key");
  const Script script = find_script(play.scenario.name);
  if (!options_.key.empty() && bearer != "Bearer " + options_.key && key != options_.key) {
    play.scenario = Scenario::parse("status:status=401");
    co_await find_script("status")(*this, play);
  } else if (!script) {
    play.scenario = Scenario::parse("status:status=400");
    co_await find_script("status")(*this, play);
  } else {
    co_await script(*this, play);
  }
  log.state = play.left || call.gone() ? "gone" : "done";
}

Awaitable<void> ScriptedProvider::control(http::ServerCall& call, std::string_view path) {
  auto body = co_await call.read_body();
  const json::object request = body ? json::parse_object(*body).value_or(json::object()) : json::object();
  json::object answer;
  if (path == "/control/ack") {
    acknowledge(json::int_or(request, "n", 0));
  } else if (path == "/control/scenario") {
    options_.scenario = json::string_or(request, "scenario", "normal");
  } else if (path == "/control/log" && call.head().method == "DELETE") {
    clear_log();
  } else if (path == "/control/log") {
    json::array& list = answer["requests"].emplace_array();
    for (const Logged& entry : log_) list.push_back(entry.to_json());
  } else if (path.starts_with("/control/log/")) {
    const std::string_view rest = path.substr(13);
    const auto wanted = number(rest.substr(0, rest.find('/')));
    for (const Logged& entry : log_) {
      if (entry.number != wanted) continue;
      http::Response raw = http::Response::text(200, rest.ends_with("/sent") ? entry.sent : entry.body);
      (void)co_await call.respond(std::move(raw));
      co_return;
    }
    http::Response missing = http::Response::text(404, "no such request\n");
    (void)co_await call.respond(std::move(missing));
    co_return;
  }
  answer["ok"] = true;
  json::value value(std::move(answer));
  co_await answer_json(call, 200, std::move(value));
}

Awaitable<void> ScriptedProvider::handle(http::ServerCall& call) {
  const std::string path(call.head().path());
  for (const auto& [end, form] : forms)
    if (path.ends_with(end)) co_return co_await play(call, form);
  if (path.starts_with("/control/")) co_return co_await control(call, path);
  if (path.ends_with("/models")) {
    const auto bearer = call.head().headers.get("authorization"), key = call.head().headers.get("x-api-key");
    if (!options_.key.empty() && bearer != "Bearer " + options_.key && key != options_.key) {
      http::Response refused = http::Response::json(401, R"({"error":{"message":"simulated: unknown key","type":"simulated"}})");
      (void)co_await call.respond(std::move(refused));
      co_return;
    }
    json::object list;
    list["object"] = "list";
    json::array& data = list["data"].emplace_array();
    for (const std::string_view name : script_names()) {
      json::object model;
      model["id"] = name;
      model["object"] = "model";
      model["created"] = 0;
      model["owned_by"] = banner;
      data.push_back(std::move(model));
    }
    json::value value(std::move(list));
    co_return co_await answer_json(call, 200, std::move(value));
  }
  http::Response response = http::Response::text(path == "/" || path == "/health" ? 200 : 404, std::string(banner) + "\n");
  (void)co_await call.respond(std::move(response));
}

}  // namespace flotte::scripted
