// Which names can be asked for right now: builds the routing table from the configuration and from the engines that nodes announce, hands
// it to every gateway loop, and tells home which workers it should have. On the fleet loop.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/spares.hpp"
#include "route/registry.hpp"
#include "route/table.hpp"
#include "wire/fleet.hpp"

namespace flotte::hub {

class Models {
 public:
  using Publish = std::function<void(std::shared_ptr<const route::Table>)>;
  using Announce = std::function<void(std::vector<wire::WorkerInfo>)>;
  Models(route::RouteConfig config, std::vector<wire::WorkerInfo> own_workers, std::shared_ptr<Spares> spares, Publish publish,
         Announce announce);

  /// Nodes or engines changed. Publishes only what differs from before.
  void rebuild(const std::vector<wire::NodeView>& nodes);
  /// Another set of providers and models from now on; published at once. Calls that are under way end where they began.
  void use(route::RouteConfig config);
  /// Home's workers of the file from now on; announced by the next `use`.
  void use_workers(std::vector<wire::WorkerInfo> own_workers) { own_workers_ = std::move(own_workers); }
  const route::RouteConfig& config() const noexcept { return config_; }
  /// What a provider says that it has; outlives `use`.
  void use_offer(const std::string& provider, std::vector<std::string> models);
  /// What one of `default`, `smart`, `fast` stands for; nothing where it stands for nothing. For people.
  std::optional<route::Explained> standing(std::string_view name) const;
  /// Into each `Provider` of api/openapi.yaml: limits, use and quota.
  void add_standing(json::array& providers) const;
  /// How home's own engine of that name is reached: it needs no stream through a node. Before home announces the engine.
  void use_local(const std::string& engine, std::shared_ptr<http::Connector> connector);

  /// The lines of `flotte model ls`: names that a key with `allowed` may use (null: all).
  /// With `name` only its line, also where it is a `provider/model` that no list has.
  json::array list(const std::vector<wire::NodeView>& nodes, const std::vector<std::string>* allowed, const std::string& name = {}) const;

 private:
  std::vector<wire::WorkerInfo> home_workers(const std::vector<route::EngineEntry>& engines) const;

  route::RouteConfig config_;
  std::vector<wire::WorkerInfo> own_workers_;
  std::shared_ptr<Spares> spares_;
  Publish publish_;
  Announce announce_;
  route::Registry registry_;
  std::map<std::string, std::shared_ptr<http::Connector>> connectors_;  // by "engine@node"
  std::shared_ptr<const route::Table> table_;
  std::string signature_;  // of the engines that the table was built from
  std::vector<wire::NodeView> nodes_;
  std::map<std::string, std::vector<std::string>> offered_;
};

/// What a task's model is called by its flow: aliases and `default` resolved; other names stay as they are, their engine may be away.
/// Error: unavailable where `default` stands for nothing yet. `table` may be null.
Result<std::string> canonical_model(const route::Table* table, const std::string& model);

}  // namespace flotte::hub
