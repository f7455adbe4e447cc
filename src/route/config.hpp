// Providers and models as the configuration names them, checked. Pure: environment and files come in as functions.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"
#include "dialect/api.hpp"
#include "route/catalog.hpp"
#include "route/door.hpp"
#include "route/limits.hpp"
#include "route/rules.hpp"

namespace flotte::route {

struct Timeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds first_token{120'000};
  std::chrono::milliseconds idle{60'000};
  bool operator==(const Timeouts&) const = default;
};

/// A [[provider]] that can be used. One that cannot be used is left out and named in `RouteConfig::warnings`.
struct ProviderSpec {
  std::string name, dialect, base_url;
  Secret api_key;             // empty: no credentials are sent
  std::string general_model;  // what `default` stands for; empty: as the catalog says
  Timeouts timeouts;
  Limits limits{};
  dialect::ApiSet apis = dialect::openai_apis;  // calls of these pass through to it
  Door via;                                     // how its calls leave
  bool open_network_only = false;               // its name must not lead to an address of a private network
};

enum class Strategy : std::uint8_t { fallback, weighted, least_busy, cheapest, fastest, affinity };
std::string_view to_string(Strategy strategy) noexcept;

/// One of `provider` and `engine` ("llama@box") is set. `model` may be empty for an engine that has only one.
struct TargetSpec {
  std::string provider, engine, model;
  int weight = 1;  // its share, for strategy weighted; 0: only where no other can be asked
};

/// A [[model]]: a name that stands for targets.
struct ModelSpec {
  std::string name;
  std::vector<std::string> aliases;  // '*' stands for any text
  Strategy strategy = Strategy::fallback;
  std::vector<TargetSpec> targets;
  std::vector<RuleSpec> rules;  // where there are some, they choose another model, and there are no targets
};

class Catalog;

struct RouteConfig {
  std::vector<ProviderSpec> providers;
  std::vector<ModelSpec> models;
  std::string default_model;  // [hub] default, or empty
  /// By project: names and patterns of the providers and engines that calls of its tasks may go to. Projects that may use all are not here.
  std::map<std::string, std::shared_ptr<const std::vector<std::string>>> projects;
  std::map<std::string, double, std::less<>> project_weights;  // their shares of the fleet; 1 is not here
  std::vector<std::string> off;                                // names of providers that are configured but cannot be used
  std::vector<std::string> warnings;                           // one sentence each, without secrets
  std::shared_ptr<const Catalog> catalog;                      // of current models and prices; null: the compiled-in one
  /// What providers at other addresses than a vendor's said that they have, by name: there the catalog is only a guess.
  std::map<std::string, std::vector<std::string>> offered;
};

/// Where values come from. All may be called during `parse_config` only.
struct ConfigSources {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<Result<std::string>(const std::string& path)> file;
  std::function<bool(std::string_view key)> own_key;  // true for a key that flotte itself gave out: refused as a provider's
  std::function<std::optional<std::string_view>(std::string_view key)> login;  // what a text is that belongs to somebody's login
};

/// Reads `provider`, `model`, `project` and `hub.default` of the whole document (tables as objects, arrays of tables as arrays). Keys it
/// does not know are left to the schema. Errors (invalid_argument): a wrong value, two things of one name, a target without place.
Result<RouteConfig> parse_config(const json::object& document, const ConfigSources& sources);

}  // namespace flotte::route
