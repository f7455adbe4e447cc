// Builds a table: places first, then the [[model]]s, the engines' models, and `default` last, because it may stand for any of them.
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "route/general_model.hpp"
#include "route/table.hpp"
#include "route/vendors.hpp"

namespace flotte::route {

namespace {
/// The vendor whose own address this is, or empty.
std::string vendor_of(const ProviderSpec& spec) {
  const auto url = http::Url::parse(spec.base_url);
  for (const Vendor& vendor : vendors())
    if (const auto own = http::Url::parse(vendor.base_url); url && own && url->host == own->host) return std::string(vendor.name);
  return {};
}
}  // namespace

class TableBuilder {
 public:
  TableBuilder(const RouteConfig& config, const std::vector<EngineEntry>& engines, Registry& registry)
      : config_(config), engines_(engines), registry_(registry), table_(std::make_shared<Table>()) {
    // Real engines before demonstrations, then by name: the first one's model can become `default`.
    std::sort(engines_.begin(), engines_.end(), [](const EngineEntry& a, const EngineEntry& b) {
      return std::tie(a.demonstration, a.name, a.node) < std::tie(b.demonstration, b.name, b.node);
    });
  }

  std::shared_ptr<const Table> build() {
    table_->health_pool_ = registry_.health_pool();
    table_->catalog_ = config_.catalog ? config_.catalog : std::shared_ptr<const Catalog>(std::shared_ptr<void>(), &Catalog::built_in());
    table_->projects_.insert(config_.projects.begin(), config_.projects.end());
    add_providers();
    add_engines();
    for (const ModelSpec& model : config_.models) add_model(model);
    for (const ModelSpec& model : config_.models) add_aliases(model);
    add_engine_models();
    add_general("smart", "smart");
    add_general("fast", "fast");
    add_default();
    add_as_default("smart");
    add_as_default("fast");
    for (const ModelSpec& model : config_.models) add_rules(model);
    std::set<std::string> names;
    for (const auto& [name, named] : table_->exact_) names.insert(name);
    for (const auto& [name, named] : table_->engine_models_) names.insert(name);
    table_->names_.assign(names.begin(), names.end());
    gather_targets();
    return table_;
  }

 private:
  void warn(std::string text) { table_->warnings_.push_back(std::move(text)); }

  void add_providers() {
    for (const ProviderSpec& spec : config_.providers) {
      auto upstream = registry_.upstream(spec);
      if (!upstream) {
        warn(fmt::format("provider \"{}\" is off: {}", spec.name, upstream.error().text()));
        continue;
      }
      Target prototype{.kind = TargetKind::provider, .place = spec.name, .slots = 0, .upstream = *upstream};
      prototype.load = registry_.load(spec.name);
      prototype.load->limiter.use(spec.limits);
      prototype.place_health = registry_.place_health(spec.name);
      table_->places_[spec.name] = {std::move(prototype), {}, vendor_of(spec)};
    }
  }

  void add_engines() {
    for (const EngineEntry& engine : engines_) {
      const std::string place = engine.name + "@" + engine.node;
      Target prototype{.kind = TargetKind::engine, .place = place, .slots = engine.slots, .context_tokens = engine.context_tokens};
      prototype.upstream = registry_.upstream(place, engine.connector, engine.base_path, engine.apis);
      prototype.load = registry_.load(place);
      table_->places_[place] = {std::move(prototype), engine.models, {}};
    }
  }

  Target make_target(const Table::Place& place, const std::string& model) {
    Target target = place.at(model, table_->catalog_.get());
    target.name = target.place + "/" + model;
    target.health = table_->healths_[target.name] = registry_.health(target.name);
    target.pace = registry_.pace(target.name);
    return target;
  }

  /// The target that a line of a [[model]] means, or what is away.
  void add_target(const ModelSpec& model, const TargetSpec& spec, Route& route) {
    const bool engine = !spec.engine.empty();
    const std::string& place_name = engine ? spec.engine : spec.provider;
    const std::string shown = spec.model.empty() ? place_name : place_name + "/" + spec.model;
    const auto place = table_->places_.find(place_name);
    if (place == table_->places_.end()) {
      route.away.push_back(shown);
      if (engine)
        warn(fmt::format("model \"{}\": engine \"{}\" is not here now", model.name, spec.engine));
      else
        warn(fmt::format("model \"{}\": provider \"{}\" is off", model.name, spec.provider));
      return;
    }
    std::string inner = spec.model;
    const auto& has = place->second.models;
    if (engine && inner.empty() && has.size() == 1) inner = has.front();
    if (engine && !place->second.has(inner)) {
      route.away.push_back(shown);
      warn(fmt::format("model \"{}\": engine \"{}\" {}", model.name, spec.engine,
                       inner.empty() ? "has not exactly one model; say which" : "has no model \"" + inner + "\""));
      return;
    }
    route.targets.push_back(make_target(place->second, inner));
    route.targets.back().weight = spec.weight;
  }

  /// How a target is chosen, where that is more than the order of the file.
  static std::string how(const ModelSpec& model) {
    if (!model.rules.empty()) return ", by its rules";
    return model.strategy == Strategy::fallback ? std::string() : fmt::format(", {}", to_string(model.strategy));
  }

  void add_model(const ModelSpec& model) {
    auto route = std::make_shared<Route>();
    route->name = model.name;
    route->strategy = model.strategy;
    for (const TargetSpec& spec : model.targets) add_target(model, spec, *route);
    table_->exact_[model.name] = {route, "[[model]] " + model.name + how(model)};
    if (!model.rules.empty()) ruled_[model.name] = route;
  }

  /// At the end, when everything that a rule can name is there.
  void add_rules(const ModelSpec& model) {
    const auto ruled = ruled_.find(model.name);
    if (ruled == ruled_.end()) return;
    for (const RuleSpec& spec : model.rules) {
      auto route = table_->resolve(spec.model);
      const bool again = route && ruled_.contains((*route)->name);
      if (!route || again) {
        warn(fmt::format("model \"{}\": rule {}: {}", model.name, ruled->second->rules.size() + 1,
                         again ? fmt::format("\"{}\" has rules itself", spec.model) : route.error().message));
        auto nothing = std::make_shared<Route>();
        nothing->name = spec.model;
        nothing->away.push_back(spec.model);
        route = nothing;
      }
      auto text = fmt::format("rule {} ({}) -> {}", ruled->second->rules.size() + 1, describe(spec.when), spec.model);
      ruled->second->rules.push_back({spec.when, *route, std::move(text)});
    }
  }

  void gather_targets() {
    std::set<std::string> seen;
    const auto gather = [&](const Route& route) {
      for (const Target& target : route.targets)
        if (seen.insert(target.name).second) table_->targets_.push_back(target);
    };
    for (const auto& [name, named] : table_->exact_) gather(*named.route);
    for (const auto& [name, named] : table_->engine_models_) gather(*named.route);
  }

  void add_aliases(const ModelSpec& model) {
    const auto& route = table_->exact_[model.name].route;
    for (const std::string& alias : model.aliases) {
      if (alias.find('*') != std::string::npos) {
        table_->patterns_.push_back({alias, route});
      } else if (!table_->exact_.try_emplace(alias, Table::Named{route, "alias of " + model.name}).second) {
        warn(fmt::format("model \"{}\": the alias \"{}\" already means {}", model.name, alias, table_->exact_[alias].route->name));
      }
    }
  }

  void add_engine_models() {
    std::map<std::string, std::shared_ptr<Route>> routes;
    for (const EngineEntry& engine : engines_) {
      for (const std::string& model : engine.models) {
        auto& route = routes[model];
        if (!route) {
          route = std::make_shared<Route>();
          route->name = model;
          route->strategy = Strategy::least_busy;
        }
        route->targets.push_back(make_target(table_->places_[engine.name + "@" + engine.node], model));
      }
    }
    for (const auto& [model, route] : routes) {
      std::vector<std::string> where;
      for (const Target& target : route->targets) where.push_back(target.place);
      table_->engine_models_[model] = {route, fmt::format("model of {}", fmt::join(where, ", "))};
    }
  }

  void add_default() {
    if (is_named("default")) return;
    if (!config_.default_model.empty() && config_.default_model != "default") {
      auto named = table_->resolve(config_.default_model);
      if (!named) {
        warn(fmt::format("[hub] default = \"{}\": {}", config_.default_model, named.error().message));
        auto route = std::make_shared<Route>();
        route->name = config_.default_model;
        route->away.push_back(config_.default_model);
        named = route;
      }
      table_->exact_["default"] = {*named, "[hub] default = \"" + config_.default_model + "\""};
      return;
    }
    for (const EngineEntry& engine : engines_) {
      if (engine.models.empty()) continue;
      const std::string& first = *std::min_element(engine.models.begin(), engine.models.end());
      table_->exact_["default"] = {table_->engine_models_[first].route,
                                   fmt::format("first engine's model: {}@{}", engine.name, engine.node)};
      return;
    }
    // The cheap one: nobody is surprised by what the first hour costs.
    add_general("default", "fast");
  }

  /// A [[model]] or an alias of that name comes first.
  bool is_named(std::string_view name) const { return table_->exact_.contains(name); }

  /// The first provider's current model of that role, under that name.
  void add_general(const std::string& name, std::string_view role) {
    if (is_named(name) || table_->engine_models_.contains(name)) return;
    for (const ProviderSpec& provider : config_.providers) {
      const auto place = table_->places_.find(provider.name);
      const std::string model = plan_general_model(config_, provider, role);
      if (place == table_->places_.end() || model.empty()) continue;
      auto route = std::make_shared<Route>();
      route->targets.push_back(make_target(place->second, model));
      route->name = route->targets.front().name;
      table_->exact_[name] = {route,
                              fmt::format("{} model of the first provider: {}", name == "default" ? "general" : role, provider.name)};
      return;
    }
  }

  /// Where nothing is known for a role, it is what `default` is.
  void add_as_default(const std::string& name) {
    if (is_named(name) || table_->engine_models_.contains(name)) return;
    if (const auto it = table_->exact_.find("default"); it != table_->exact_.end())
      table_->exact_[name] = Table::Named{it->second.route, "as default: " + it->second.why};
  }

  const RouteConfig& config_;
  std::vector<EngineEntry> engines_;
  Registry& registry_;
  std::shared_ptr<Table> table_;
  std::map<std::string, std::shared_ptr<Route>> ruled_;  // routes of models with rules, by name
};

std::shared_ptr<const Table> Table::build(const RouteConfig& config, const std::vector<EngineEntry>& engines, Registry& registry) {
  return TableBuilder(config, engines, registry).build();
}

}  // namespace flotte::route
