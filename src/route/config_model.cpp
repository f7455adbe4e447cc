// From a [[model]]'s table to targets or rules.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "route/detail/parse_model.hpp"

namespace flotte::route {
namespace {

/// In the order of `Strategy`.
constexpr std::array<std::string_view, 6> strategy_words{"fallback", "weighted", "least_busy", "cheapest", "fastest", "affinity"};
constexpr std::int64_t most_weight = 1'000'000;

Failure wrong(std::string_view where, std::string_view what, std::string hint = {}) {
  return fail(Code::invalid_argument, fmt::format("{}: {}", where, what), std::move(hint));
}

Result<TargetSpec> parse_target(const json::value& value, const std::string& where, const std::set<std::string>& providers) {
  if (!value.is_object()) return wrong(where, "a target must be a table such as { provider = \"openai\", model = \"...\" }");
  const json::object& table = value.get_object();
  TargetSpec target{json::string_or(table, "provider", ""), json::string_or(table, "engine", ""), json::string_or(table, "model", "")};
  if (target.provider.empty() == target.engine.empty()) return wrong(where, "a target needs either `provider` or `engine`");
  if (!target.provider.empty() && target.model.empty())
    return wrong(where, fmt::format("the target at provider \"{}\" needs a `model`", target.provider));
  if (!target.provider.empty() && !providers.contains(target.provider))
    return wrong(where, fmt::format("there is no provider \"{}\"", target.provider), "define it under [[provider]]");
  if (!target.engine.empty() && target.engine.find('@') == std::string::npos)
    return wrong(where, fmt::format("engine \"{}\" needs its node", target.engine),
                 fmt::format("write engine = \"{}@NODE\"", target.engine));
  const std::int64_t weight = json::int_or(table, "weight", 1);
  if (weight < 0 || weight > most_weight) return wrong(where, fmt::format("a weight is a number from 0 to {}", most_weight));
  target.weight = static_cast<int>(weight);
  return target;
}

Result<void> read_rules(const json::object& table, const std::string& where, ModelSpec& model) {
  const json::array* targets = json::get_array(table, "targets");
  if ((targets && !targets->empty()) || json::string_or(table, "strategy", "fallback") != "fallback")
    return wrong(where, "has `rules`, so it has no `targets` and no `strategy`", "give those to the models that the rules name");
  auto rules = parse_rules(*json::get_array(table, "rules"));
  if (!rules) return pass(rules, where);
  model.rules = std::move(*rules);
  const auto itself = [&](const RuleSpec& rule) {
    return rule.model == model.name || std::find(model.aliases.begin(), model.aliases.end(), rule.model) != model.aliases.end();
  };
  if (std::any_of(model.rules.begin(), model.rules.end(), itself)) return wrong(where, "one of its rules names the model itself");
  return {};
}

}  // namespace

std::string_view to_string(Strategy strategy) noexcept { return strategy_words[static_cast<std::size_t>(strategy)]; }

Result<ModelSpec> detail::parse_model(const json::object& table, const std::set<std::string>& providers) {
  ModelSpec model;
  auto name = json::need_string(table, "name");
  if (!name || name->empty()) return wrong("model", "needs a name");
  model.name = *name;
  const std::string where = fmt::format("model \"{}\"", model.name);
  model.aliases = json::strings(table, "aliases");
  if (const json::array* rules = json::get_array(table, "rules"); rules && !rules->empty()) {
    if (auto ok = read_rules(table, where, model); !ok) return pass(ok);
    return model;
  }
  const std::string strategy = json::string_or(table, "strategy", "fallback");
  const auto* const word = std::find(strategy_words.begin(), strategy_words.end(), strategy);
  if (word == strategy_words.end())
    return wrong(where, fmt::format("there is no strategy \"{}\"", strategy), fmt::format("use {}", fmt::join(strategy_words, ", ")));
  model.strategy = static_cast<Strategy>(word - strategy_words.begin());
  const json::array* targets = json::get_array(table, "targets");
  if (!targets || targets->empty()) return wrong(where, "needs `targets`");
  for (const json::value& value : *targets) {
    auto target = parse_target(value, where, providers);
    if (!target) return pass(target);
    model.targets.push_back(std::move(*target));
  }
  return model;
}

}  // namespace flotte::route
