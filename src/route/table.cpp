// Looking names up. Building is in table_builder.cpp.
#include "route/table.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace flotte::route {
namespace {

/// Edits (insert, remove, change, swap of neighbours) between two words, for names of ordinary length.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), older;
  for (std::size_t j = 0; j <= b.size(); ++j) before[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], older[j - 2] + 1);
    }
    older = before;
    std::swap(before, row);
  }
  return before[b.size()];
}

std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& names) {
  std::vector<std::pair<std::size_t, std::string>> near;
  const std::string_view word = wanted.substr(0, 128);
  for (const std::string& name : names) {
    const std::size_t far = distance(word, name);
    const bool part = name.find(word) != std::string::npos || word.find(name) != std::string_view::npos;
    if (part || far <= std::max<std::size_t>(2, word.size() / 3)) near.emplace_back(far, name);
  }
  std::sort(near.begin(), near.end());
  if (near.size() > 3) near.resize(3);
  std::vector<std::string> out;
  out.reserve(near.size());
  for (auto& [far, name] : near) out.push_back("\"" + name + "\"");
  return out;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  // Greedy with one place to come back to: a later '*' makes an earlier one's choice final.
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

dialect::ApiSet apis_of_engine(std::string_view kind) noexcept {
  if (kind == "ollama") return dialect::ollama_apis;
  return kind == "llama-server" ? dialect::every_api : dialect::openai_apis;
}

const Rule& choose(const Route& route, const Circumstances& now) noexcept {
  for (const Rule& rule : route.rules)
    if (!rule.when || matches(*rule.when, now)) return rule;
  return route.rules.back();
}

dialect::ApiSet apis_of(const Route& route) noexcept {
  dialect::ApiSet apis;
  for (const Rule& rule : route.rules) apis.add(apis_of(*rule.route));
  for (const Target& target : route.targets)
    if (target.upstream) apis.add(target.upstream->apis);
  return apis;
}

bool priced(const Route& route) noexcept {
  return !route.targets.empty() &&
         std::all_of(route.targets.begin(), route.targets.end(), [](const Target& target) { return target.price.has_value(); });
}

std::int64_t smallest_context(const Route& route) noexcept {
  std::int64_t smallest = 0;
  for (const Target& target : route.targets) {
    if (target.context_tokens == 0) return 0;
    smallest = smallest == 0 ? target.context_tokens : std::min(smallest, target.context_tokens);
  }
  return smallest;
}

Target Table::Place::at(std::string_view model, const Catalog* catalog) const {
  Target target = prototype;
  target.model = model;
  if (target.kind == TargetKind::engine) target.price = Price{};
  const CatalogModel* known = nullptr;
  // A person's own name for a provider comes before the vendor that its address belongs to.
  if (target.kind == TargetKind::provider && catalog) known = catalog->find(target.place, model);
  if (!known && !vendor.empty() && catalog) known = catalog->find(vendor, model);
  if (known) {
    target.price = known->price;
    target.context_tokens = known->context_tokens;
  }
  return target;
}

bool Table::Place::has(std::string_view model) const {
  if (prototype.kind == TargetKind::provider || std::find(models.begin(), models.end(), model) != models.end()) return true;
  return !model.empty() && prototype.upstream->apis.speaks(dialect::Api::ollama_chat);
}

std::shared_ptr<const Route> Table::find_place(std::string_view model) const {
  const std::size_t slash = model.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == model.size()) return nullptr;
  const auto place = places_.find(model.substr(0, slash));
  if (place == places_.end()) return nullptr;
  const std::string_view inner = model.substr(slash + 1);
  const Place& at = place->second;
  if (!at.has(inner)) return nullptr;
  auto route = std::make_shared<Route>();
  route->name = model;
  Target target = at.at(inner, catalog_.get());
  target.name = model;
  if (const auto health = healths_.find(model); health != healths_.end())
    target.health = health->second;
  else
    target.health = std::shared_ptr<Health>(health_pool_, &health_pool_->find(Hash()(model)));
  route->targets.push_back(std::move(target));
  return route;
}

Failure Table::unknown(std::string_view model) const {
  const auto near = nearest(model, names_);
  std::string hint = names_.empty() ? "there are no models yet: start an engine or configure a provider" : "GET /v1/models lists the names";
  if (!near.empty()) hint = fmt::format("did you mean {}?", fmt::join(near, " or "));
  return fail(Code::not_found, fmt::format("there is no model \"{}\"", model.substr(0, 200)), std::move(hint));
}

Result<std::shared_ptr<const Route>> Table::resolve(std::string_view model) const {
  if (model.size() > name_limit) return unknown(model);
  if (const auto it = exact_.find(model); it != exact_.end()) return it->second.route;
  for (const Pattern& pattern : patterns_)
    if (matches_pattern(pattern.text, model)) return pattern.route;
  if (const auto it = engine_models_.find(model); it != engine_models_.end()) return it->second.route;
  if (auto route = find_place(model)) return route;
  return unknown(model);
}

std::shared_ptr<const std::vector<std::string>> Table::providers_of_project(std::string_view project) const {
  const auto it = projects_.find(project);
  return it == projects_.end() ? nullptr : it->second;
}

Result<std::string> Table::canonical(std::string_view model) const {
  auto route = resolve(model);
  if (!route) return pass(route);
  return (*route)->name;
}

namespace {
Explained explained(std::string name, std::string why, const Route& route) {
  Explained line{.name = std::move(name), .why = std::move(why), .strategy = std::string(to_string(route.strategy)), .away = route.away};
  for (const Target& target : route.targets) line.targets.push_back(target.name);
  for (const Rule& rule : route.rules) line.targets.push_back(rule.text);
  if (!route.rules.empty()) line.strategy = "rules";
  if (priced(route)) line.price = route.targets.front().price;
  const auto engine = [](const Target& target) { return target.kind == TargetKind::engine; };
  line.local = !line.targets.empty() && std::all_of(route.targets.begin(), route.targets.end(), engine);
  line.context_tokens = smallest_context(route);
  line.apis = apis_of(route);
  return line;
}
}  // namespace

Result<Explained> Table::explain(std::string_view name) const {
  for (Explained& line : explain())
    if (line.name == name) return std::move(line);
  const auto route = resolve(name);
  if (!route) return Failure(route.error());
  return explained(std::string(name), "called by its whole name", **route);
}

std::vector<Explained> Table::explain() const {
  std::vector<Explained> lines;
  const auto add = [&](const std::string& name, const Named& named) { lines.push_back(explained(name, named.why, *named.route)); };
  for (const auto& [name, named] : exact_) add(name, named);
  for (const auto& [name, named] : engine_models_)
    if (!exact_.contains(name)) add(name, named);
  for (const Pattern& pattern : patterns_) add(pattern.text, {pattern.route, "alias of " + pattern.route->name});
  std::sort(lines.begin(), lines.end(), [](const Explained& a, const Explained& b) { return a.name < b.name; });
  return lines;
}

json::object Explained::to_json() const {
  json::object o;
  o["name"] = name;
  o["why"] = why;
  o["strategy"] = strategy;
  o["targets"] = json::array(targets.begin(), targets.end());
  o["away"] = json::array(away.begin(), away.end());
  return o;
}

}  // namespace flotte::route
