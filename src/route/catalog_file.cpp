// Reads a table of models (TOML). Every mistake is told, with its line.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "base/money.hpp"
#include "base/nearest.hpp"
#include "base/toml.hpp"
#include "route/catalog.hpp"

namespace flotte::route {
namespace {

constexpr std::int64_t million = 1'000'000;
const std::vector<std::string_view> known_keys = {"vendor",
                                                  "model",
                                                  "aliases",
                                                  "role",
                                                  "context_tokens",
                                                  "input",
                                                  "cached_input",
                                                  "cache_write",
                                                  "cache_write_1h",
                                                  "output",
                                                  "long_over",
                                                  "long_input",
                                                  "long_cached_input",
                                                  "long_cache_write",
                                                  "long_cache_write_1h",
                                                  "long_output",
                                                  "batch_input",
                                                  "batch_cached_input",
                                                  "batch_cache_write",
                                                  "batch_cache_write_1h",
                                                  "batch_output"};
const std::vector<std::string_view> known_roles = {"smart", "fast", "embedding"};

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  void read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (key.str() == "date" && node.is_string())
        date = *node.value<std::string>();
      else if (key.str() == "model" && node.is_array())
        for (const toml::node& entry : *node.as_array()) read_entry(entry);
      else
        wrong(node, fmt::format("\"{}\" has no place here: write date = \"2026-11-21\" and [[model]] tables", key.str()));
    }
  }

  std::string date;
  std::vector<CatalogModel> models;
  std::vector<std::string> mistakes;

 private:
  void wrong(const toml::node& node, std::string_view what) {
    mistakes.push_back(fmt::format("{}:{}: {}", file_, node.source().begin.line, what));
  }

  std::string text(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (!node) return {};
    if (node->is_string()) return *node->value<std::string>();
    wrong(*node, fmt::format("{} must be a string", key));
    return {};
  }

  std::int64_t count(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (!node) return 0;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value > 0) return *value;
    wrong(*node, fmt::format("{} must be a whole number above 0", key));
    return 0;
  }

  /// Dollars per million tokens as trillionths of a dollar per token.
  std::optional<std::int64_t> rate(const toml::table& table, const std::string& key) {
    const toml::node* node = table.get(key);
    if (!node) return std::nullopt;
    const auto usd = node->is_string() ? parse_usd(*node->value<std::string>()) : std::nullopt;
    if (usd && *usd >= 0 && *usd % million == 0) return *usd / million;
    wrong(*node, fmt::format("{} must be dollars per million tokens as a string with at most six decimals, such as \"0.25\"", key));
    return 0;
  }

  /// All of "input" and "output", or none. What has no price of its own, of cached input and of writing to a cache, is input.
  std::optional<Price::Rates> rates(const toml::table& table, const std::string& prefix) {
    const auto input = rate(table, prefix + "input"), output = rate(table, prefix + "output");
    const auto cached = rate(table, prefix + "cached_input");
    const auto write = rate(table, prefix + "cache_write"), write_1h = rate(table, prefix + "cache_write_1h");
    if (input && output) return Price::Rates{*input, cached.value_or(*input), *output, write.value_or(-1), write_1h.value_or(-1)};
    if (input || output || cached || write || write_1h) wrong(table, fmt::format("a price needs both {0}input and {0}output", prefix));
    return std::nullopt;
  }

  void read_price(const toml::table& table, CatalogModel& model) {
    const auto rates_here = rates(table, "");
    const auto rates_long = rates(table, "long_");
    const auto rates_batch = rates(table, "batch_");
    if (rates_batch && !rates_here) wrong(table, "a price for batches needs input and output beside it");
    const std::int64_t over = count(table, "long_over");
    if ((over > 0) != rates_long.has_value() || (over > 0 && !rates_here))
      wrong(table, "a price for long calls needs long_over, long_input and long_output, beside input and output");
    if (!rates_here) return;
    model.price = Price{*rates_here, rates_long ? over : 0, rates_long.value_or(Price::Rates{}), rates_batch};
  }

  void read_entry(const toml::node& node) {
    const toml::table* table = node.as_table();
    if (!table) return wrong(node, "a model is a table: [[model]]");
    for (const auto& [key, value] : *table) {
      if (std::find(known_keys.begin(), known_keys.end(), key.str()) != known_keys.end()) continue;
      const auto nearest = find_nearest(key.str(), known_keys);
      wrong(value, fmt::format("a model has no \"{}\"{}", key.str(), nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
    }
    CatalogModel model;
    model.vendor = text(*table, "vendor");
    model.model = text(*table, "model");
    model.role = text(*table, "role");
    model.context_tokens = count(*table, "context_tokens");
    model.origin = fmt::format("{}:{}", file_, table->source().begin.line);
    if (const toml::node* aliases = table->get("aliases")) read_aliases(*aliases, model);
    read_price(*table, model);
    if (model.vendor.empty() || model.model.empty()) wrong(*table, "a model needs vendor and model");
    if (!model.role.empty() && std::find(known_roles.begin(), known_roles.end(), model.role) == known_roles.end())
      wrong(*table->get("role"), fmt::format("role = \"{}\" must be one of {}", model.role, fmt::join(known_roles, ", ")));
    if (!seen_.insert(model.vendor + "/" + model.model).second)
      wrong(*table, fmt::format("{} of {} stands here twice", model.model, model.vendor));
    models.push_back(std::move(model));
  }

  void read_aliases(const toml::node& node, CatalogModel& model) {
    const toml::array* list = node.as_array();
    if (!list) return wrong(node, "aliases must be an array of strings");
    for (const toml::node& alias : *list) {
      if (alias.is_string())
        model.aliases.push_back(*alias.value<std::string>());
      else
        wrong(alias, "aliases must be an array of strings");
    }
  }

  std::string_view file_;
  std::set<std::string> seen_;
};

}  // namespace

Result<Catalog> Catalog::parse(std::string_view text, std::string_view file_name) {
  if (auto checked = check_toml_characters(text, file_name); !checked) return pass(checked);
  Reader reader(file_name);
  try {
    reader.read(toml::parse(text));
  } catch (const toml::parse_error& e) {
    return fail(Code::invalid_argument, fmt::format("{}:{}: {}", file_name, e.source().begin.line, e.description()));
  }
  if (!reader.mistakes.empty()) return fail(Code::invalid_argument, fmt::format("{}", fmt::join(reader.mistakes, "\n")));
  Catalog catalog;
  catalog.date_ = std::move(reader.date);
  catalog.models_ = std::move(reader.models);
  return catalog;
}

}  // namespace flotte::route
