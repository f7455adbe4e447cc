// One look after the other.
#include "engine/find/finder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/log.hpp"
#include "engine/ask.hpp"
#include "engine/find/places.hpp"
#include "engine/llama_server.hpp"

namespace flotte::engine {
namespace {

using namespace std::chrono_literals;
constexpr auto between_looks = 10s;
constexpr auto while_unsettled = 1s;
constexpr auto probe_patience = 800ms;

bool same_directory(const std::string& a, const std::string& b) {
  std::error_code error;
  return !a.empty() && std::filesystem::equivalent(a, b, error);
}

}  // namespace

bool is_llama_server(const json::object& models) {
  const json::array* items = json::get_array(models, "data");
  if (!items || items->empty() || !items->front().is_object()) return false;
  return json::string_or(items->front().get_object(), "owned_by", "") == "llamacpp";
}

Finder::Finder(Engines& engines, Options options, std::function<void(const Found&)> on_look)
    : engines_(engines), options_(std::move(options)), on_look_(std::move(on_look)) {
  if (auto ollama = ollama_url(options_.ollama_host))
    places_.push_back({"ollama", "ollama", "Ollama", std::move(*ollama)});
  else
    found_.ollama_wrong = ollama.error().message;
  places_.push_back({"llama-server", "openai", "llama-server", std::string(usual_llama_server)});
  std::erase_if(places_, [this](const Probe& place) { return is_configured(place) || is_loopback_port(place.url, options_.own_port); });
}

/// What the file names is not found a second time.
bool Finder::is_configured(const Probe& place) const {
  for (const EngineConfig& engine : options_.configured) {
    std::string url = engine.base_url;
    if (url.empty() && engine.kind == "ollama") url = "http://127.0.0.1:11434";
    const auto theirs = http::Url::parse(url), ours = http::Url::parse(place.url);
    if (theirs && ours && theirs->port == ours->port && (theirs->host == ours->host || is_loopback_port(url, ours->port))) return true;
  }
  return false;
}

std::string Finder::free_name(std::string name) const {
  const auto taken = [&name](const EngineConfig& engine) { return engine.name == name; };
  while (std::any_of(options_.configured.begin(), options_.configured.end(), taken)) name += "-found";
  return name;
}

Awaitable<void> Finder::run() {
  for (;;) {
    co_await look();
    on_look_(found_);
    const std::chrono::milliseconds rest = found_.files.unsettled ? while_unsettled : between_looks;
    const bool rested = co_await sleep_for(rest);
    if (!rested) co_return;
  }
}

/// `place` is this object's and stays where it is; a probe outlives the look only when that was cancelled.
Awaitable<void> Finder::probe(Probe& place, std::shared_ptr<int> left) {
  const bool ollama = std::string_view(place.kind) == "ollama";
  auto answer = co_await ask_url(engines_.client(), place.url, ollama ? "/api/version" : "/v1/models", probe_patience);
  place.answers = answer && (ollama ? json::get_string(*answer, "version").has_value() : is_llama_server(*answer));
  --*left;
}

bool Finder::claim() {
  if (claim_) return true;
  const std::string data = std::filesystem::path(options_.models).parent_path().string();
  Descriptor directory(::open(data.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return true;  // nothing there that two could share
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return false;
  claim_ = std::move(directory);
  return true;
}

Awaitable<void> Finder::look() {
  if (!claim()) {
    found_.files = look_for_models(options_.models, system_clock().wall(), options_.memory_mb);
    found_.file = found_.files.usable.empty() ? std::string() : found_.files.usable.front();
    found_.no_program = found_.file.empty() ? "" : "another flotte on this machine has this data directory and uses it";
    co_return;
  }
  auto left = std::make_shared<int>(0);
  for (Probe& place : places_) {
    if (place.used) continue;
    ++*left;
    place.answers = false;
    engines_.scope().spawn("probe", probe(place, left));
  }
  const auto end = std::chrono::steady_clock::now() + 2 * probe_patience;
  while (*left > 0 && std::chrono::steady_clock::now() < end) {
    const bool waited = co_await sleep_for(5ms);
    if (!waited) co_return;
  }
  co_await use_servers();
  co_await use_files();
}

Awaitable<void> Finder::use_servers() {
  for (Probe& place : places_) {
    if (place.used || !place.answers) continue;
    EngineConfig config;
    config.name = free_name(place.engine);
    config.kind = place.kind;
    config.base_url = place.url;
    found_.servers.push_back({config.name, place.title, place.url});
    log::info("engine found", {{"engine", config.name}, {"url", place.url}});
    auto put = co_await engines_.put(std::move(config));
    if (!put) log::warning("what was found cannot be used", {{"url", place.url}, {"why", put.error().text()}});
    place.used = true;
  }
}

/// One of them runs: the one that runs already, else the first by name.
Awaitable<void> Finder::use_files() {
  for (const EngineConfig& engine : options_.configured) {
    const std::string directory = engine.models.empty() ? std::filesystem::path(engine.model).parent_path().string() : engine.models;
    if (engine.kind == "llama-server" && same_directory(directory, options_.models)) co_return;
  }
  found_.files = look_for_models(options_.models, system_clock().wall(), options_.memory_mb);
  const auto& usable = found_.files.usable;
  if (!running_file_.empty() && ::access(running_file_.c_str(), R_OK) == 0) co_return;
  found_.file = usable.empty() ? std::string() : usable.front();
  found_.no_program.clear();
  if (found_.file.empty()) co_return;
  EngineConfig config;
  config.name = free_name("llama");
  config.model = found_.file;
  if (auto program = find_llama_server(config); !program) {
    found_.no_program = program.error().text();
    co_return;
  }
  log::info("model found", {{"file", found_.file}});
  running_file_ = found_.file;
  auto put = co_await engines_.put(std::move(config));
  if (!put) log::warning("what was found cannot be used", {{"file", running_file_}, {"why", put.error().text()}});
}

}  // namespace flotte::engine
