// What lives longer than a table: load and health by name, and the connectors of providers, so that a reload keeps pools and breakers.
// Used by whoever builds tables, on one thread.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "route/health_pool.hpp"
#include "route/target.hpp"
#include "route/way.hpp"

namespace flotte::route {

class Registry {
 public:
  std::shared_ptr<Load> load(const std::string& place);
  std::shared_ptr<Health> health(const std::string& target);
  /// Of everything at that place.
  std::shared_ptr<Health> place_health(const std::string& place);
  std::shared_ptr<Pace> pace(const std::string& target);
  /// How providers with `via = "node:NAME"` are reached; without it they are off. Before the first upstream is made.
  void set_node_door(NodeDoor door) { node_door_ = std::move(door); }
  /// For targets that clients make up as they go (provider/model).
  std::shared_ptr<HealthPool> health_pool() const { return pool_; }
  /// What a provider allows, what is used of it and what its answers told: {limits, use, quota}, see `Provider` of api/openapi.yaml.
  json::object standing(const std::string& place, SteadyTime now, WallTime wall) const;
  /// The same object while the spec is the same. Error: invalid_argument for a base_url that cannot be used; io where TLS cannot start.
  Result<std::shared_ptr<const Upstream>> upstream(const ProviderSpec& spec);
  /// An engine's, the same object while the connector and its APIs are the same.
  std::shared_ptr<const Upstream> upstream(const std::string& place, std::shared_ptr<http::Connector> connector,
                                           const std::string& base_path, dialect::ApiSet apis = dialect::openai_apis);

 private:
  struct Provider {
    ProviderSpec spec;
    std::shared_ptr<const Upstream> upstream;
  };
  std::map<std::string, std::shared_ptr<Load>> loads_;
  std::map<std::string, std::shared_ptr<Health>> healths_, place_healths_;
  std::map<std::string, std::shared_ptr<Pace>> paces_;
  std::shared_ptr<HealthPool> pool_ = std::make_shared<HealthPool>();
  std::map<std::string, Provider> providers_;
  std::map<std::string, std::shared_ptr<const Upstream>> engines_;
  std::shared_ptr<http::TlsContext> tls_;
  NodeDoor node_door_;
};

}  // namespace flotte::route
