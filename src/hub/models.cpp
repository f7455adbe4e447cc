// The routing table as nodes come and go.
#include "hub/models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.hpp"

namespace flotte::hub {
namespace {

constexpr int provider_slots = 8;
constexpr int other_models_slots = 4;  // of a provider, beside those that have a name
constexpr int least_slots = 2;
constexpr int most_slots = 64;

constexpr std::string_view general_names[] = {"default", "smart", "fast"};

json::array apis_json(dialect::ApiSet apis) {
  const auto names = dialect::list_of(apis);
  return json::array(names.begin(), names.end());
}

/// Tasks at the same time: as many as the provider's own limits can keep busy, where they are known (an answer may take a minute); the
/// gateway keeps to the limits.
int slots_of(const route::ProviderSpec& provider, int usual) {
  if (provider.limits.concurrent > 0)
    return static_cast<int>(std::clamp<std::int64_t>(provider.limits.concurrent, least_slots, most_slots));
  return static_cast<int>(std::clamp<std::int64_t>(provider.limits.rpm, usual, most_slots));
}

bool usable(const wire::NodeView& node) { return node.state == "linked" || node.state == "draining" || node.state == "drained"; }

}  // namespace

Models::Models(route::RouteConfig config, std::vector<wire::WorkerInfo> own_workers, std::shared_ptr<Spares> spares, Publish publish,
               Announce announce)
    : config_(std::move(config)),
      own_workers_(std::move(own_workers)),
      spares_(std::move(spares)),
      publish_(std::move(publish)),
      announce_(std::move(announce)) {
  registry_.set_node_door(
      [spares = spares_](const std::string& node, const std::string& host, std::uint16_t port, std::shared_ptr<http::TlsContext> tls) {
        return node_door(spares, node, host, port, std::move(tls));
      });
}

void Models::use(route::RouteConfig config) {
  config_ = std::move(config);
  config_.offered = offered_;
  signature_.clear();
  table_.reset();
  rebuild(std::exchange(nodes_, {}));
}

void Models::use_offer(const std::string& provider, std::vector<std::string> models) {
  auto& known = offered_[provider];
  if (known == models) return;
  known = std::move(models);
  use(std::move(config_));
}

std::optional<route::Explained> Models::standing(std::string_view name) const {
  if (!table_) return std::nullopt;
  for (route::Explained& line : table_->explain())
    if (line.name == name) return std::move(line);
  return std::nullopt;
}

void Models::add_standing(json::array& providers) const {
  const SteadyTime now = system_clock().steady();
  const WallTime wall = system_clock().wall();
  for (json::value& provider : providers) {
    json::object& o = provider.get_object();
    for (auto& [name, value] : registry_.standing(json::string_or(o, "name", ""), now, wall)) o[name] = std::move(value);
  }
}

void Models::use_local(const std::string& engine, std::shared_ptr<http::Connector> connector) {
  connectors_[engine + "@home"] = std::move(connector);
}

void Models::rebuild(const std::vector<wire::NodeView>& nodes) {
  nodes_ = nodes;
  std::vector<route::EngineEntry> engines;
  std::string signature;
  for (const wire::NodeView& node : nodes) {
    if (!usable(node)) continue;
    for (const wire::EngineInfo& info : node.engines) {
      if (info.state != "ready") continue;
      route::EngineEntry entry;
      entry.node = node.name;
      entry.name = info.name;
      entry.models = info.models;
      entry.slots = info.slots;
      entry.demonstration = info.demonstration;
      entry.context_tokens = info.context_tokens;
      entry.apis = route::apis_of_engine(info.kind);
      auto& connector = connectors_[fmt::format("{}@{}", info.name, node.name)];
      if (!connector && node.home) continue;  // its connector comes first
      if (!connector) connector = spare_connector(spares_, node.name, info.name);
      entry.connector = connector;
      signature += fmt::format("{}@{} {}\n", node.name, node.epoch, json::dump(info.to_json()));
      engines.push_back(std::move(entry));
    }
  }
  if (table_ && signature == signature_) return;
  signature_ = std::move(signature);
  table_ = route::Table::build(config_, engines, registry_);
  for (const std::string& warning : table_->warnings()) log::debug("model table", {{"note", warning}});
  publish_(table_);
  announce_(home_workers(engines));
}

std::vector<wire::WorkerInfo> Models::home_workers(const std::vector<route::EngineEntry>& engines) const {
  std::map<std::string, int> slots;
  const auto slots_at = [this](const std::string& name) {
    for (const route::ProviderSpec& provider : config_.providers)
      if (provider.name == name) return slots_of(provider, provider_slots);
    return provider_slots;
  };
  for (const route::EngineEntry& engine : engines)
    for (const std::string& model : engine.models) slots[model] += std::max(engine.slots, 1);
  for (const route::ModelSpec& model : config_.models) {
    int sum = 0;
    for (const route::TargetSpec& target : model.targets) sum += target.provider.empty() ? least_slots : slots_at(target.provider);
    slots[model.name] = std::max(slots[model.name], sum);
  }
  std::vector<wire::WorkerInfo> workers = own_workers_;
  std::set<std::string> taken;
  for (const auto& worker : workers) taken.insert(worker.name);
  // What the general names stand for is worked with too: a provider needs no [[model]] for that.
  for (const std::string_view general : general_names)
    if (auto name = table_->canonical(general); name && !slots.contains(*name)) slots[*name] = provider_slots;
  // `provider/model` can be asked for without being named anywhere: one worker for each provider does those.
  for (const route::ProviderSpec& provider : config_.providers) slots[provider.name + "/*"] = slots_of(provider, other_models_slots);
  for (const auto& [model, count] : slots) {
    if (taken.contains(model)) continue;
    wire::WorkerInfo worker;
    worker.name = model;
    worker.kind = "model";
    worker.model = model;
    worker.slots = std::max(count, least_slots);
    workers.push_back(std::move(worker));
  }
  return workers;
}

Result<std::string> canonical_model(const route::Table* table, const std::string& model) {
  const std::string asked = model.empty() ? "default" : model;
  if (table)
    if (auto name = table->canonical(asked)) return *name;
  if (asked != "default") return asked;
  return fail(Code::unavailable, "no model can be asked yet",
              "start a node with an engine, or configure a provider; see `flotte model ls`");
}

json::array Models::list(const std::vector<wire::NodeView>& nodes, const std::vector<std::string>* allowed, const std::string& name) const {
  json::array out;
  if (!table_) return out;
  std::map<std::string, const wire::EngineInfo*> engines;
  for (const wire::NodeView& node : nodes)
    for (const wire::EngineInfo& engine : node.engines) engines[fmt::format("{}@{}", engine.name, node.name)] = &engine;
  std::vector<route::Explained> lines;
  if (name.empty()) {
    lines = table_->explain();
  } else if (auto line = table_->explain(name)) {
    lines.push_back(std::move(*line));
  }
  for (const route::Explained& line : lines) {
    const auto covers = [&line](const std::string& pattern) { return route::matches_pattern(pattern, line.name); };
    if (allowed && std::none_of(allowed->begin(), allowed->end(), covers)) continue;
    std::int64_t context = 0;
    bool demonstration = false;
    json::array targets;
    for (const std::string& target : line.targets) {
      targets.emplace_back(target);
      const auto it = engines.find(target.substr(0, target.find('/')));
      if (it == engines.end()) continue;
      demonstration = demonstration || it->second->demonstration;
      const std::int64_t tokens = it->second->context_tokens;
      if (tokens > 0) context = context == 0 ? tokens : std::min(context, tokens);
    }
    if (context == 0) context = line.context_tokens;
    const bool general = std::find(std::begin(general_names), std::end(general_names), line.name) != std::end(general_names);
    const std::string_view kind = line.why.starts_with("[[model]]")  ? "model"
                                  : line.why.starts_with("alias of") ? "alias"
                                  : general                          ? "default"
                                  : line.why.starts_with("model of") ? "engine"
                                                                     : "provider";
    out.emplace_back(json::object{{"id", line.name},
                                  {"kind", kind},
                                  {"targets", std::move(targets)},
                                  {"apis", apis_json(line.apis)},
                                  {"why", line.why},
                                  {"context_tokens", context},
                                  {"price", line.price && !line.local ? json::value(line.price->to_json()) : json::value(nullptr)},
                                  {"local", line.local},
                                  {"demonstration", demonstration}});
  }
  return out;
}

}  // namespace flotte::hub
