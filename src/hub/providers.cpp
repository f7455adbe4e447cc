// Configured and added providers as one set.
#include "hub/providers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sealing.hpp"
#include "http/client.hpp"
#include "route/vendors.hpp"
#include "store/store.hpp"

namespace flotte::hub {
namespace {

using Rows = std::vector<route::StoredProvider>;

Result<Rows> read_rows(store::Store& database) {
  std::promise<Result<Rows>> answered;
  std::function<Result<Rows>(store::Transaction&)> read = route::list_providers;
  database.post_read<Rows>(std::move(read), [&](Result<Rows> rows) { answered.set_value(std::move(rows)); });
  return answered.get_future().get();
}

/// The same reading as of the file, so that an added provider is what a written one would be.
Result<route::ProviderSpec> spec_of(const route::StoredProvider& row, const Secret& key) {
  json::object table{{"name", row.name}, {"dialect", row.dialect}, {"base_url", row.base_url}, {"api_key", key.reveal()}};
  const auto apis = dialect::list_of(route::known_apis(row.base_url));
  if (!apis.empty()) table["apis"] = json::array(apis.begin(), apis.end());
  json::object document;
  document["provider"] = json::array{std::move(table)};
  auto parsed = route::parse_config(document, {});
  if (!parsed) return pass(parsed);
  if (parsed->providers.empty()) return fail(Code::unsupported, parsed->warnings.empty() ? "it cannot be used" : parsed->warnings.front());
  route::ProviderSpec spec = std::move(parsed->providers.front());
  const auto url = http::Url::parse(spec.base_url);
  spec.open_network_only = url && must_be_open(url->host);
  return spec;
}

json::object provider_json(std::string_view name, std::string_view dialect, std::string_view base_url, std::string_view source,
                           std::string_view off_because, json::value models) {
  json::object o;
  o["name"] = name;
  o["dialect"] = dialect;
  o["base_url"] = base_url;
  o["source"] = source;
  o["state"] = off_because.empty() ? "on" : "off";
  o["reason"] = off_because.empty() ? json::value(nullptr) : json::value(off_because);
  o["models"] = std::move(models);
  return o;
}

}  // namespace

Result<void> Providers::save_key(const std::string& key_file, const Secret& key) const {
  return replace_file(path_of(key_file), seal_text(sealing_key_.reveal(), key_file, key) + "\n", 0600);
}

Result<Secret> Providers::read_key(const std::string& key_file) const {
  auto line = read_file(path_of(key_file), 64 * 1024);
  if (!line) return pass(line);
  if (!line->empty() && line->back() == '\n') line->pop_back();
  if (is_sealed(*line)) return open_sealed(sealing_key_.reveal(), key_file, *line);
  Secret key(std::move(*line));
  if (auto sealed = save_key(key_file, key); !sealed)
    log::warning("a provider's key is still stored open", {{"why", sealed.error().message}});
  return key;
}

Result<std::unique_ptr<Providers>> Providers::load(store::Store& database, const std::string& data, std::string sealing_key,
                                                   Configured configured) {
  std::unique_ptr<Providers> providers(new Providers(data + "/providers", std::move(sealing_key), std::move(configured)));
  if (auto made = make_directories(providers->directory_, 0700); !made) return pass(made);
  auto rows = read_rows(database);
  if (!rows) return pass(rows);
  for (const route::StoredProvider& row : *rows) {
    auto key = providers->read_key(row.key_file);
    providers->put(row, key ? *key : Secret());
    Stored& stored = providers->stored_.back();
    if (!key) stored.off_because = "its key cannot be read: " + key.error().message + "; remove it and add it again";
    stored.key_problem = stored.off_because;
    providers->shade(stored);
    if (!stored.off_because.empty()) log::warning("added provider is off", {{"provider", row.name}, {"reason", stored.off_because}});
  }
  providers->remove_orphans();
  return providers;
}

void Providers::shade(Stored& stored) const {
  stored.off_because =
      configured(stored.row.name) ? "the configuration has a provider of the same name, which comes first" : stored.key_problem;
}

void Providers::use(Configured configured) {
  configured_ = std::move(configured);
  for (Stored& stored : stored_) shade(stored);
}

void Providers::remove_orphans() const {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    const bool named = std::any_of(stored_.begin(), stored_.end(), [&](const Stored& s) { return s.row.key_file == name; });
    std::error_code ignored;  // what cannot be removed today is tried again at the next start
    if (!named) std::filesystem::remove(entry.path(), ignored);
  }
}

bool Providers::configured(const std::string& name) const {
  const auto& routes = configured_.routes;
  return std::any_of(routes.providers.begin(), routes.providers.end(), [&](const auto& p) { return p.name == name; }) ||
         std::find(routes.off.begin(), routes.off.end(), name) != routes.off.end();
}

std::string Providers::source_of(const std::string& name) const {
  const auto& list = configured_.from_environment;
  return std::find(list.begin(), list.end(), name) == list.end() ? "file" : "environment";
}

std::string Providers::reason_of(const std::string& name) const {
  const std::string start = fmt::format("provider \"{}\" is off: ", name);
  for (const std::string& warning : configured_.routes.warnings)
    if (warning.starts_with(start)) return warning.substr(start.size());
  return "it cannot be used";
}

route::RouteConfig Providers::effective() const {
  route::RouteConfig config = configured_.routes;
  for (const Stored& stored : stored_)
    if (stored.off_because.empty()) config.providers.push_back(stored.spec);
  return config;
}

json::object Providers::describe(const route::StoredProvider& row, std::string_view off_because) {
  return provider_json(row.name, row.dialect, row.base_url, "stored", off_because, row.models);
}

json::array Providers::list() const {
  json::array out;
  for (const auto& p : configured_.routes.providers)
    out.emplace_back(provider_json(p.name, p.dialect, p.base_url, source_of(p.name), "", nullptr));
  for (const std::string& name : configured_.routes.off)
    out.emplace_back(provider_json(name, "", "", source_of(name), reason_of(name), nullptr));
  for (const Stored& stored : stored_) out.emplace_back(describe(stored.row, stored.off_because));
  return out;
}

Result<void> Providers::reserve_new(const std::string& name) {
  if (configured(name))
    return fail(Code::conflict, fmt::format("the {} has a provider called \"{}\" already", source_of(name), name),
                "give another name, or change it where it stands");
  const bool taken = std::any_of(stored_.begin(), stored_.end(), [&](const Stored& s) { return s.row.name == name; });
  if (taken || !reserved_.insert(name).second)
    return fail(Code::conflict, fmt::format("there is a provider called \"{}\" already", name),
                "give another name, or remove that one first: flotte provider rm " + name);
  return {};
}

Result<void> Providers::reserve_old(const std::string& name) {
  const bool stored = std::any_of(stored_.begin(), stored_.end(), [&](const Stored& s) { return s.row.name == name; });
  if (!stored && configured(name))
    return fail(Code::conflict, fmt::format("the provider \"{}\" comes from the {}", name, source_of(name)),
                "remove it there; only what was added here can be removed here");
  if (!stored) return fail(Code::not_found, fmt::format("there is no provider \"{}\"", name), "see `flotte provider ls`");
  if (!reserved_.insert(name).second) return fail(Code::conflict, fmt::format("the provider \"{}\" is being changed", name), "try again");
  return {};
}

void Providers::put(const route::StoredProvider& row, const Secret& key) {
  Stored stored{row, {}, {}};
  auto spec = spec_of(row, key);
  if (spec)
    stored.spec = std::move(*spec);
  else
    stored.off_because = stored.key_problem = spec.error().message;
  stored_.push_back(std::move(stored));
}

json::object Providers::drop(const std::string& name) {
  const auto it = std::find_if(stored_.begin(), stored_.end(), [&](const Stored& s) { return s.row.name == name; });
  if (it == stored_.end()) return {};
  json::object was = describe(it->row, it->off_because);
  stored_.erase(it);
  return was;
}

}  // namespace flotte::hub
