// From the catalog, corrected by what the provider says.
#include "route/general_model.hpp"

#include <algorithm>

#include "route/catalog.hpp"
#include "route/vendors.hpp"

namespace flotte::route {
namespace {

const Vendor* vendor_of(const ProviderSpec& provider) {
  if (const Vendor* named = find_vendor(provider.name)) return named;
  for (const Vendor& vendor : vendors())
    if (vendor.base_url == provider.base_url) return &vendor;
  return nullptr;
}

/// No conversations: names that all servers use for such models.
bool is_silent(std::string_view model) {
  for (const std::string_view part : {"embed", "rerank", "whisper", "tts", "moderation", "dall-e", "bge-", "minilm"})
    if (model.find(part) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::string plan_general_model(const RouteConfig& config, const ProviderSpec& provider, std::string_view role) {
  if (!provider.general_model.empty()) return provider.general_model;
  const Catalog& catalog = config.catalog ? *config.catalog : Catalog::built_in();
  const CatalogModel* known = catalog.general(provider.name, role);
  const Vendor* vendor = vendor_of(provider);
  if (!known && vendor) known = catalog.general(vendor->name, role);
  const std::string model = known ? known->model : std::string();
  const auto offered = config.offered.find(provider.name);
  if (offered == config.offered.end() || offered->second.empty()) return model;
  const auto& has = offered->second;
  if (std::find(has.begin(), has.end(), model) != has.end()) return model;
  const auto speaks = std::find_if(has.begin(), has.end(), [](const std::string& name) { return !is_silent(name); });
  return speaks == has.end() ? model : *speaks;
}

bool has_own_address(const ProviderSpec& provider) {
  return std::none_of(vendors().begin(), vendors().end(), [&](const Vendor& vendor) { return vendor.base_url == provider.base_url; });
}

}  // namespace flotte::route
