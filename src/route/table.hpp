// What each model name stands for, right now: an immutable snapshot, built when configuration or engines change, read by every loop
// without a lock. The order of the contract: a [[model]]'s name, its aliases, an engine's model, provider/model, engine@node/model.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "route/registry.hpp"
#include "route/target.hpp"

namespace flotte::route {

/// An engine as the hub knows it. Only engines that are ready and whose node is linked are given.
struct EngineEntry {
  std::string node, name;           // "box", "llama"
  std::vector<std::string> models;  // what it can answer with
  int slots = 1;
  bool demonstration = false;
  std::int64_t context_tokens = 0;  // of one conversation; 0 = unknown
  std::shared_ptr<http::Connector> connector;
  std::string base_path = "/v1";
  dialect::ApiSet apis = dialect::openai_apis;
};

/// What engines of a kind ("llama-server", "ollama", "openai") answer.
dialect::ApiSet apis_of_engine(std::string_view kind) noexcept;

struct Route;

/// One rule of a model that chooses another one.
struct Rule {
  std::optional<When> when;
  std::shared_ptr<const Route> route;  // never null, and has no rules of its own
  std::string text;                    // "rule 2 (images) -> smart"
};

/// A name's targets. `targets` may be empty: everything it stands for is away (`away` says what), or its rules lead elsewhere.
struct Route {
  std::string name;  // canonical: an alias or `default` gives the name of what it stands for
  Strategy strategy = Strategy::fallback;
  std::vector<Target> targets;
  std::vector<std::string> away;
  std::vector<Rule> rules;  // the last one has no `when`
};

/// The first rule that fits. The route has rules.
const Rule& choose(const Route& route, const Circumstances& now) noexcept;

/// A line of `flotte model ls`.
struct Explained {
  std::string name;
  std::string why;  // "[[model]] smart", "alias of smart", "model of llama@box", "[hub] default"
  std::string strategy;
  std::vector<std::string> targets;  // in order
  std::vector<std::string> away;
  std::optional<Price> price;  // of the first target; nothing where that of any is unknown
  bool local = false;          // all are engines
  std::int64_t context_tokens = 0;
  dialect::ApiSet apis;  // that at least one target speaks
  json::object to_json() const;
};

/// What at least one of its targets speaks.
dialect::ApiSet apis_of(const Route& route) noexcept;
/// Whether the cost of every call is known beforehand.
bool priced(const Route& route) noexcept;
/// What fits whichever of its targets answers; 0 where one of them does not tell.
std::int64_t smallest_context(const Route& route) noexcept;

class Table {
 public:
  /// Longer names are unknown: names go into headers and records.
  static constexpr std::size_t name_limit = 512;

  /// Never fails: what cannot be used becomes a warning.
  static std::shared_ptr<const Table> build(const RouteConfig& config, const std::vector<EngineEntry>& engines, Registry& registry);

  /// Error: not_found with the nearest names. The route lives at least as long as the pointer.
  Result<std::shared_ptr<const Route>> resolve(std::string_view model) const;
  /// `resolve(model)->name`: what a flow or a worker is called by.
  Result<std::string> canonical(std::string_view model) const;
  /// Every name that can be listed (no patterns), sorted; for /v1/models.
  const std::vector<std::string>& names() const noexcept { return names_; }
  std::vector<Explained> explain() const;
  /// Of any name that can be asked for, also `provider/model`. Error: not_found.
  Result<Explained> explain(std::string_view name) const;
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  /// Every target that a named route has, each once.
  const std::vector<Target>& targets() const noexcept { return targets_; }
  /// Where calls of tasks of that project may go; null: everywhere.
  std::shared_ptr<const std::vector<std::string>> providers_of_project(std::string_view project) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };
  struct Named {
    std::shared_ptr<const Route> route;
    std::string why;
  };
  struct Pattern {
    std::string text;
    std::shared_ptr<const Route> route;
  };
  /// Everything at one place, for provider/model and engine@node/model.
  struct Place {
    Target prototype;  // name and model empty
    std::vector<std::string> models;
    std::string vendor;  // as the catalog calls it, of a provider
    /// Whether it can be asked for that one. Ollama has encoders too, which its node does not list because they answer no conversation.
    bool has(std::string_view model) const;
    /// What is asked for as `model` here. Its name and health are the caller's matter.
    Target at(std::string_view model, const Catalog* catalog) const;
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  std::shared_ptr<const Route> find_place(std::string_view model) const;
  Failure unknown(std::string_view model) const;
  friend class TableBuilder;

  ByName<Named> exact_;            // names of [[model]]s, aliases without '*', `default`
  std::vector<Pattern> patterns_;  // aliases with '*', in the order of the file
  ByName<Named> engine_models_;
  ByName<Place> places_;
  ByName<std::shared_ptr<Health>> healths_;  // of the targets that routes name
  std::shared_ptr<HealthPool> health_pool_;  // of all others
  std::vector<std::string> names_, warnings_;
  std::vector<Target> targets_;
  std::map<std::string, std::shared_ptr<const std::vector<std::string>>, std::less<>> projects_;
  std::shared_ptr<const Catalog> catalog_;
};

/// '*' stands for any text, also none.
bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

}  // namespace flotte::route
