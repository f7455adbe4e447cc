// Which model of a provider stands behind `default`, `smart` and `fast`. Pure.
#pragma once
#include <string>
#include <string_view>

#include "route/config.hpp"

namespace flotte::route {

/// `role`: "smart" or "fast". Empty: nothing is known of this provider. The provider's own answer, where there is one (`offered`), comes
/// before what the catalog says of its vendor.
std::string plan_general_model(const RouteConfig& config, const ProviderSpec& provider, std::string_view role);

/// Whether the provider is reached at another address than its vendor's: somebody's own server, whose models nobody can know beforehand.
bool has_own_address(const ProviderSpec& provider);

}  // namespace flotte::route
