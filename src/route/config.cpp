// From the configuration's tables to providers and models.
#include "route/config.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "http/client.hpp"
#include "route/detail/parse_model.hpp"
#include "route/provider_kind.hpp"

namespace flotte::route {
namespace {

Failure wrong(std::string_view where, std::string_view what, std::string hint = {}) {
  return fail(Code::invalid_argument, fmt::format("{}: {}", where, what), std::move(hint));
}

/// "250ms", "30s", "2m", "1h", or milliseconds, as a document that was read from a file has it.
std::optional<std::chrono::milliseconds> parse_duration(const json::value& value) {
  if (value.is_int64()) return std::chrono::milliseconds(value.get_int64());
  if (!value.is_string()) return std::nullopt;
  const std::string_view text(value.get_string().data(), value.get_string().size());
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > 1e9) return std::nullopt;
  const std::string_view unit(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
  const double factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  if (factor == 0) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
}

Result<Timeouts> parse_timeouts(const json::object& table, std::string_view where) {
  Timeouts timeouts;
  const std::pair<std::string_view, std::chrono::milliseconds*> known[] = {
      {"connect", &timeouts.connect}, {"first_token", &timeouts.first_token}, {"idle", &timeouts.idle}};
  for (const auto& [name, place] : known) {
    const auto it = table.find(name);
    if (it == table.end()) continue;
    const auto duration = parse_duration(it->value());
    if (!duration || duration->count() == 0) return wrong(where, fmt::format("timeouts.{} must be a time such as \"30s\"", name));
    *place = *duration;
  }
  return timeouts;
}

Result<Limits> parse_limits(const json::object& table, std::string_view where) {
  Limits limits;
  const std::pair<std::string_view, std::int64_t*> known[] = {
      {"rpm", &limits.rpm}, {"tpm", &limits.tpm}, {"concurrent", &limits.concurrent}};
  for (const auto& [name, place] : known) {
    const auto it = table.find(name);
    if (it == table.end()) continue;
    if (!it->value().is_int64() || it->value().get_int64() < 0 || it->value().get_int64() > 1'000'000'000)
      return wrong(where, fmt::format("limits.{} must be a whole number such as 50; 0 is no limit", name));
    *place = it->value().get_int64();
  }
  return limits;
}

/// The key that "env:NAME", "file:PATH" or a literal stands for; nothing, with `why`, where there is none.
std::optional<std::string> read_key(const std::string& text, const ConfigSources& sources, std::string& why) {
  if (text.starts_with("env:")) {
    auto value = sources.environment ? sources.environment(text.substr(4)) : std::nullopt;
    if (value && !value->empty()) return value;
    why = fmt::format("the environment variable {} is not set", text.substr(4));
    return std::nullopt;
  }
  if (!text.starts_with("file:")) return text;
  auto content = sources.file ? sources.file(text.substr(5)) : Result<std::string>(fail(Code::io, "no files here"));
  if (!content) {
    why = content.error().message;
    return std::nullopt;
  }
  while (!content->empty() && std::isspace(static_cast<unsigned char>(content->back()))) content->pop_back();
  if (!content->empty()) return *content;
  why = fmt::format("the file {} is empty", text.substr(5));
  return std::nullopt;
}

bool plain_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Those of the list that this version knows; the dialect's own where there is no list.
dialect::ApiSet read_apis(const json::object& table, const ProviderKind& kind) {
  const auto names = json::strings(table, "apis");
  if (names.empty()) return kind.apis;
  dialect::ApiSet apis;
  for (const std::string& name : names)
    if (const auto api = dialect::find_api(name)) apis.add(*api);
  return apis;
}

/// Fills `spec` or says in `off` why the provider cannot be used. Errors are mistakes in the file.
Result<void> parse_provider(const json::object& table, const ConfigSources& sources, ProviderSpec& spec, std::string& off,
                            std::string& warning) {
  const std::string where = fmt::format("provider \"{}\"", spec.name);
  spec.dialect = json::string_or(table, "dialect", "openai");
  const ProviderKind* kind = find_provider_kind(spec.dialect);
  if (!kind) {
    off = fmt::format("this version does not speak the dialect \"{}\"; it speaks {}", spec.dialect, provider_kind_names());
    return {};
  }
  auto via = Door::parse(json::string_or(table, "via", "direct"));
  if (!via) return wrong(where, via.error().message, via.error().hint);
  spec.via = std::move(*via);
  spec.apis = read_apis(table, *kind);
  if (spec.apis.empty()) {
    off = fmt::format("this version speaks the apis {}, and `apis` lists none of them", dialect::names_of(dialect::all_apis));
    return {};
  }
  spec.base_url = provider_base_url(*kind, json::string_or(table, "base_url", kind->base_url));
  if (const auto url = http::Url::parse(spec.base_url); !url) return wrong(where, "base_url: " + url.error().message);
  if (const json::object* timeouts = json::get_object(table, "timeouts")) {
    auto parsed = parse_timeouts(*timeouts, where);
    if (!parsed) return pass(parsed);
    spec.timeouts = *parsed;
  }
  if (const json::object* limits = json::get_object(table, "limits")) {
    auto parsed = parse_limits(*limits, where);
    if (!parsed) return pass(parsed);
    spec.limits = *parsed;
  }
  const auto key_text = json::get_string(table, "api_key");
  if (!key_text) {
    // A server of one's own may do without a key; the vendor's does not.
    if (spec.base_url == kind->base_url && !kind->keyless) off = "it has no api_key";
    return {};
  }
  auto key = read_key(std::string(*key_text), sources, off);
  if (!key) return {};
  if (!plain_header_text(*key)) {
    off = "its api_key has characters that no key has";
    return {};
  }
  if (sources.own_key && sources.own_key(*key))
    return wrong(where, "its api_key is one of flotte's own keys", "use a key that the provider gave you; a hub must not call itself");
  if (const auto login = sources.login ? sources.login(*key) : std::nullopt) {
    off = fmt::format("its api_key is {}, no API key: a subscription belongs to its vendor's own program", *login);
    return {};
  }
  if (!key_text->starts_with("env:") && !key_text->starts_with("file:"))
    warning = "its api_key stands in the file itself; \"env:NAME\" or \"file:PATH\" would keep it out";
  spec.api_key = Secret(std::move(*key));
  return {};
}

Result<void> parse_providers(const json::array& tables, const ConfigSources& sources, RouteConfig& config, std::set<std::string>& names) {
  for (const json::value& value : tables) {
    if (!value.is_object()) return wrong("provider", "must be a table: [[provider]]");
    auto name = json::need_string(value.get_object(), "name");
    if (!name || name->empty()) return wrong("provider", "needs a name");
    if (name->find_first_of("/@ ") != std::string::npos)
      return wrong(fmt::format("provider \"{}\"", *name), "a name has no '/', '@' or space");
    if (!names.insert(*name).second) return wrong(fmt::format("provider \"{}\"", *name), "there are two of that name");
    ProviderSpec spec{.name = *name};
    std::string off, warning;
    if (auto ok = parse_provider(value.get_object(), sources, spec, off, warning); !ok) return pass(ok);
    if (!off.empty()) {
      config.off.push_back(spec.name);
      config.warnings.push_back(fmt::format("provider \"{}\" is off: {}", spec.name, off));
      continue;
    }
    if (!warning.empty()) config.warnings.push_back(fmt::format("provider \"{}\": {}", spec.name, warning));
    config.providers.push_back(std::move(spec));
  }
  return {};
}

}  // namespace

Result<RouteConfig> parse_config(const json::object& document, const ConfigSources& sources) {
  RouteConfig config;
  std::set<std::string> providers, models;
  if (const json::array* tables = json::get_array(document, "provider")) {
    if (auto ok = parse_providers(*tables, sources, config, providers); !ok) return pass(ok);
  }
  if (const json::array* tables = json::get_array(document, "model")) {
    for (const json::value& value : *tables) {
      if (!value.is_object()) return wrong("model", "must be a table: [[model]]");
      auto model = detail::parse_model(value.get_object(), providers);
      if (!model) return pass(model);
      if (!models.insert(model->name).second) return wrong(fmt::format("model \"{}\"", model->name), "there are two of that name");
      config.models.push_back(std::move(*model));
    }
  }
  if (const json::array* tables = json::get_array(document, "project")) {
    for (const json::value& value : *tables) {
      if (!value.is_object()) return wrong("project", "must be a table: [[project]]");
      auto name = json::need_string(value.get_object(), "name");
      if (!name || name->empty()) return wrong("project", "needs a name");
      auto providers = json::strings(value.get_object(), "providers");
      if (const auto weight = value.get_object().find("weight"); weight != value.get_object().end()) {
        const json::value& w = weight->value();
        const double number = w.is_number() ? w.to_number<double>() : 0;
        if (number < 0.01 || number > 1'000)
          return wrong(fmt::format("project \"{}\"", *name), "its weight must be a number from 0.01 to 1000");
        if (number != 1) config.project_weights[*name] = number;
      }
      if (!providers.empty()) config.projects[*name] = std::make_shared<const std::vector<std::string>>(std::move(providers));
    }
  }
  if (const json::object* hub = json::get_object(document, "hub")) config.default_model = json::string_or(*hub, "default", "");
  return config;
}

}  // namespace flotte::route
