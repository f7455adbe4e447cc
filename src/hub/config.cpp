// Reads the hub's part of the configuration file.
#include "hub/config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "access/key.hpp"
#include "access/subscription.hpp"
#include "base/config.hpp"
#include "base/file.hpp"
#include "hub/reach.hpp"

namespace flotte::hub {
namespace {

/// "127.0.0.1:7700", "[::1]:7700" or ":7700".
Result<std::pair<std::string, std::uint16_t>> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string_view::npos || std::from_chars(text.data() + colon + 1, end, port).ptr != end || colon + 1 == text.size() ||
      port > 65535)
    return fail(Code::invalid_argument, fmt::format("listen = \"{}\" is no address", text),
                "write host:port, for example \"127.0.0.1:7700\"");
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return std::pair(host.empty() ? std::string("0.0.0.0") : std::string(host), static_cast<std::uint16_t>(port));
}

wire::WorkerInfo worker_of(const json::object& table) {
  wire::WorkerInfo w;
  w.name = json::string_or(table, "name", "");
  w.kind = json::string_or(table, "kind", "model");
  w.model = json::string_or(table, "model", "");
  w.slots = static_cast<int>(json::int_or(table, "slots", 1));
  w.labels = json::strings(table, "labels");
  w.exclusive = json::get_bool(table, "exclusive").value_or(false);
  return w;
}

route::RecorderLimits recorder_of(const json::object& hub) {
  route::RecorderLimits limits;
  const std::string what = json::string_or(hub, "record", "heads");
  limits.record = what == "off" ? route::Recording::off : what == "bodies" ? route::Recording::bodies : route::Recording::heads;
  const auto size = [&hub](std::string_view key, std::size_t fallback) {
    return static_cast<std::size_t>(json::int_or(hub, key, static_cast<std::int64_t>(fallback)));
  };
  limits.count = size("record_count", limits.count);
  limits.bytes = size("record_bytes", limits.bytes);
  limits.body_bytes = size("record_body", limits.body_bytes);
  limits.age = milliseconds(json::int_or(hub, "record_age", limits.age.count()));
  return limits;
}

Result<void> check_tls(const HubConfig& config, const json::object& hub) {
  const bool off = json::string_or(hub, "tls", "auto") == "off";
  if (config.tls_cert.empty() != config.tls_key.empty())
    return fail(Code::invalid_argument, "tls_cert and tls_key belong together: one of them is missing");
  if (off && !config.tls_cert.empty()) return fail(Code::invalid_argument, "tls = \"off\" and tls_cert contradict each other");
  if (!is_loopback(config.host) && config.tls_cert.empty() && !config.own_authority && !off)
    return fail(Code::invalid_argument, fmt::format("listen = \"{}:{}\" is beyond loopback and there is no TLS", config.host, config.port),
                "start it with --lan, give tls_cert and tls_key, or say tls = \"off\" if plain HTTP is meant");
  return {};
}

}  // namespace

int default_loops(unsigned processors) noexcept { return static_cast<int>(std::clamp(processors / 2, 1u, 8u)); }

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] ? std::string(name).substr(0, std::string_view(name).find('.')) : "hub";
}

std::string default_data_directory() {
  if (auto d = environment("FLOTTE_DATA"); !d.empty()) return d;
  if (auto d = environment("XDG_DATA_HOME"); !d.empty()) return d + "/flotte";
  return environment("HOME") + "/.local/share/flotte";
}

std::string default_config_file() {
  if (auto f = environment("FLOTTE_CONFIG"); !f.empty()) return f;
  if (auto d = environment("XDG_CONFIG_HOME"); !d.empty()) return d + "/flotte/flotte.toml";
  return environment("HOME") + "/.config/flotte/flotte.toml";
}

Result<HubConfig> HubConfig::load(const HubOptions& options) {
  const bool named = !options.config.empty();
  auto document =
      config::load(named ? options.config : default_config_file(), named ? config::Missing::is_error : config::Missing::is_empty);
  if (!document) return pass(document);
  HubConfig c;
  c.options = options;
  c.warnings = document->warnings;
  const json::object& hub = document->hub();
  c.name = json::string_or(hub, "name", host_name());
  c.data = options.data.empty() ? default_data_directory() : options.data;
  auto listen = parse_listen(json::string_or(hub, "listen", "127.0.0.1:7700"));
  if (!listen) return pass(listen, document->origin("hub.listen"));
  std::tie(c.host, c.port) = *listen;
  if (options.lan) c.host = every_address();
  c.tls_cert = json::string_or(hub, "tls_cert", "");
  c.tls_key = json::string_or(hub, "tls_key", "");
  c.own_authority = options.lan && c.tls_cert.empty() && json::string_or(hub, "tls", "auto") != "off";
  if (auto good = check_tls(c, hub); !good) return pass(good, document->origin("hub.listen"));
  if (json::string_or(hub, "database", "sqlite") != "sqlite")
    return fail(Code::unsupported, document->origin("hub.database") + ": this version knows only database = \"sqlite\"");
  c.node_lease = std::chrono::milliseconds(json::int_or(hub, "node_lease", 30'000));
  if (c.node_lease < std::chrono::seconds(1))
    return fail(Code::invalid_argument, document->origin("hub.node_lease") + ": node_lease must be at least 1s");
  c.suspend_grace = std::chrono::milliseconds(json::int_or(hub, "suspend_grace", 3'600'000));
  c.recorder = recorder_of(hub);
  c.access_log = json::string_or(hub, "access_log", "off");
  for (const auto& worker : document->list("worker")) {
    wire::WorkerInfo w = worker_of(worker.get_object());
    if (w.kind == "command") {
      auto limits = sandbox::Limits::parse(worker.get_object());
      if (!limits) return pass(limits, document->origin("worker"));
      c.command_limits[w.name] = *limits;
    }
    if (w.kind != "agent") c.workers.push_back(std::move(w));
  }
  for (std::size_t i = 0; i < document->list("engine").size(); ++i) {
    auto engine = engine::EngineConfig::from_json(document->list("engine")[i].get_object());
    if (!engine) return pass(engine, document->origin(fmt::format("engine[{}]", i)));
    c.engines.push_back(std::move(*engine));
  }
  const std::size_t from_file = document->list("provider").size();
  c.find = options.find;
  if (options.find) {
    c.keys = find_keys([](const std::string& name) { return environment(name.c_str()); }, access::is_own_key);
    add_providers(c.keys, document->root.at("provider").get_array());
  }
  const json::array& providers = document->list("provider");
  for (std::size_t i = from_file; i < providers.size(); ++i)
    c.environment_providers.push_back(json::string_or(providers[i].get_object(), "name", ""));
  route::ConfigSources sources;
  sources.environment = [](const std::string& name) {
    const std::string value = environment(name.c_str());
    return value.empty() ? std::nullopt : std::optional(value);
  };
  sources.file = [](const std::string& path) { return read_file(path, 64 * 1024); };
  sources.own_key = access::is_own_key;
  sources.login = access::certain_subscription_token;
  auto routes = route::parse_config(document->root, sources);
  if (!routes) return pass(routes, document->file);
  c.routes = std::move(*routes);
  auto catalog = route::Catalog::load(route::Catalog::path_beside(named ? options.config : default_config_file()));
  if (!catalog) return pass(catalog);
  c.routes.catalog = std::move(*catalog);
  c.warnings.insert(c.warnings.end(), c.routes.warnings.begin(), c.routes.warnings.end());
  const std::int64_t loops = json::int_or(hub, "loops", 0);
  c.loops = loops > 0 ? static_cast<int>(loops) : default_loops(std::thread::hardware_concurrency());
  return c;
}

}  // namespace flotte::hub
