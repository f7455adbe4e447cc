// Finding models in the catalog; reading it is in catalog_file.cpp.
#include "route/catalog.hpp"

#include <algorithm>
#include <filesystem>

#include "base/assert.hpp"
#include "base/file.hpp"
#include "route/table.hpp"

namespace flotte::route {
namespace {

/// "-2025-08-07", "-20251001", "-latest": what vendors put behind a name for a snapshot of it. "-5" or "-mini" is another model.
bool is_snapshot(std::string_view rest) {
  if (rest == "-latest") return true;
  if (rest.size() < 5 || rest.front() != '-') return false;
  return std::count_if(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; }) >= 4 &&
         rest.find_first_not_of("-0123456789") == std::string_view::npos;
}

/// How well a name fits: 0 not at all, else longer names better, and of two as long the exact one.
std::size_t fit(std::string_view name, std::string_view model) {
  if (name == model) return 4 * name.size() + 3;
  if (name.find('*') != std::string_view::npos) return matches_pattern(name, model) ? 4 * name.size() + 1 : 0;
  return model.starts_with(name) && is_snapshot(model.substr(name.size())) ? 4 * name.size() + 2 : 0;
}

}  // namespace

const CatalogModel* Catalog::find(std::string_view vendor, std::string_view model) const {
  if (model.starts_with("models/")) model.remove_prefix(7);  // as Gemini lists them
  const CatalogModel* best = nullptr;
  std::size_t best_fit = 0;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    if (i == own_ && best) return best;
    const CatalogModel& known = models_[i];
    if (known.vendor != vendor) continue;
    std::size_t fits = fit(known.model, model);
    for (const std::string& alias : known.aliases) fits = std::max(fits, fit(alias, model));
    if (fits > best_fit) {
      best_fit = fits;
      best = &known;
    }
  }
  return best;
}

const CatalogModel* Catalog::general(std::string_view vendor, std::string_view role) const {
  for (const CatalogModel& known : models_)
    if (known.vendor == vendor && known.role == role && known.model.find('*') == std::string::npos) return &known;
  return nullptr;
}

const Catalog& Catalog::built_in() {
  static const Catalog catalog = [] {
    auto parsed = parse(models_toml(), "api/models.toml");
    FLOTTE_ASSERT(parsed.has_value());  // a test reads the same text
    return std::move(*parsed);
  }();
  return catalog;
}

Result<std::shared_ptr<const Catalog>> Catalog::load(const std::string& path) {
  const Catalog& known = built_in();
  auto text = read_file(path, 4 * 1024 * 1024);
  if (!text && text.error().code != Code::not_found) return pass(text);
  if (!text) return std::make_shared<const Catalog>(known);
  auto own = parse(*text, std::filesystem::path(path).filename().string());
  if (!own) return pass(own);
  own->own_ = own->models_.size();
  own->date_ = known.date_;
  own->models_.insert(own->models_.end(), known.models_.begin(), known.models_.end());
  return std::make_shared<const Catalog>(std::move(*own));
}

std::string Catalog::path_beside(const std::string& config_file) {
  return (std::filesystem::path(config_file).parent_path() / "models.toml").string();
}

}  // namespace flotte::route
